//! The sizes of a browser's downloads, as served.

use super::{serve, with_key};
use crate::{
    Outcome,
    client::{self, Answer, Call},
    fixtures::Fixture,
    report::{Table, kilobytes},
    server::{Process, belfry},
};
use std::collections::BTreeSet;

pub async fn measure(stock: &Fixture, table: &mut Table) -> Outcome<()> {
    eprintln!("== sizes");
    let server = serve(stock, table).await?;
    let loader =
        compressed(&server, Call::get(format!("/scripts/{}.js", stock.site))).await?.body.len();
    table.size(
        "loader, brotli",
        loader,
        3_000,
        "8.3 kB: the lightest iframe loader measured (Chatwoot)",
    );

    let call = with_key(
        Call::post(
            "/v1/auth/contact/token",
            "application/json",
            r#"{"externalCustomerId":"c00000001"}"#,
        ),
        stock,
    );
    let answer = client::send(server.address, &call).await?.expect(200)?;
    let token: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let token = token.get("token").and_then(serde_json::Value::as_str).ok_or("no token")?;
    let embed = || {
        Call::post(
            format!("/embed/{}", stock.site),
            "application/x-www-form-urlencoded",
            format!("token={token}&language=en"),
        )
        .header("origin", "https://shop.example")
    };
    let document = compressed(&server, embed()).await?;
    let plain = client::send(server.address, &embed()).await?.expect(200)?;
    let listed = plain.text()?.matches("<li").count();
    let name = format!("before bell, count and {listed} messages show: 2 requests");
    let reference = format!(
        "35 kB: the lightest complete inbox measured (Courier); document {} as {}, {} plain",
        kilobytes(document.body.len()),
        encoding(&document),
        kilobytes(plain.body.len())
    );
    table.size(&name, loader + document.body.len(), 12_000, &reference);
    later(&server, plain.text()?, table).await?;
    table.information(
        "release binary, everything embedded",
        kilobytes(usize::try_from(std::fs::metadata(belfry())?.len())?),
        "",
    );
    Ok(())
}

/// The browser build, which is loaded when the browser is idle.
async fn later(server: &Process, document: &str, table: &mut Table) -> Outcome<()> {
    let files: BTreeSet<&str> = document
        .match_indices("/pkg/")
        .filter_map(|(at, _)| document.get(at..)?.split(['"', '\'', ' ', '<']).next())
        .collect();
    if files.is_empty() {
        table.information(
            "wasm and all JavaScript, brotli",
            "absent",
            "this binary was built without the browser build: make build",
        );
        return Ok(());
    }
    let mut bytes = 0;
    for file in files.iter().filter(|file| file.rsplit('.').next() != Some("css")) {
        bytes += compressed(server, Call::get(*file)).await?.body.len();
    }
    table.size("wasm and all JavaScript, brotli", bytes, 60_000, "41 kB: an empty Leptos island");
    Ok(())
}

async fn compressed(server: &Process, call: Call) -> Outcome<Answer> {
    client::send(server.address, &call.header("accept-encoding", "gzip, deflate, br, zstd"))
        .await?
        .expect(200)
}

fn encoding(answer: &Answer) -> &str {
    answer.headers.get("content-encoding").and_then(|value| value.to_str().ok()).unwrap_or("plain")
}
