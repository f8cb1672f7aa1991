//! A log that can't be written, as on a full disk or after the program that reads it has exited.

use super::fixture::FaultFixture;
use crate::server::process::DataDir;

#[test]
fn unwritable_log_does_not_stop_the_server() {
    let home = DataDir::new();
    let server = home.serve_after("export RUST_LOG=trace; exec 2>/dev/full", &[]);
    let shop = FaultFixture::open(&home, &server);
    for title in ["one", "two"] {
        assert_eq!(shop.publish(server.address, title).unwrap().status, 201);
    }
    assert_eq!(server.get("/readyz", &[]).status, 200);
    assert_eq!(server.get("/nothing", &[]).status, 404);
}

#[test]
fn unreportable_failure_keeps_its_exit_code() {
    let home = DataDir::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = home
        .belfry(&["site", "list", "--database-url", "belfry.db"])
        .stderr(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}
