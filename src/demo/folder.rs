//! Default location of the demo's database: outside the working directory, and not accessible to
//! other users.

use super::DemoError;
use std::{
    fs, io, os::unix::fs::DirBuilderExt as _, os::unix::fs::PermissionsExt as _, path::Path,
};

/// URL of a database in a private folder, one per port, so that two demos don't conflict.
pub fn database_url(port: u16) -> Result<String, DemoError> {
    let folder = std::env::temp_dir().join(format!("belfry-demo-{port}"));
    make_private(&folder).map_err(|error| DemoError::Folder(folder.clone(), error))?;
    Ok(format!("sqlite://{}", folder.join("belfry.db").display()))
}

/// The temporary folder is shared: an existing entry with this name may belong to another user.
fn make_private(folder: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    if !fs::symlink_metadata(folder)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is there, and not a folder"));
    }
    // Only the owner may do this, so it also proves that the folder is ours.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_private_and_symlink_is_rejected() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("demo");
        for _ in 0..2 {
            make_private(&folder).unwrap();
            assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(make_private(&link).is_err());
    }
}
