//! The socket of the Inbox SDK, over real connections to a real server.

mod bounds;
mod client;
mod entry;
mod frames;
mod longpoll;
