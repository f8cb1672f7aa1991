//! Door 2, as site backends meet it: one file per noun, and what holds for all routes.

mod contact;
mod contacts;
mod imports;
mod limits;
mod message;
mod publish;
mod refusals;
mod registration;
mod tenants;
mod themes;
mod token;
