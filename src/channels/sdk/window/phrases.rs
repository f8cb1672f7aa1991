//! Phrases of the window; those of the thread are in `web::conversation`.

pub(super) use belfry_locales::phrases::{conversation::*, sdk_window::*};
pub(super) use belfry_web::conversation::phrases::status;
