//! All three files of a theme at once.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    belfry_fuzz::theme_of_three(bytes);
});
