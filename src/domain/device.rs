//! Devices with an app of the site. The id is made by the app, random, and proves which contact reads there once the site's
//! backend has said so; so it is a secret, and only its digest is kept.

use super::{ContactId, Digest, Invalid, KeyId, SiteId, Timestamp};
use std::fmt;

/// A device's id in clear. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceId(String);

impl DeviceId {
    /// 16 to 200 visible ASCII characters: shorter ones could be guessed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if (16..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("deviceId", "must have 16 to 200 visible ASCII characters that can't be guessed, such as a random UUID"))
        }
    }

    /// What may be kept of it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DeviceId(…)")
    }
}

/// A device as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The site whose app it has.
    pub site: SiteId,
    /// Who reads there.
    pub contact: ContactId,
    /// Digest of its id.
    pub digest: Digest,
    /// The key that said so; its end is the end of this.
    pub key: KeyId,
    /// When that was said last.
    pub bound_at: Timestamp,
}

impl Device {
    /// Devices of one contact; one more takes the place of the one that was bound longest ago.
    pub const MOST: u32 = 50;

    /// A name that may be shown: it does not lead back to the id.
    pub fn fingerprint(&self) -> String {
        self.digest.short()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_be_guessed_is_refused_and_none_shows_itself() {
        for odd in ["", "short", "123456789012345", "with space in the middle", "ünïcödé-0123456789", &"x".repeat(201)] {
            assert!(DeviceId::parse(odd).is_err(), "{odd}");
        }
        let id = DeviceId::parse("0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4").unwrap();
        assert_eq!(format!("{id:?}"), "DeviceId(…)");
    }
}
