//! Cases that test the measurement itself: one with a quadratic cost, which `.ci/growth` must
//! detect, and one with a linear cost.

use super::{Case, Work};
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    let letters = |count| "a".repeat(count);
    vec![
        Case::new("planted/square", Work::Call(each_with_each), 200, letters),
        Case::new("planted/straight", Work::Call(each_once), 200, letters),
    ]
}

fn each_with_each(text: &str) {
    let equal = text.bytes().map(|one| text.bytes().filter(|other| *other == one).count()).max();
    black_box(equal);
}

fn each_once(text: &str) {
    black_box(text.bytes().filter(|byte| *byte == b'a').count());
}
