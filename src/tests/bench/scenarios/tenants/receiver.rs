//! A slow webhook receiver.

use crate::Outcome;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Delay before each response.
const DELAY: Duration = Duration::from_secs(2);

/// Starts it on a local port; it runs until the process ends.
pub async fn start() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    Ok(address)
}

async fn answer(mut stream: TcpStream) {
    let mut buffer = [0; 4_096];
    // The content of a request doesn't matter, only its arrival.
    while let Ok(1..) = stream.read(&mut buffer).await {
        tokio::time::sleep(DELAY).await;
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await
            .is_err()
        {
            return;
        }
    }
}
