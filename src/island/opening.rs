//! What an island begins with: on the server from the view around it, in the browser from the document's attributes.
//! Both give the same values, so that waking changes nothing that the reader sees.

/// The counts that the document was rendered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// Messages without a read receipt; 100 stands for "99+".
    pub unread: u32,
    /// Of these, the ones never shown in an opened panel.
    pub unseen: u32,
    /// The bell's accessible name, which says the count in the reader's language.
    pub name: String,
}

impl Opening {
    /// The counts and the name that says them.
    pub fn new(unread: u32, unseen: u32, name: String) -> Self {
        Self { unread, unseen, name }
    }
}

/// The number on the bell as it is shown: nothing, `1` to `99`, `99+`.
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
    fn the_badge_is_capped() {
        assert_eq!([0, 1, 99, 100, 5_000].map(badge), ["", "1", "99", "99+", "99+"]);
    }
}
