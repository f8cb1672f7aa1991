//! Door 2, as site backends meet it: one file per noun, and what holds for all routes.

mod contact;
mod description;
mod device;
mod images;
mod limits;
mod message;
mod publish;
mod refusals;
mod sent;
mod tenants;
mod themes;
mod token;
