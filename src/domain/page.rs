//! Pages of lists that are read with a cursor.

/// Splits a list that was read with one entry more than `limit` into the page and the cursor of the
/// next one.
pub fn paginate<T, C>(
    mut found: Vec<T>,
    limit: u32,
    cursor: impl FnOnce(&T) -> C,
) -> (Vec<T>, Option<C>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(cursor);
    (found, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_page_has_a_cursor_only_if_more_was_found() {
        let page = |count: u32| paginate((1..=count).collect(), 2, |last| *last);
        assert_eq!(page(0), (vec![], None));
        assert_eq!(page(2), (vec![1, 2], None));
        assert_eq!(page(3), (vec![1, 2], Some(2)));
    }
}
