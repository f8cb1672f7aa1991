//! Where the contract's edge cases (A.7) are tested, by their numbers. Number 3 is of inboxes of another kind, of which there are none:
//! an inbox can only be made as one of the API.

use std::{fs, path::Path};

const TESTS: [(u8, &str, &str); 21] = [
    (1, "channels/public/contacts.rs", "session_of_another_inbox_is_not_there"),
    (2, "channels/public/contacts.rs", "same_identifier_twice_is_one_contact_with_two_sessions"),
    (3, "channels/application/inboxes.rs", "odd_inboxes_are_refused"),
    (4, "channels/application/messages.rs", "status_goes_forward_only"),
    (5, "channels/cable/events.rs", "agents_hear_of_assignees_and_of_who_has_looked"),
    (6, "channels/public/conversations.rs", "contact_resolves_a_conversation_once"),
    (7, "channels/public/conversations.rs", "conversation_of_a_blocked_contact_is_resolved"),
    (8, "webhook/conversations.rs", "message_that_is_not_taken_fails_after_three_attempts"),
    (9, "channels/application/conversations.rs", "numbers_begin_at_one_in_each_site_and_are_never_shared"),
    (10, "webhook/conversations.rs", "messages_of_both_sides_and_notes_are_posted_in_order"),
    (10, "channels/cable/events.rs", "notes_and_activities_are_for_agents"),
    (10, "channels/public/conversations.rs", "private_notes_and_activities_are_not_shown"),
    (11, "channels/application/forms.rs", "message_of_a_file_alone"),
    (12, "channels/application/messages.rs", "content_is_bounded_in_characters"),
    (12, "channels/public/messages.rs", "content_is_bounded_in_characters"),
    (13, "channels/application/table.rs", "each_route_takes_a_slash_at_its_end"),
    (14, "channels/application/access.rs", "only_the_token_counts"),
    (15, "channels/cable/subscriptions.rs", "token_is_good_for_its_owner_alone"),
    (16, "channels/application/conversations.rs", "status_is_toggled_and_set"),
    (17, "channels/cable/events.rs", "message_reaches_its_contact_and_the_agents_of_its_inbox"),
    (17, "channels/public/messages.rs", "message_is_told_as_clients_know_it"),
];

#[test]
fn each_edge_case_of_the_contract_has_its_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests");
    for (number, file, name) in TESTS {
        let source = fs::read_to_string(tests.join(file)).unwrap_or_else(|error| panic!("{number}: {file}: {error}"));
        assert!(source.contains(&format!("#[tokio::test]\nasync fn {name}(")), "{number}: {file} has no test {name}");
    }
    assert!((1..=17).all(|number| TESTS.iter().any(|(of, ..)| *of == number)));
}
