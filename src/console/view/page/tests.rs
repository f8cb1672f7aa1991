use super::*;

#[test]
fn each_role_is_offered_what_it_may_open() {
    let offered = |role| {
        SECTIONS
            .iter()
            .map(|(path, ..)| *path)
            .filter(|path| is_offered(path, Some(role)))
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = SECTIONS.iter().map(|(path, ..)| *path).collect();
    let without =
        |left: &[&str]| all.iter().copied().filter(|path| !left.contains(path)).collect::<Vec<_>>();
    assert_eq!(offered(Role::Agent), ["conversations"]);
    assert_eq!(offered(Role::Viewer), without(&["conversations", "settings"]));
    assert_eq!(offered(Role::Editor), without(&["settings"]));
    assert_eq!(offered(Role::Owner), all);
}
