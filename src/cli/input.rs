//! Reads a command's JSON input from a file or from standard input.

use super::Failure;
use clap::Args;
use std::{
    fs::File,
    io::{Read, stdin},
    path::{Path, PathBuf},
};

/// Maximum input size; the same as over HTTP.
const MAX_INPUT_BYTES: usize = 64 * 1024;

/// Source of the JSON.
#[derive(Args)]
pub(super) struct JsonSource {
    /// File with the JSON; standard input if it is `-` or not given
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl JsonSource {
    /// Reads the whole input.
    pub(super) fn read(&self) -> Result<Vec<u8>, Failure> {
        match self.file.as_deref().filter(|path| *path != Path::new("-")) {
            None => read_limited(stdin().lock(), "standard input"),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| {
                    Failure::invalid(format!("--file: {name} can't be opened: {error}"))
                })?;
                read_limited(file, &name)
            }
        }
    }
}

fn read_limited(source: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let max = u64::try_from(MAX_INPUT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    source
        .take(max)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::failed(format!("{name} can't be read: {error}")))?;
    if bytes.len() > MAX_INPUT_BYTES {
        Err(Failure::invalid(format!("{name} has more than {MAX_INPUT_BYTES} bytes")))
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_bounded() {
        assert_eq!(
            read_limited(vec![b' '; MAX_INPUT_BYTES].as_slice(), "x").unwrap().len(),
            MAX_INPUT_BYTES
        );
        assert!(read_limited(vec![b' '; MAX_INPUT_BYTES + 1].as_slice(), "x").is_err());
    }
}
