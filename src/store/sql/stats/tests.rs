//! Steps of a timeline.

use super::*;

#[test]
fn steps_are_hours_then_days_then_the_last_day() {
    let first = Timestamp::from_millis(1_000_000);
    let at = |hours: u64| {
        step(first, Some(first.plus(Duration::from_hours(hours)).plus(Duration::from_mins(59))))
    };
    let begins = |hours: u64| Some(first.plus(Duration::from_hours(hours)));
    assert_eq!((at(0), at(47)), (begins(0), begins(47)));
    assert_eq!((at(48), at(71), at(72)), (begins(48), begins(48), begins(72)));
    assert_eq!(at(24 * 400), begins(24 * 365));
    assert_eq!(step(first, Some(Timestamp::from_millis(5))), begins(0), "clocks jump");
    assert_eq!((step(first, Some(Timestamp::from_millis(0))), step(first, None)), (None, None));
}
