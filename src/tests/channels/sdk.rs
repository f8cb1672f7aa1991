//! The socket of the Inbox SDK, over real connections to a real server.

pub mod agents;
mod bot;
mod bounds;
mod chats;
pub mod client;
mod conversation;
pub mod customers;
mod entry;
mod frames;
mod inbox;
mod longpoll;
mod model;
mod starts;
