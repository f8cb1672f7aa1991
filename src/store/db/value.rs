//! What is bound to the parameters of a statement. Must not depend on a driver.

use smallvec::SmallVec;
use std::borrow::Cow;

/// The type of a parameter without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize))]
pub(crate) enum Kind {
    Int,
    Real,
    Text,
    Bytes,
}

/// The value of a parameter. A flag is a number: 0 or 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null(Kind),
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

#[cfg(test)]
impl Value {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Null(kind) => *kind,
            Self::Int(_) => Kind::Int,
            Self::Real(_) => Kind::Real,
            Self::Text(_) => Kind::Text,
            Self::Bytes(_) => Kind::Bytes,
        }
    }
}

/// Most statements have at most eight parameters: these need no allocation.
pub(crate) type Values = SmallVec<[Value; 8]>;

/// A type that can be bound to a parameter.
pub(crate) trait Bind {
    const KIND: Kind;

    fn value(self) -> Value;
}

macro_rules! bind {
    ($kind:ident: $($type:ty = |$value:ident| $owned:expr),+ $(,)?) => {
        $(impl Bind for $type {
            const KIND: Kind = Kind::$kind;

            #[inline]
            fn value(self) -> Value {
                let $value = self;
                Value::$kind($owned)
            }
        })+
    };
}

bind!(Int:
    i64 = |value| value,
    i32 = |value| value.into(),
    u32 = |value| value.into(),
    u16 = |value| value.into(),
    u8 = |value| value.into(),
    bool = |value| value.into(),
);
bind!(Real: f64 = |value| value);
bind!(Text:
    String = |value| value,
    &str = |value| value.to_owned(),
    Cow<'_, str> = |value| value.into_owned(),
);
bind!(Bytes: Vec<u8> = |value| value, &[u8] = |value| value.to_vec());

impl<T: Bind> Bind for Option<T> {
    const KIND: Kind = T::KIND;

    #[inline]
    fn value(self) -> Value {
        self.map_or(Value::Null(T::KIND), T::value)
    }
}

impl<T: Bind + Clone> Bind for &T {
    const KIND: Kind = T::KIND;

    #[inline]
    fn value(self) -> Value {
        self.clone().value()
    }
}
