//! The initial values of the bell: on the server from the view around it, in the browser from the
//! document's attributes. Both are equal, so hydration changes nothing visible.

/// The counts that the document was rendered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BellState {
    /// Messages without a read receipt; 100 stands for "99+".
    pub unread: u32,
    /// Of these, the ones never displayed in an open panel.
    pub unseen: u32,
    /// The bell's accessible name, which contains the count in the reader's language.
    pub name: String,
}

impl BellState {
    /// From the counts and the accessible name.
    pub fn new(unread: u32, unseen: u32, name: String) -> Self {
        Self { unread, unseen, name }
    }
}

/// The badge text: empty, `1` to `99`, or `99+`.
pub(super) fn badge(count: u32) -> String {
    match count {
        0 => String::new(),
        1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::badge;

    #[test]
    fn badge_is_capped() {
        assert_eq!([0, 1, 99, 100, 5_000].map(badge), ["", "1", "99", "99+", "99+"]);
    }
}
