//! d

/// Where the demo runs.
pub struct Options {
    /// Belfry itself.
    pub listen: std::net::SocketAddr,
    /// The shop.
    pub shop_listen: std::net::SocketAddr,
    /// The database, if not the demo's own.
    pub database_url: Option<String>,
}

/// Runs until told to stop.
pub async fn run(_options: Options) -> Result<(), crate::server::StartError> {
    Ok(())
}
