//! Evaluation of conditions, and the laws of logic that it must obey.

use super::*;
use crate::Position;
use proptest::prelude::*;
use serde_json::{Number, Value, json};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn contact(attributes: &Value) -> Contact {
    Contact {
        id: ContactId(7),
        external_id: None,
        email: None,
        phone: None,
        first_name: None,
        last_name: None,
        language: Some("pt-br".parse().unwrap()),
        attributes: attributes.as_object().unwrap().clone(),
        created_at: NOW.minus(Duration::from_hours(48)),
        updated_at: NOW,
        last_seen_at: None,
        hidden_until: Position::default(),
    }
}

fn is(path: &str, test: AttributeTest) -> Condition {
    Condition::Attribute { path: path.to_owned(), test }
}

fn holds(condition: Condition, contact: &Contact) -> bool {
    Rule::new(condition, vec![vec![ContactId(9), ContactId(7)], vec![ContactId(8)]])
        .unwrap()
        .matches(contact, NOW)
}

#[test]
fn conditions_evaluate() {
    let who = contact(
        &json!({"plan": "pro", "seats": 5, "tags": ["a", 1], "address": {"city": "Lviv"}, "a.b": 1, "gone": null}),
    );
    for (condition, expected) in [
        (is("plan", AttributeTest::Equals(json!("pro"))), true),
        (is("plan", AttributeTest::Equals(json!("Pro"))), false),
        (is("seats", AttributeTest::Equals(json!(5.0))), true),
        (is("seats", AttributeTest::NotEquals(json!(5))), false),
        (is("nothing", AttributeTest::NotEquals(json!(5))), true),
        (is("plan", AttributeTest::Contains(json!("r"))), true),
        (is("tags", AttributeTest::Contains(json!(1.0))), true),
        (is("tags", AttributeTest::Contains(json!("b"))), false),
        (is("address.city", AttributeTest::Exists(true)), true),
        (is("address.street", AttributeTest::Exists(true)), false),
        (is("plan.city", AttributeTest::Exists(true)), false),
        (is("a.b", AttributeTest::Equals(json!(1))), true),
        (is("gone", AttributeTest::Exists(false)), true),
        (is("seats", AttributeTest::Greater(Number::from(4))), true),
        (is("seats", AttributeTest::Greater(Number::from(5))), false),
        (is("seats", AttributeTest::Less(Number::from(6))), true),
        (is("plan", AttributeTest::Less(Number::from(6))), false),
        (is("plan", AttributeTest::In(vec![json!("free"), json!("pro")])), true),
        (is("plan", AttributeTest::In(Vec::new())), false),
        (Condition::Language(vec!["en".parse().unwrap(), "pt".parse().unwrap()]), true),
        (Condition::Language(vec!["pt-pt".parse().unwrap()]), false),
        (Condition::CreatedAt(TimeTest::WithinDays(2)), true),
        (Condition::CreatedAt(TimeTest::WithinDays(1)), false),
        (Condition::CreatedAt(TimeTest::Before(NOW)), true),
        (Condition::CreatedAt(TimeTest::After(NOW)), false),
        (Condition::LastSeenAt(TimeTest::Before(NOW)), false),
        (Condition::Contacts(0), true),
        (Condition::Contacts(1), false),
        (Condition::Contacts(2), false),
    ] {
        assert_eq!(holds(condition.clone(), &who), expected, "{condition:?}");
    }
}

#[test]
fn oversized_rules_are_rejected() {
    let deep = |levels: usize| {
        (1..levels).fold(Condition::Contacts(0), |inner, _| Condition::Not(Box::new(inner)))
    };
    assert!(Rule::new(deep(8), Vec::new()).is_ok());
    assert!(Rule::new(deep(9), Vec::new()).is_err());
    let wide = |parts: usize| Condition::Any(vec![Condition::Contacts(0); parts]);
    assert!(Rule::new(wide(99), Vec::new()).is_ok());
    assert!(Rule::new(wide(100), Vec::new()).is_err());
    assert!(Rule::new(Condition::Contacts(0), vec![(0..10_001).map(ContactId).collect()]).is_err());
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let test = prop_oneof![
        (0..3).prop_map(|value| AttributeTest::Equals(json!(value))),
        (0..3).prop_map(|value| AttributeTest::NotEquals(json!(value))),
        any::<bool>().prop_map(AttributeTest::Exists),
        (0..3).prop_map(|value| AttributeTest::Greater(Number::from(value))),
        (0..3).prop_map(|value| AttributeTest::In(vec![json!(value)])),
    ];
    let leaf = prop_oneof![
        (prop::sample::select(vec!["a", "b", "c.d"]), test).prop_map(|(path, test)| is(path, test)),
        (0..3_usize).prop_map(Condition::Contacts),
        (1..4_u32).prop_map(|days| Condition::CreatedAt(TimeTest::WithinDays(days))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

proptest! {
    #![proptest_config(belfry_testing::config(256))]
    #[test]
    fn boolean_laws_hold(one in any_condition(), other in any_condition(), a in 0..3, c in prop::option::of(0..3)) {
        let who = contact(&c.map_or_else(|| json!({"a": a}), |d| json!({"a": a, "c": {"d": d}})));
        let not = |condition: &Condition| Condition::Not(Box::new(condition.clone()));
        let truth = |condition: &Condition| condition.matches(&who, &[vec![ContactId(7)]], NOW);
        let both = [one.clone(), other.clone()];
        prop_assert_eq!(truth(&not(&one)), !truth(&one));
        prop_assert_eq!(truth(&Condition::All(both.to_vec())), truth(&one) && truth(&other));
        prop_assert_eq!(truth(&Condition::Any(both.to_vec())), truth(&one) || truth(&other));
        prop_assert_eq!(truth(&not(&Condition::All(both.to_vec()))), truth(&Condition::Any(both.iter().map(not).collect())));
        let kept: Condition = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
        prop_assert_eq!(kept, one);
    }
}

#[test]
fn cost_is_the_number_of_bytes_read() {
    let contains = |count: usize| {
        Condition::Any(
            (0..count)
                .map(|word| is("a", AttributeTest::Contains(json!(word.to_string()))))
                .collect(),
        )
    };
    let equals = Condition::Any(
        (0..99).map(|value| is("a", AttributeTest::Equals(json!(value.to_string())))).collect(),
    );
    assert!(equals.cost() < Contact::MAX_ATTRIBUTES_BYTES, "{}", equals.cost());
    assert!(contains(30).cost() > 30 * Contact::MAX_ATTRIBUTES_BYTES);
    assert_eq!(contains(30).check_cost(), Ok(()));
    assert!(contains(40).check_cost().is_err());
    // Nesting doesn't help.
    let inside = Condition::Not(Box::new(Condition::All(vec![contains(20), contains(20)])));
    assert!(inside.check_cost().is_err());
    let long = Condition::All(
        (0..99).map(|_| is("a", AttributeTest::In(vec![json!("y".repeat(1_000)); 100]))).collect(),
    );
    assert!(long.check_cost().is_err());
    // Stored rules that exceed the cost can still be loaded.
    assert!(Rule::new(contains(99), Vec::new()).is_ok());
}

#[test]
fn next_change_of_time_conditions() {
    let contact = contact(&json!({}));
    let next =
        |condition: Condition| Rule::new(condition, Vec::new()).unwrap().next_change(&contact, NOW);
    let (day, millisecond) = (Duration::from_hours(24), Duration::from_millis(1));
    assert_eq!(
        next(Condition::CreatedAt(TimeTest::WithinDays(3))),
        Some(NOW.plus(day).plus(millisecond))
    );
    assert_eq!(next(Condition::CreatedAt(TimeTest::WithinDays(2))), Some(NOW.plus(millisecond)));
    assert_eq!(next(Condition::CreatedAt(TimeTest::WithinDays(1))), None, "in the past");
    assert_eq!(next(Condition::LastSeenAt(TimeTest::WithinDays(3))), None, "never seen");
    assert_eq!(next(Condition::CreatedAt(TimeTest::Before(NOW.plus(day)))), None);
    let both = Condition::All(vec![
        Condition::CreatedAt(TimeTest::WithinDays(9)),
        Condition::Not(Box::new(Condition::CreatedAt(TimeTest::WithinDays(4)))),
    ]);
    assert_eq!(next(both), Some(NOW.plus(day * 2).plus(millisecond)));
    let rule = Rule::new(Condition::CreatedAt(TimeTest::WithinDays(3)), Vec::new()).unwrap();
    assert!(
        rule.matches(&contact, NOW.plus(day))
            && !rule.matches(&contact, NOW.plus(day).plus(millisecond))
    );
}
