//! The tests of the contract's edge cases (A.7), by number. Number 3 is about inboxes of other
//! kinds, which don't exist here: an inbox can only be created as an API inbox.

use std::{fs, path::Path};

const TESTS: [(u8, &str, &str); 21] = [
    (1, "channels/public/contacts.rs", "session_of_another_inbox_is_404"),
    (2, "channels/public/contacts.rs", "same_identifier_twice_is_one_contact_with_two_sessions"),
    (3, "channels/application/inboxes.rs", "invalid_inboxes_are_rejected"),
    (4, "channels/application/messages.rs", "status_goes_forward_only"),
    (5, "channels/cable/events.rs", "agents_get_assignee_and_last_seen_events"),
    (6, "channels/public/conversations.rs", "contact_resolves_a_conversation_once"),
    (7, "channels/public/conversations.rs", "conversation_of_a_blocked_contact_is_resolved"),
    (8, "webhook/conversations.rs", "message_fails_after_three_rejected_attempts"),
    (9, "channels/application/conversations.rs", "conversation_numbers_are_unique_per_site"),
    (10, "webhook/conversations.rs", "messages_and_notes_are_posted_in_order"),
    (10, "channels/cable/events.rs", "notes_and_activities_reach_agents_only"),
    (10, "channels/public/conversations.rs", "private_notes_and_activities_are_hidden"),
    (11, "channels/application/forms.rs", "multipart_message_with_only_a_file"),
    (12, "channels/application/messages.rs", "content_limit_is_in_characters"),
    (12, "channels/public/messages.rs", "content_limit_is_in_characters"),
    (13, "channels/application/route_table.rs", "each_route_accepts_a_trailing_slash"),
    (14, "channels/application/access.rs", "other_credentials_are_ignored"),
    (15, "channels/cable/subscriptions.rs", "token_is_valid_for_its_owner_only"),
    (16, "channels/application/conversations.rs", "status_is_toggled_or_set"),
    (17, "channels/cable/events.rs", "message_reaches_its_contact_and_the_inbox_agents"),
    (17, "channels/public/messages.rs", "message_has_the_shape_that_clients_expect"),
];

#[test]
fn each_edge_case_of_the_contract_has_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests");
    for (number, file, name) in TESTS {
        let source = fs::read_to_string(tests.join(file))
            .unwrap_or_else(|error| panic!("{number}: {file}: {error}"));
        assert!(
            source.contains(&format!("#[tokio::test]\nasync fn {name}(")),
            "{number}: {file} has no test {name}"
        );
    }
    assert!((1..=17).all(|number| TESTS.iter().any(|(of, ..)| *of == number)));
}
