//! Mobile devices with the site's app. The app generates a random device id, and the site's backend
//! binds it to a contact. The id then authenticates the contact, so it is a secret and only its
//! digest is stored.

use super::{ContactId, Digest, KeyId, SiteId, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use std::fmt;

/// A plaintext device id. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceId(String);

impl DeviceId {
    /// 16 to 200 visible ASCII characters. Shorter ids could be guessed.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        if (16..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ValidationError::new("deviceId", errors::DEVICE_ID))
        }
    }

    /// The digest to store.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DeviceId(…)")
    }
}

/// A device as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The site whose app it runs.
    pub site: SiteId,
    /// The contact that it authenticates.
    pub contact: ContactId,
    /// Digest of its id.
    pub digest: Digest,
    /// The API key that bound it. Revoking the key unbinds the device.
    pub key: KeyId,
    /// Time of the last binding.
    pub bound_at: Timestamp,
}

impl Device {
    /// Maximum number of devices of a contact. One more replaces the one that was bound longest
    /// ago.
    pub const MOST: u32 = 50;

    /// A name that may be shown; it doesn't reveal the id.
    pub fn fingerprint(&self) -> String {
        self.digest.short()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessable_ids_are_rejected_and_debug_is_redacted() {
        for invalid in [
            "",
            "short",
            "123456789012345",
            "with space in the middle",
            "ünïcödé-0123456789",
            &"x".repeat(201),
        ] {
            assert!(DeviceId::parse(invalid).is_err(), "{invalid}");
        }
        let id = DeviceId::parse("0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4").unwrap();
        assert_eq!(format!("{id:?}"), "DeviceId(…)");
    }
}
