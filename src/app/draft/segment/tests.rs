//! Tests of segments' bodies.

use super::*;

fn read(value: Value) -> Result<RuleDraft, ValidationError> {
    ConditionBody::from_value(value, "condition")?.validate("condition")
}

#[test]
fn condition_round_trips() {
    for value in [
        json!({"attribute": "plan", "equals": "pro"}),
        json!({"all": [{"attribute": "plan", "equals": "pro"}, {"not": {"language": ["uk"]}}]}),
        json!({"any": [{"attribute": "a.b", "in": [1, "x", true]}, {"attribute": "a", "exists": false}, {"attribute": "n", "greater": 1.5}]}),
        json!({"createdAt": {"withinDays": 30}}),
        json!({"lastSeenAt": {"before": "2026-12-01T08:00:00Z"}}),
    ] {
        let draft = read(value.clone()).unwrap();
        assert_eq!(write_rule(&Rule::new(draft.condition, Vec::new()).unwrap()), value);
    }
    let listed = read(json!({"contacts": [{"id": 7}, {"extid": "42"}]})).unwrap();
    assert_eq!((listed.condition, listed.lists[0].len()), (Condition::Contacts(0), 2));
}

#[test]
fn several_members_are_combined_with_and() {
    let short = read(json!({"attributes": {"plan": "pro", "seats": 5}, "language": "uk"})).unwrap();
    let Condition::All(parts) = short.condition else { panic!("all") };
    assert_eq!(parts.len(), 3);
    let range = read(json!({"attribute": "seats", "greater": 1, "less": 9})).unwrap();
    assert!(matches!(range.condition, Condition::All(parts) if parts.len() == 2));
}

#[test]
fn invalid_condition_is_rejected_with_its_path() {
    for (value, field) in [
        (json!({}), "condition"),
        (json!([]), "condition"),
        (json!({"all": []}), "condition.all"),
        (json!({"plan": "pro"}), "condition.plan"),
        (json!({"any": [{"not": {"attribute": "plan"}}]}), "condition.any[0].not.attribute"),
        (json!({"equals": 1}), "condition.equals"),
        (json!({"attribute": "plan", "equals": {}}), "condition.equals"),
        (json!({"attribute": "plan", "in": []}), "condition.in"),
        (json!({"attribute": "plan", "greater": "5"}), "condition.greater"),
        (json!({"attributes": {}}), "condition.attributes"),
        (json!({"attributes": {"a": [1]}}), "condition.attributes.a"),
        (json!({"language": ["english"]}), "condition.language[0]"),
        (json!({"createdAt": {}}), "condition.createdAt"),
        (json!({"createdAt": {"withinDays": 0}}), "condition.createdAt.withinDays"),
        (json!({"contacts": []}), "condition.contacts"),
        (json!({"contacts": [{}]}), "condition.contacts[0]"),
    ] {
        assert_eq!(read(value.clone()).unwrap_err().field, field, "{value}");
    }
    let deep = (0..8).fold(json!({"language": "uk"}), |inner, _| json!({"not": inner}));
    assert!(read(deep).unwrap_err().reason.to_string().contains("8 levels"));
    let wide = json!({"any": vec![json!({"language": "uk"}); 100]});
    assert!(read(wide).unwrap_err().reason.to_string().contains("at most 100"));
}

/// A form can contain what JSON is checked for.
#[test]
fn nul_in_a_condition_is_rejected() {
    let condition = ConditionBody {
        attribute: Some("plan".to_owned()),
        equals: Some(json!("a\0")),
        ..ConditionBody::default()
    };
    assert_eq!(condition.validate("condition").unwrap_err().field, "condition.equals");
    for (value, field) in [
        (json!({"any": [{"language": "\0"}]}), "condition.any[0].language"),
        (json!([]), "condition"),
    ] {
        let invalid = ConditionBody::from_value(value, "condition").unwrap_err();
        assert_eq!(invalid.field, field);
    }
}
