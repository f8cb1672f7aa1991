//! Door 2, as site backends meet it: one file per noun, and what holds for all routes.

mod contact;
mod limits;
mod message;
mod publish;
mod refusals;
mod segments;
mod tenants;
mod themes;
mod token;
