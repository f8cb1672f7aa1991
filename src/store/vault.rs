//! Encryption at rest of secrets whose plaintext is needed: webhook signing secrets, credentials of
//! receivers, TOTP secrets. The key is in a separate file, so that a copy of the database or a
//! backup reveals none of them.
//!
//! An encrypted value is text: `sealed:1:` and the base64url of key id, random nonce and
//! XChaCha20-Poly1305 ciphertext. Its location (kind, site, row) is authenticated as associated
//! data, so that a value cannot be moved to another row.
//!
//! Must not depend on SQL. Called by the backends.

use super::{Result, StoreError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use belfry_domain::{Rng as _, SiteId, SystemRng};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

const PREFIX: &str = "sealed:1:";
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
/// Start of a key line in the key file.
const KEY_LINE: &str = "key:1:";
const HEADER: &str = "# The secret key of a Belfry database. Without it, second factors and webhooks' secrets can't be used.\n\
    # Keep a copy apart from the backups of the database. The first key seals; those after it still open.\n";

/// The location of an encrypted value: its kind, site and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SecretLocation {
    pub(super) kind: &'static str,
    pub(super) site: Option<SiteId>,
    pub(super) row: i64,
}

impl SecretLocation {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes.push(0);
        bytes.push(u8::from(self.site.is_some()));
        bytes.extend_from_slice(self.site.as_ref().map_or(&[0; 16], SiteId::as_bytes));
        bytes.extend_from_slice(&self.row.to_be_bytes());
        bytes
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Key([u8; KEY_BYTES]);

impl Key {
    fn generate() -> Self {
        let mut bytes = [0; KEY_BYTES];
        SystemRng.fill(&mut bytes);
        Self(bytes)
    }

    fn id(&self) -> [u8; KEY_ID_BYTES] {
        let digest = Sha256::new()
            .chain_update(b"id of a belfry secret key\0")
            .chain_update(self.0)
            .finalize();
        let mut id = [0; KEY_ID_BYTES];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        id
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }

    fn derive(&self, purpose: &str) -> DerivedKey {
        let digest = Sha256::new()
            .chain_update(b"derived from a belfry secret key\0")
            .chain_update(self.0)
            .chain_update(purpose)
            .finalize();
        DerivedKey { id: self.id(), key: digest.into() }
    }

    fn to_line(&self) -> String {
        format!("{KEY_LINE}{}\n", URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// A key that another use than the encryption at rest has, with the id of the secret key that it comes
/// from.
pub(super) struct DerivedKey {
    pub(super) id: [u8; KEY_ID_BYTES],
    pub(super) key: [u8; KEY_BYTES],
}

/// The keys of one file, as of the last read.
#[derive(Clone)]
pub(super) struct Vault {
    path: Arc<PathBuf>,
    keys: Arc<RwLock<Vec<Key>>>,
}

fn unusable(path: &Path, reason: impl std::fmt::Display) -> StoreError {
    StoreError::SecretKey { file: path.display().to_string(), reason: reason.to_string() }
}

impl Vault {
    /// Reads the keys of a file; `None` when it does not exist.
    pub(super) fn load(path: &Path) -> Result<Option<Self>> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self {
                path: Arc::new(path.to_owned()),
                keys: Arc::new(RwLock::new(parse(path, &text)?)),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(path, error)),
        }
    }

    /// Creates a file with a new key, readable by its owner only. If another process creates it
    /// concurrently, that one is used.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let result = write_new(path, &[Key::generate()], |draft| fs::hard_link(draft, path));
        match result {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unusable(path, format_args!("it can't be made: {error}"))),
        }
        Self::load(path)?.ok_or_else(|| unusable(path, "it was removed as soon as it was made"))
    }

    /// Encrypts with the first key currently in the file. Called within a transaction of the
    /// writer, so that a key rotation in another process sees everything that was encrypted with
    /// the previous key.
    pub(super) fn encrypt(&self, place: &SecretLocation, secret: &[u8]) -> Result<String> {
        self.reload()?;
        let key =
            self.keys().first().cloned().ok_or_else(|| unusable(&self.path, "it holds no key"))?;
        let mut nonce = [0; NONCE_BYTES];
        SystemRng.fill(&mut nonce);
        let sealed = key
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: &place.bytes() });
        let sealed = sealed.map_err(|_| {
            StoreError::Inconsistent("a secret is too long to be sealed".to_owned())
        })?;
        let mut bytes = Vec::with_capacity(KEY_ID_BYTES + NONCE_BYTES + sealed.len());
        bytes.extend_from_slice(&key.id());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Decrypts to bytes.
    pub(super) fn decrypt(&self, place: &SecretLocation, sealed: &str) -> Result<Vec<u8>> {
        let wrong = || {
            unusable(
                &self.path,
                format_args!("what is sealed as {} can't be opened with its keys", place.kind),
            )
        };
        let bytes = sealed
            .strip_prefix(PREFIX)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .ok_or_else(wrong)?;
        let (id, rest) = bytes.split_first_chunk::<KEY_ID_BYTES>().ok_or_else(wrong)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(wrong)?;
        let find_key = |vault: &Self| vault.keys().iter().find(|key| key.id() == *id).cloned();
        let key = if let Some(key) = find_key(self) {
            key
        } else {
            // Another process may have rotated the key.
            self.reload()?;
            find_key(self).ok_or_else(wrong)?
        };
        key.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &place.bytes() })
            .map_err(|_| wrong())
    }

    /// Decrypts to text.
    pub(super) fn decrypt_text(&self, place: &SecretLocation, sealed: &str) -> Result<String> {
        String::from_utf8(self.decrypt(place, sealed)?)
            .map_err(|_| StoreError::Inconsistent(format!("{} is no text", place.kind)))
    }

    /// Whether the value is encrypted with the first key.
    pub(super) fn is_newest(&self, sealed: &str) -> bool {
        let id = sealed.strip_prefix(PREFIX).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        id.as_deref()
            .and_then(<[u8]>::first_chunk::<KEY_ID_BYTES>)
            .is_some_and(|id| self.keys().first().is_some_and(|key| key.id() == *id))
    }

    /// Adds a new key in front of the existing ones.
    pub(super) fn add_key(&self) -> Result<()> {
        self.reload()?;
        let mut keys = self.keys().clone();
        keys.insert(0, Key::generate());
        self.replace(keys)
    }

    /// Removes all keys but the first.
    pub(super) fn drop_former_keys(&self) -> Result<()> {
        self.reload()?;
        let newest = self.keys().first().cloned().into_iter().collect();
        self.replace(newest)
    }

    /// A key for this purpose out of each one, the newest first.
    pub(super) fn derive_keys(&self, purpose: &str) -> Vec<DerivedKey> {
        self.keys().iter().map(|key| key.derive(purpose)).collect()
    }

    fn replace(&self, keys: Vec<Key>) -> Result<()> {
        write_new(&self.path, &keys, |draft| fs::rename(draft, &*self.path))
            .map_err(|error| unusable(&self.path, error))?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Reads the file again.
    pub(super) fn reload(&self) -> Result<()> {
        let text = fs::read_to_string(&*self.path).map_err(|error| unusable(&self.path, error))?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = parse(&self.path, &text)?;
        Ok(())
    }

    fn keys(&self) -> std::sync::RwLockReadGuard<'_, Vec<Key>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this is an encrypted value.
#[cfg(test)]
pub(super) fn is_sealed(text: &str) -> bool {
    text.starts_with(PREFIX)
}

fn parse(path: &Path, text: &str) -> Result<Vec<Key>> {
    let lines = text
        .lines()
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let keys = lines.map(|(number, line)| {
        let bytes = line.strip_prefix(KEY_LINE).and_then(|key| URL_SAFE_NO_PAD.decode(key).ok());
        let key = bytes.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
        key.map(Key).ok_or_else(|| unusable(path, format_args!("line {} is no key", number + 1)))
    });
    let keys: Vec<Key> = keys.collect::<Result<_>>()?;
    if keys.is_empty() { Err(unusable(path, "it holds no key")) } else { Ok(keys) }
}

/// Writes a temporary file next to the target, syncs it, and moves it into place, so that no reader
/// sees a partial file.
fn write_new(
    path: &Path,
    keys: &[Key],
    put: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut suffix = [0; 8];
    SystemRng.fill(&mut suffix);
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{:016x}.new", u64::from_be_bytes(suffix)));
    let draft = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let text = keys.iter().fold(HEADER.to_owned(), |text, key| text + &key.to_line());
    let put =
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| put(&draft));
    // After a rename the temporary file no longer exists.
    let _ = fs::remove_file(&draft);
    put?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn place(row: i64) -> SecretLocation {
        SecretLocation { kind: "signing secret", site: Some(SiteId::from_bytes([7; 16])), row }
    }

    #[test]
    fn secret_decrypts_only_at_its_location() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("key")).unwrap();
        let sealed = vault.encrypt(&place(1), b"secret").unwrap();
        assert_eq!(vault.decrypt(&place(1), &sealed).unwrap(), b"secret");
        assert!(!sealed.contains("secret:") && is_sealed(&sealed));
        assert_ne!(vault.encrypt(&place(1), b"secret").unwrap(), sealed, "the nonce is random");
        let elsewhere = [
            place(2),
            SecretLocation { kind: "password", ..place(1) },
            SecretLocation { site: Some(SiteId::from_bytes([8; 16])), ..place(1) },
            SecretLocation { site: None, ..place(1) },
        ];
        for elsewhere in elsewhere {
            assert!(vault.decrypt(&elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
    }

    #[test]
    fn modified_ciphertext_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("key")).unwrap();
        let sealed = vault.encrypt(&place(1), b"secret").unwrap();
        for position in PREFIX.len()..sealed.len() - 1 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            assert!(
                vault.decrypt(&place(1), std::str::from_utf8(&bytes).unwrap()).is_err(),
                "{position}"
            );
        }
        for odd in
            ["", "secret", PREFIX, "sealed:1:AAAA", "sealed:2:AAAA", &sealed[..sealed.len() - 1]]
        {
            assert!(vault.decrypt(&place(1), odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn key_file_is_private_and_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(Vault::load(&path).unwrap().is_none());
        let sealed = Vault::create(&path).unwrap().encrypt(&place(1), b"secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // The second process uses the existing key.
        assert_eq!(Vault::create(&path).unwrap().decrypt(&place(1), &sealed).unwrap(), b"secret");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn running_process_follows_a_key_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let running = Vault::create(&path).unwrap();
        let old = running.encrypt(&place(1), b"old").unwrap();
        let other = Vault::load(&path).unwrap().unwrap();
        other.add_key().unwrap();
        assert!(!other.is_newest(&old));
        let new = other.encrypt(&place(1), b"new").unwrap();
        assert_eq!(running.decrypt(&place(1), &new).unwrap(), b"new");
        assert!(running.is_newest(&running.encrypt(&place(1), b"x").unwrap()));
        assert_eq!(other.decrypt(&place(1), &old).unwrap(), b"old");
        other.drop_former_keys().unwrap();
        assert!(Vault::load(&path).unwrap().unwrap().decrypt(&place(1), &old).is_err());
        assert_eq!(Vault::load(&path).unwrap().unwrap().decrypt(&place(1), &new).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn unusable_key_file_is_reported_with_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for (text, reason) in [
            ("", "holds no key"),
            ("# nothing\n", "holds no key"),
            ("# a\nkey:1:AAAA\n", "line 2"),
            ("whatever", "line 1"),
        ] {
            fs::write(&path, text).unwrap();
            let error = Vault::load(&path).err().unwrap().to_string();
            assert!(
                error.contains(reason) && error.contains(&path.display().to_string()),
                "{error}"
            );
        }
    }
}
