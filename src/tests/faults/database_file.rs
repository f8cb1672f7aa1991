//! A database whose file or folder is not writable, or was moved.

use super::{
    compare, fixture::FaultFixture, history::Outcome, load::Load, lock::reads_are_served, work,
};
use crate::server::process::DataDir;
use std::{
    fs::{Permissions, rename, set_permissions},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::{Command, Output},
};

#[test]
fn moved_database_rejects_writes_until_restored() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    let (shop, mut load) = (FaultFixture::open(&home, &server), Load::new(21));
    let (file, elsewhere) = (home.path().join("belfry.db"), home.path().join("elsewhere.db"));
    work(&mut load, &shop, &server, 60, || {
        // Connections for reports are opened when they are first needed, which this is.
        reads_are_served(&server, &shop);
        let since = shop.history.len();
        rename(&file, &elsewhere).unwrap();
        shop.history.wait(since, 20, |operation| operation.outcome == Outcome::Rejected(507));
        reads_are_served(&server, &shop);
        assert!(
            server.log().contains("was deleted or replaced while it was open"),
            "{}",
            server.log()
        );
        rename(&elsewhere, &file).unwrap();
        shop.history.wait(shop.history.len(), 60, |operation| operation.done().is_some());
    });
    assert_eq!(server.get("/readyz", &[]).status, 200);
    compare(&home, &server, &shop, &mut load, &[409, 429, 503, 507]);
}

/// Runs a command as a user other than root, for whom permissions don't apply.
fn as_somebody(command: &mut Command) -> &mut Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if is_root { command.uid(65_534).gid(65_534) } else { command }
}

fn permit(home: &Path, folder: u32, file: u32) {
    set_permissions(home.join("belfry.db"), Permissions::from_mode(file)).unwrap();
    set_permissions(home, Permissions::from_mode(folder)).unwrap();
}

fn list(home: &DataDir) -> Output {
    as_somebody(&mut home.belfry(&["site", "list"])).output().unwrap()
}

#[test]
fn read_only_folder_is_reported_and_unchanged() {
    let home = DataDir::new();
    home.site();
    let owner = as_somebody(&mut Command::new("id")).arg("-u").output().unwrap();
    let owner = String::from_utf8(owner.stdout).unwrap().trim().to_owned();
    assert!(
        Command::new("chown").args(["-R", &owner]).arg(home.path()).status().unwrap().success()
    );
    for (folder, file) in [(0o500, 0o600), (0o700, 0o400), (0o500, 0o400)] {
        permit(home.path(), folder, file);
        let before = std::fs::read(home.path().join("belfry.db")).unwrap();
        let mut serve = home.belfry(&["serve", "--listen", "127.0.0.1:0"]);
        let refused = as_somebody(&mut serve).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{folder:o} {file:o}: {said}");
        assert!(
            said.contains("can't open the database") && said.contains("belfry.db"),
            "{folder:o} {file:o}: {said}"
        );
        assert!(
            said.contains("read-only") || said.contains("ermission denied"),
            "{folder:o} {file:o}: {said}"
        );
        permit(home.path(), 0o700, 0o600);
        assert_eq!(std::fs::read(home.path().join("belfry.db")).unwrap(), before);
        let listed = list(&home);
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    }
}
