//! How a packet travels over a NATS server: encrypted, with its sender and number, so that what anybody
//! else publishes there is recognized, and a packet cannot be read there. The key is derived from the
//! secret key, which all processes share, and from the identity of the database. Must not depend on
//! what is in a packet.

use crate::{
    postgres::ProcessNumber,
    vault::{DerivedKey, Vault},
};
use belfry_domain::{Rng as _, SystemRng};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::time::Instant;

/// The first byte of a packet. Also authenticated.
const FORMAT: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
/// Sender and number, each an integer.
const HEAD_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// What a packet is longer than its body.
pub(super) const OVERHEAD: usize = 1 + KEY_ID_BYTES + NONCE_BYTES + HEAD_BYTES + TAG_BYTES;
/// How often the file with the secret key is read again.
const READ_EVERY: Duration = Duration::from_secs(30);
/// The same when a packet has an unknown key.
const READ_UNKNOWN_EVERY: Duration = Duration::from_secs(1);

/// A packet of a process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) sender: ProcessNumber,
    pub(super) number: i64,
    pub(super) body: Vec<u8>,
}

/// The keys of the packets.
pub(super) struct Seal {
    vault: Vault,
    database: String,
    /// The newest one first. Former ones are kept: another process may not know of a rotation yet.
    keys: Vec<DerivedKey>,
    read_at: Instant,
}

impl Seal {
    /// The keys of the processes on this database.
    pub(super) fn new(vault: Vault, database: String) -> Self {
        let mut seal = Self { vault, database, keys: Vec::new(), read_at: Instant::now() };
        seal.take_keys();
        seal
    }

    /// The subject of the packets. Those of another database have another one.
    pub(super) fn subject(&self) -> String {
        let digest = Sha256::new()
            .chain_update(b"belfry bus subject\0")
            .chain_update(&self.database)
            .finalize();
        let id: String = hex::encode(digest).chars().take(16).collect();
        format!("belfry.{id}")
    }

    /// Reads the secret key again, if that was some time ago.
    pub(super) fn refresh(&mut self) {
        self.read_again(READ_EVERY);
    }

    fn read_again(&mut self, pause: Duration) {
        if self.read_at.elapsed() >= pause {
            self.read_at = Instant::now();
            // A file that can't be read now changes nothing.
            let _ = self.vault.reload();
            self.take_keys();
        }
    }

    fn take_keys(&mut self) {
        let mut keys = self.vault.derive_keys(&format!("bus {}", self.database));
        for former in std::mem::take(&mut self.keys) {
            if !keys.iter().any(|key| key.id == former.id) {
                keys.push(former);
            }
        }
        self.keys = keys;
    }

    /// The bytes of a packet. `None` without a key.
    pub(super) fn seal(&self, sender: ProcessNumber, number: i64, body: &[u8]) -> Option<Vec<u8>> {
        let key = self.keys.first()?;
        let mut nonce = [0; NONCE_BYTES];
        SystemRng.fill(&mut nonce);
        let mut plain = Vec::with_capacity(HEAD_BYTES + body.len());
        plain.extend_from_slice(&sender.value().to_be_bytes());
        plain.extend_from_slice(&number.to_be_bytes());
        plain.extend_from_slice(body);
        let payload = Payload { msg: &plain, aad: &[FORMAT] };
        let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload).ok()?;
        let mut bytes = Vec::with_capacity(OVERHEAD + body.len());
        bytes.push(FORMAT);
        bytes.extend_from_slice(&key.id);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Some(bytes)
    }

    /// The packet in these bytes. `None` if no process on this database has sent it.
    pub(super) fn open(&mut self, bytes: &[u8]) -> Option<Packet> {
        let (format, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID_BYTES>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if *format != FORMAT {
            return None;
        }
        if !self.keys.iter().any(|key| key.id == *id) {
            // Another process may have rotated the key.
            self.read_again(READ_UNKNOWN_EVERY);
        }
        let key = self.keys.iter().find(|key| key.id == *id)?;
        let payload = Payload { msg: sealed, aad: &[FORMAT] };
        let plain = cipher(key).decrypt(&XNonce::from(*nonce), payload).ok()?;
        let (sender, rest) = plain.split_first_chunk()?;
        let (number, body) = rest.split_first_chunk()?;
        Some(Packet {
            sender: ProcessNumber::from_value(i64::from_be_bytes(*sender))?,
            number: i64::from_be_bytes(*number),
            body: body.to_owned(),
        })
    }
}

fn cipher(key: &DerivedKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(vault: &Vault, database: &str) -> Seal {
        Seal::new(vault.clone(), database.to_owned())
    }

    fn process(number: i64) -> ProcessNumber {
        ProcessNumber::from_value(number).unwrap()
    }

    #[test]
    fn only_processes_of_the_database_open_a_packet() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("key")).unwrap();
        let foreign = Vault::create(&folder.path().join("other")).unwrap();
        let (own, mut other) = (seal(&vault, "1"), seal(&vault, "1"));
        let bytes = own.seal(process(7), 3, b"body").unwrap();
        assert_eq!(bytes.len(), OVERHEAD + 4);
        let packet = Packet { sender: process(7), number: 3, body: b"body".to_vec() };
        assert_eq!(other.open(&bytes), Some(packet));
        assert_eq!(own.subject(), other.subject());
        assert_ne!(own.subject(), seal(&vault, "2").subject());
        assert_eq!(seal(&vault, "2").open(&bytes), None, "of another database");
        assert_eq!(seal(&foreign, "1").open(&bytes), None, "with another secret key");
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert_eq!(other.open(&changed), None, "{position}");
            assert_eq!(other.open(&bytes[..position]), None, "{position}");
        }
    }

    #[test]
    fn key_rotation_interrupts_no_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let vault = Vault::create(&path).unwrap();
        let (mut one, mut two) = (seal(&vault, "1"), seal(&Vault::create(&path).unwrap(), "1"));
        let rotating = Vault::create(&path).unwrap();
        rotating.add_key().unwrap();
        rotating.drop_former_keys().unwrap();
        let earlier = |instant: Instant, by| instant.checked_sub(by).unwrap();
        two.read_at = earlier(two.read_at, READ_UNKNOWN_EVERY);
        let mut newcomer = seal(&Vault::create(&path).unwrap(), "1");
        let former = one.seal(process(1), 1, b"x").unwrap();
        let sent = newcomer.seal(process(2), 1, b"x").unwrap();
        assert!(two.open(&sent).is_some() && two.open(&former).is_some());
        assert!(newcomer.open(&former).is_none());
        one.read_at = earlier(one.read_at, READ_EVERY);
        one.refresh();
        assert!(newcomer.open(&one.seal(process(1), 2, b"x").unwrap()).is_some());
    }
}
