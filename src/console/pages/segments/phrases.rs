//! Phrases of the segment pages.

pub(super) use belfry_locales::phrases::console_segments::*;
