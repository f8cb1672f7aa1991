//! Creates the database file with mode 0600: its content (secrets, all readers' data) is for the
//! process's own user. `SQLite` gives the WAL and the shared-memory file the mode of the database
//! file, so it is created here before `SQLite` would create it with the default mode.
//!
//! Must not depend on what the file contains.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Creates the file if it is missing. Fails if it can't be written.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Logs which of the files other users can access. They were created by something else, possibly on
/// purpose, so their mode is left as it is.
pub(crate) fn warn_if_accessible(path: &Path) {
    for (file, mode) in accessible_files(path) {
        let file = file.display();
        tracing::warn!(
            "{file} has mode {mode:o}: other users of this machine may be able to read secrets and contacts in it; run `chmod 600 {file}`"
        );
    }
}

/// The database file, the WAL and the shared-memory file, as far as they exist and other users can
/// access them.
fn accessible_files(path: &Path) -> Vec<(PathBuf, u32)> {
    let beside = |end: &str| {
        let mut name = OsString::from(path);
        name.push(end);
        PathBuf::from(name)
    };
    let mode = |file: PathBuf| {
        fs::metadata(&file).ok().map(|found| (file, found.permissions().mode() & 0o777))
    };
    ["", "-wal", "-shm"]
        .into_iter()
        .filter_map(|end| mode(beside(end)))
        .filter(|(_, mode)| mode & 0o077 != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn new_file_is_private_and_existing_mode_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        create(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert!(accessible_files(&path).is_empty());

        fs::write(&path, "content").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        create(&path).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap().as_slice(), mode(&path)),
            (b"content".as_slice(), 0o640)
        );
        assert_eq!(accessible_files(&path), [(path.clone(), 0o640)]);

        // The target of a symbolic link is created with mode 0600 as well.
        let (link, target) = (folder.path().join("link.db"), folder.path().join("target.db"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        create(&link).unwrap();
        assert_eq!(mode(&target), 0o600);
    }

    #[test]
    fn wal_and_shared_memory_modes_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        create(&path).unwrap();
        let log = folder.path().join("a.db-wal");
        fs::write(&log, "").unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o604)).unwrap();
        assert_eq!(accessible_files(&path), [(log, 0o604)]);
    }
}
