//! A receiver of webhooks that takes its time.

use crate::Outcome;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Before it answers.
const DELAY: Duration = Duration::from_secs(2);

/// Starts it on a port of this machine; it runs as long as this process.
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
    // What a request says is of no interest, only that one came.
    while let Ok(1..) = stream.read(&mut buffer).await {
        tokio::time::sleep(DELAY).await;
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.is_err() {
            return;
        }
    }
}
