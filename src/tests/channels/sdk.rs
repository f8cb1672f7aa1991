//! The socket of the Inbox SDK, over real connections to a real server.

mod bot;
mod bounds;
mod chats;
pub mod client;
pub mod customers;
mod entry;
mod frames;
mod longpoll;
