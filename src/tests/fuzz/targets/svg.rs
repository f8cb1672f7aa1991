//! One drawing, as a bell or as a card.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    belfry_fuzz::drawing(bytes);
});
