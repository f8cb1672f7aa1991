//! stub
/// o
pub struct SqliteOptions;
/// s
pub struct SqliteStore;
