//! The file's mode: what is in it (secrets, all readers' data) is for the process's own user alone. `SQLite` gives its log and its index
//! the mode that the file has, so the file is made here, before `SQLite` would make it with the usual one.
//!
//! Must not know what the file holds.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Makes the file when it is missing; fails when it can't be written.
pub(super) fn create(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Says in the log which of the files may be used by others. They were made by somebody else, who may have meant it.
pub(super) fn warn_of_readers(path: &Path) {
    for (file, mode) in open_to_others(path) {
        let file = file.display();
        tracing::warn!(
            "{file} has mode {mode:o}: other users of this machine may be able to read secrets and contacts in it; run `chmod 600 {file}`"
        );
    }
}

/// The file, its log and its index, as far as they are there and their mode lets others in.
fn open_to_others(path: &Path) -> Vec<(PathBuf, u32)> {
    let beside = |end: &str| {
        let mut name = OsString::from(path);
        name.push(end);
        PathBuf::from(name)
    };
    let mode = |file: PathBuf| fs::metadata(&file).ok().map(|found| (file, found.permissions().mode() & 0o777));
    ["", "-wal", "-shm"].into_iter().filter_map(|end| mode(beside(end))).filter(|(_, mode)| mode & 0o077 != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn missing_file_is_made_private_and_an_existing_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        create(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert!(open_to_others(&path).is_empty());

        fs::write(&path, "content").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        create(&path).unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), mode(&path)), (b"content".as_slice(), 0o640));
        assert_eq!(open_to_others(&path), [(path.clone(), 0o640)]);

        // The target of a link is made private as well.
        let (link, target) = (folder.path().join("link.db"), folder.path().join("target.db"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        create(&link).unwrap();
        assert_eq!(mode(&target), 0o600);
    }

    #[test]
    fn log_and_index_are_looked_at_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        create(&path).unwrap();
        let log = folder.path().join("a.db-wal");
        fs::write(&log, "").unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o604)).unwrap();
        assert_eq!(open_to_others(&path), [(log, 0o604)]);
    }
}
