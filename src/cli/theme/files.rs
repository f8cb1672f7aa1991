//! Reads theme files, each up to its maximum size.

use crate::cli::Failure;
use belfry_app::ThemeUpload;
use belfry_theme::File;
use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

/// Reads the files of a folder; at least one.
pub(super) fn read_folder(folder: &Path) -> Result<ThemeUpload, Failure> {
    let mut upload = ThemeUpload::default();
    for file in File::ALL {
        let path = folder.join(file.name());
        *upload.file_mut(file) = match fs::File::open(&path) {
            Ok(opened) => Some(read_limited(file, &path, opened)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&path, &error)),
        };
    }
    if upload == ThemeUpload::default() {
        return Err(Failure::invalid(format!(
            "{} has none of bell.svg, card.svg and theme.css",
            folder.display()
        )));
    }
    Ok(upload)
}

/// Reads one file.
pub(super) fn read_file(file: File, path: &Path) -> Result<Vec<u8>, Failure> {
    read_limited(file, path, fs::File::open(path).map_err(|error| unreadable(path, &error))?)
}

fn read_limited(file: File, path: &Path, opened: fs::File) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let max = u64::try_from(file.max_bytes_with_fonts()).unwrap_or(u64::MAX).saturating_add(1);
    opened.take(max).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if let Some(excess) = file.check_size(&bytes) {
        let reason = if excess.is_due_to_fonts {
            ", and its embedded fonts are the reason: export it without fonts"
        } else {
            ""
        };
        return Err(Failure::invalid(format!(
            "{} has more than {} bytes{reason}",
            path.display(),
            excess.max_bytes
        )));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::invalid(format!("{} can't be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_read_up_to_its_limit() {
        let home = tempfile::tempdir().unwrap();
        for file in File::ALL {
            let path = home.path().join(file.name());
            fs::write(&path, vec![b' '; file.max_bytes()]).unwrap();
            assert_eq!(read_file(file, &path).unwrap().len(), file.max_bytes());
            fs::write(&path, vec![b' '; file.max_bytes() + 1]).unwrap();
            assert!(read_file(file, &path).is_err());
            assert!(read_folder(home.path()).is_err());
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn folder_needs_at_least_one_theme_file() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("icon.svg"), "<svg/>").unwrap();
        assert!(read_folder(home.path()).is_err());
        assert!(read_folder(&home.path().join("nowhere")).is_err());
        fs::write(home.path().join("theme.css"), "a{}").unwrap();
        assert_eq!(
            read_folder(home.path()).unwrap(),
            ThemeUpload { css: Some(b"a{}".to_vec()), ..ThemeUpload::default() }
        );
        fs::create_dir(home.path().join("bell.svg")).unwrap();
        assert!(read_folder(home.path()).is_err());
    }
}
