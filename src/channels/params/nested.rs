//! Nested member names in forms: `a[b]` is member `b` of `a`, `a[]` a further item of the list `a`,
//! and `a[][b]` member `b` of the list's last item that has none yet.

use serde_json::{Map, Value};

/// Maximum parts of a name; deeper members are ignored.
const MAX_DEPTH: usize = 6;

/// Inserts a text under a name. A name that contradicts an earlier one is ignored.
pub(super) fn insert(members: &mut Map<String, Value>, name: &str, value: String) {
    let Some((first, rest)) = parts(name) else { return };
    let Some((last, parents)) = rest.split_last() else {
        members.insert(first.to_owned(), Value::String(value));
        return;
    };
    let path: Vec<&str> = std::iter::once(first).chain(parents.iter().copied()).collect();
    insert_at(members, &path, last, Value::String(value));
}

/// Splits `a[b][c]` into `a` and `b`, `c`.
fn parts(name: &str) -> Option<(&str, Vec<&str>)> {
    let Some((first, rest)) = name.split_once('[') else {
        return (!name.is_empty()).then_some((name, Vec::new()));
    };
    let inner = rest.strip_suffix(']')?;
    let parts: Vec<&str> = inner.split("][").collect();
    let sound = !first.is_empty()
        && parts.len() < MAX_DEPTH
        && parts.iter().all(|part| !part.contains(['[', ']']));
    sound.then_some((first, parts))
}

/// Inserts a value below the members of `path`; an empty part stands for a list item.
fn insert_at(members: &mut Map<String, Value>, path: &[&str], last: &str, value: Value) {
    let Some((first, rest)) = path.split_first() else {
        members.insert(last.to_owned(), value);
        return;
    };
    let is_list = rest.first().map_or(last.is_empty(), |next| next.is_empty());
    let entry = members.entry(*first).or_insert_with(|| {
        if is_list { Value::Array(Vec::new()) } else { Value::Object(Map::new()) }
    });
    match entry {
        Value::Array(items) if rest.is_empty() => items.push(value),
        Value::Array(items) => insert_in_list(items, rest, last, value),
        Value::Object(inner) if !is_list => insert_at(inner, rest, last, value),
        _ => {}
    }
}

/// `rest` begins with the empty part of the list itself.
fn insert_in_list(items: &mut Vec<Value>, rest: &[&str], last: &str, value: Value) {
    let Some((_, inner)) = rest.split_first() else { return };
    let key = inner.first().copied().unwrap_or(last);
    let begins = |item: &Value| {
        item.as_object().is_none_or(|item| inner.is_empty() && item.contains_key(key))
    };
    if items.last().is_none_or(begins) {
        items.push(Value::Object(Map::new()));
    }
    if let Some(Value::Object(item)) = items.last_mut() {
        insert_at(item, inner, last, value);
    }
}
