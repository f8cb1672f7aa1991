//! Reads a command's JSON input from a file or from standard input.

use super::Failure;
use clap::Args;
use std::{
    fs::File,
    io::{Read, stdin},
    path::{Path, PathBuf},
};

/// Maximum input size; the same as over HTTP.
const LIMIT: usize = 64 * 1024;

/// Source of the JSON.
#[derive(Args)]
pub(super) struct Source {
    /// File with the JSON; standard input if it is `-` or not given
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Source {
    /// Reads the whole input.
    pub(super) fn read(&self) -> Result<Vec<u8>, Failure> {
        match self.file.as_deref().filter(|path| *path != Path::new("-")) {
            None => limited(stdin().lock(), "standard input"),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| Failure::invalid(format!("--file: {name} can't be opened: {error}")))?;
                limited(file, &name)
            }
        }
    }
}

fn limited(source: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    source.take(most).read_to_end(&mut bytes).map_err(|error| Failure::failed(format!("{name} can't be read: {error}")))?;
    if bytes.len() > LIMIT { Err(Failure::invalid(format!("{name} has more than {LIMIT} bytes"))) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_bounded() {
        assert_eq!(limited(vec![b' '; LIMIT].as_slice(), "x").unwrap().len(), LIMIT);
        assert!(limited(vec![b' '; LIMIT + 1].as_slice(), "x").is_err());
    }
}
