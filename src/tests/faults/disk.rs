//! A full disk, or one that rejects writes: writes fail, reads are served, and the server recovers
//! by itself.

use super::{
    compare, fixture::FaultFixture, history::Outcome, load::Load, lock::reads_are_served, work,
};
use crate::server::process::{DataDir, Server};
use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
    process::Command,
};

/// Breaks the disk under a load, checks the failures, and repairs it.
fn writes_fail_for_a_while(
    home: &DataDir,
    server: &Server,
    seed: u64,
    hurt: impl FnOnce(),
    heal: impl FnOnce(),
) {
    let (shop, mut load) = (FaultFixture::open(home, server), Load::new(seed));
    work(&mut load, &shop, server, 60, || {
        let since = shop.history.len();
        hurt();
        shop.history.wait(since, 20, |operation| operation.outcome == Outcome::Rejected(507));
        reads_are_served(server, &shop);
        let refused = shop.publish(server.address, "refused").unwrap();
        assert_eq!(refused.status, 507);
        assert_eq!(
            refused.json()["message"],
            "the database can't be written at the moment; reading still works"
        );
        heal();
        shop.history.wait(shop.history.len(), 60, |operation| operation.done().is_some());
    });
    assert_eq!(server.get("/readyz", &[]).status, 200);
    // Readers' browsers get a status to retry, without the cause.
    compare(home, server, &shop, &mut load, &[409, 429, 503, 507]);
}

#[test]
fn writes_fail_while_the_file_size_is_limited() {
    let home = DataDir::new();
    // Exceeding the limit also raises a signal, which the server must ignore.
    let server = home.serve_after("trap '' XFSZ", &[]);
    let process = i32::try_from(server.child.id()).unwrap();
    let limit = |bytes: u64| {
        rlimit::prlimit(process, rlimit::Resource::FSIZE, Some((bytes, rlimit::INFINITY)), None)
            .unwrap();
    };
    writes_fail_for_a_while(&home, &server, 11, || limit(0), || limit(rlimit::INFINITY));
}

/// Size of a disk that fills quickly.
const DISK_SIZE: &str = "24m";

/// Runs a test of this program again with the temporary folder on a disk of its own. Only root may
/// mount one, or a user who may create a namespace; otherwise the test is skipped.
fn on_a_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let unshare = |arguments: &[&str]| Command::new("unshare").args(arguments).output();
    let Some(namespace) = ["-m", "-Urm"].into_iter().find(|namespace| {
        unshare(&[namespace, "true"]).is_ok_and(|output| output.status.success())
    }) else {
        eprintln!("not tried: no disk of its own can be mounted here");
        return;
    };
    let mount =
        format!("mount -t tmpfs -o size={DISK_SIZE} belfry \"$TMPDIR\" && exec \"$0\" \"$@\"");
    let output = Command::new("unshare")
        .args([namespace, "/bin/sh", "-c", &mount])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Writes until the disk is full.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    loop {
        match file.write_all(&[0; 512]) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn server_recovers_from_a_full_disk() {
    on_a_small_disk("faults::disk::within_a_small_disk");
}

#[test]
#[ignore = "needs a small disk of its own: run by the test above"]
fn within_a_small_disk() {
    let home = DataDir::new();
    let mut server = home.serve(&[]);
    let ballast = home.path().join("ballast");
    writes_fail_for_a_while(
        &home,
        &server,
        12,
        || fill(&ballast),
        || std::fs::remove_file(&ballast).unwrap(),
    );

    // A process that starts on a full disk serves the existing data.
    let shop = FaultFixture::open(&home, &server);
    assert_eq!(shop.publish(server.address, "before").unwrap().status, 201);
    for signal in ["KILL", "TERM"] {
        fill(&ballast);
        server.signal(signal);
        server.child.wait().unwrap();
        server = home.serve(&[]);
        reads_are_served(&server, &shop);
        std::fs::remove_file(&ballast).unwrap();
        assert_eq!(shop.publish(server.address, signal).unwrap().status, 201);
    }
}
