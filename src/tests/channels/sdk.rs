//! The socket of the Inbox SDK, over real connections to a real server.

mod agent_conversations;
pub mod agents;
mod auth;
mod bot;
mod chats;
pub mod client;
mod conversation;
pub mod customers;
mod frames;
mod inbox;
mod limits;
mod longpoll;
mod model;
