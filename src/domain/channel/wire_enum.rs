//! A macro for enums with a fixed string and a fixed integer per variant.

/// Defines an enum whose variants have the contract's strings. Their order gives the contract's
/// integers, which are also stored, so new variants go to the end.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident, $field:literal { $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $name {
            /// All values, in the order of their integers.
            pub const EACH: &'static [Self] = &[$(Self::$variant,)+];

            /// The string on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The integer on the wire and in the store.
            pub const fn as_int(self) -> i64 {
                self as i64
            }

            /// The value with this integer.
            pub fn from_int(integer: i64) -> Option<Self> {
                Self::EACH.get(usize::try_from(integer).ok()?).copied()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ValidationError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let parsed = Self::EACH.iter().copied().find(|value| value.as_str() == text);
                parsed.ok_or_else(|| $crate::ValidationError::new($field, belfry_locales::phrases::errors::one_of(concat!($($word, " ",)+).trim_end())))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ValidationError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for &'static str {
            fn from(value: $name) -> Self {
                value.as_str()
            }
        }
    };
}
pub(crate) use words;
