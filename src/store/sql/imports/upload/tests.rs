//! Groups of parts fit one command.

use super::*;

#[test]
fn groups_fit_one_command_and_keep_all_parts() {
    let part = |bytes: usize| "x".repeat(bytes);
    let parts: Vec<String> =
        [10, MAX_BYTES_PER_COMMAND - 10, 1, 3 * MAX_BYTES_PER_COMMAND, 5, 6].map(part).into();
    let found = group_parts(parts.clone());
    assert_eq!(
        found.iter().map(|(first, group)| (*first, group.len())).collect::<Vec<_>>(),
        [(0, 2), (2, 1), (3, 1), (4, 2)]
    );
    assert_eq!(found.into_iter().flat_map(|(_, group)| group).collect::<Vec<_>>(), parts);
    assert!(group_parts(Vec::new()).is_empty());
}
