//! What backends administer: themes, webhooks, imported contacts, tokens; each with its audit
//! entry.

use super::{
    super::{
        fixture::BROADCAST_PREFIX,
        history::{Action, Operation},
        state::State,
    },
    check_kind, exactly_once, requested_objects,
};
use std::collections::BTreeSet;

pub(super) fn check(history: &[Operation], state: &State, wrong: &mut Vec<String>) {
    themes(history, state, wrong);
    webhooks(history, state, wrong);
    imports(history, state, wrong);
    wrong.extend(
        state
            .dead_tokens
            .iter()
            .map(|token| format!("token {token} was acknowledged and does not work")),
    );
}

fn records(state: &State, action: &str) -> Vec<String> {
    state.audit.get(action).cloned().unwrap_or_default()
}

/// The acknowledged operations of this kind, and the number of those with an unknown outcome.
fn done_and_unknown(history: &[Operation], kind: impl Fn(&Action) -> bool) -> (Vec<&str>, usize) {
    let of_kind: Vec<_> = history.iter().filter(|operation| kind(&operation.action)).collect();
    (
        of_kind.iter().filter_map(|operation| operation.done()).collect(),
        of_kind.iter().filter(|operation| operation.is_unknown()).count(),
    )
}

fn themes(history: &[Operation], state: &State, wrong: &mut Vec<String>) {
    let is_upload = |what: &Action| matches!(what, Action::UploadTheme { .. });
    let is_publish = |what: &Action| *what == Action::PublishTheme;
    let uploaded = requested_objects(history, |operation| {
        if let Action::UploadTheme { css } = &operation.action { Some(css) } else { None }
    });
    let (published, _) = done_and_unknown(history, is_publish);
    let begun: Vec<&Operation> =
        history.iter().filter(|operation| !operation.is_rejected()).collect();
    let last_upload = begun
        .iter()
        .rev()
        .find(|operation| is_upload(&operation.action))
        .and_then(|operation| operation.done());
    let there: Vec<_> =
        state.themes.iter().map(|theme| (theme.version.clone(), theme.css.clone())).collect();
    // Each draft replaces the previous one.
    check_kind(
        "theme",
        &uploaded,
        &there,
        |version| !published.contains(&version) && last_upload != Some(version),
        wrong,
    );

    let last = begun
        .iter()
        .rev()
        .find(|operation| is_publish(&operation.action))
        .and_then(|operation| operation.done());
    let in_force: Vec<&str> = state
        .themes
        .iter()
        .filter(|theme| theme.state == "inForce")
        .map(|theme| &*theme.version)
        .collect();
    if in_force.len() > 1 || last.is_some_and(|last| in_force != [last]) {
        wrong.push(format!("themes {in_force:?} are in force, and {last:?} was published last"));
    }
    let not_drafts = state
        .themes
        .iter()
        .filter(|theme| theme.state != "draft")
        .map(|theme| theme.version.clone());
    let published = published.into_iter().map(str::to_owned);
    exactly_once(
        "the record of the publication",
        not_drafts.chain(published),
        &records(state, "theme.published"),
        0,
        wrong,
    );
    let (made, unknown) = done_and_unknown(history, is_upload);
    let known = made
        .into_iter()
        .map(str::to_owned)
        .chain(state.themes.iter().map(|theme| theme.version.clone()));
    exactly_once(
        "the record of the upload",
        known,
        &records(state, "theme.uploaded"),
        unknown,
        wrong,
    );
}

fn webhooks(history: &[Operation], state: &State, wrong: &mut Vec<String>) {
    let created = requested_objects(history, |operation| {
        if let Action::CreateWebhook { url } = &operation.action { Some(url) } else { None }
    });
    let deleted = |certain: bool| -> BTreeSet<&str> {
        let deletions = history.iter().filter(move |operation| {
            if certain { operation.done().is_some() } else { operation.is_unknown() }
        });
        deletions
            .filter_map(|operation| {
                if let Action::DeleteWebhook { id } = &operation.action {
                    Some(&**id)
                } else {
                    None
                }
            })
            .collect()
    };
    let (gone, may_be_gone) = (deleted(true), deleted(false));
    check_kind(
        "webhook",
        &created,
        &state.webhooks,
        |id| gone.contains(id) || may_be_gone.contains(id),
        wrong,
    );
    wrong.extend(
        state
            .webhooks
            .iter()
            .filter(|(id, _)| gone.contains(&**id))
            .map(|(id, _)| format!("webhook {id} was deleted and is there")),
    );
    let is_there = |id: &str| state.webhooks.iter().any(|(there, _)| there == id);
    let made =
        created.values().flat_map(|request| request.created.iter().map(|id| (*id).to_owned()));
    let known = made
        .chain(state.webhooks.iter().map(|(id, _)| id.clone()))
        .chain(gone.iter().map(|id| (*id).to_owned()));
    exactly_once("the record of the creation", known, &records(state, "webhook.created"), 0, wrong);
    let gone =
        gone.iter().chain(may_be_gone.iter().filter(|id| !is_there(id))).map(|id| (*id).to_owned());
    exactly_once("the record of the deletion", gone, &records(state, "webhook.deleted"), 0, wrong);
}

/// An import is stored with its audit entry and all of its contacts, or not at all.
fn imports(history: &[Operation], state: &State, wrong: &mut Vec<String>) {
    let mut explained = BTreeSet::new();
    for operation in history {
        let Action::Import { contacts } = &operation.action else { continue };
        let there = contacts.iter().filter(|contact| state.contacts.contains(contact)).count();
        if there != 0 && there != contacts.len() {
            wrong.push(format!(
                "of the import of {} there are {there} of {}",
                contacts[0],
                contacts.len()
            ));
        }
        if let Some(id) = operation.done()
            && (there == 0 || !state.imports.iter().any(|import| import == id))
        {
            wrong.push(format!("import {id} is lost"));
        }
        if !operation.is_rejected() {
            explained.extend(contacts);
        }
    }
    let mut seen = BTreeSet::new();
    for contact in &state.contacts {
        if !seen.insert(contact) {
            wrong.push(format!("contact {contact} is there twice"));
        }
        if !explained.contains(contact)
            && !contact.starts_with("reader-")
            && !contact.starts_with(BROADCAST_PREFIX)
        {
            wrong.push(format!("contact {contact} was invented"));
        }
    }
    let names = requested_objects(history, |operation| {
        if let Action::Import { contacts } = &operation.action {
            contacts.first().map(|name| &**name)
        } else {
            None
        }
    });
    let done =
        names.keys().filter(|name| state.contacts.iter().any(|contact| contact == *name)).count();
    if state.imports.len() != done {
        wrong
            .push(format!("{} imports are there, and the contacts of {done}", state.imports.len()));
    }
    exactly_once(
        "the record of the import",
        state.imports.iter().cloned(),
        &records(state, "import.created"),
        0,
        wrong,
    );
}
