//! The form of a segment.

use super::{
    condition::{MAX_ROWS, at, rows},
    phrases,
};
use crate::{
    edit_conflict::{RevisionField, save_label},
    form::Form,
    pages::messages::{text_area, text_input},
    phrases::{CANCEL, NAME},
    request_context::Member,
    view::{Button, Field, Tone, csrf_field, zone_field, zone_name, zone_of},
};
use belfry_locales::AnyPhrase;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

const KINDS: [(&str, AnyPhrase); 5] = [
    ("attribute", phrases::ATTRIBUTE.any()),
    ("language", phrases::LANGUAGE.any()),
    ("createdAt", phrases::CREATED.any()),
    ("lastSeenAt", phrases::LAST_SEEN.any()),
    ("contacts", phrases::NAMED.any()),
];
const OF_ATTRIBUTES: [(&str, AnyPhrase); 8] = [
    ("equals", phrases::EQUALS.any()),
    ("notEquals", phrases::NOT_EQUALS.any()),
    ("contains", phrases::CONTAINS.any()),
    ("in", phrases::ONE_OF.any()),
    ("exists", phrases::EXISTS.any()),
    ("missing", phrases::MISSING.any()),
    ("greater", phrases::GREATER.any()),
    ("less", phrases::LESS.any()),
];
const OF_MOMENTS: [(&str, AnyPhrase); 3] = [
    ("withinDays", phrases::WITHIN.any()),
    ("before", phrases::BEFORE.any()),
    ("after", phrases::AFTER.any()),
];

/// The form. `count` is the result of the button "Count"; `is_new` means that the segment does not
/// exist yet.
pub(super) fn view(member: &Member, form: &Form, count: &str, is_new: bool) -> Markup {
    let lang = member.lang;
    let count_rows = rows(form);
    let zone = zone_of(form, member);
    let named = zone_name(&zone);
    let every = (0..count_rows).map(|row| one(member, form, &named, row)).collect_view();
    let wrong = form.has_errors().then(|| view! { <div class="notice failed" role="alert"><p>{phrases::WRONG.t(lang)}</p>{elsewhere(form)}</div> });
    let chosen = form.get("match") == "any";
    let advanced = form.trimmed("json").is_some();
    let (word, hint) = if is_new {
        (phrases::SAVE_NEW, None)
    } else {
        (phrases::SAVE, Some(phrases::SAVE_HINT.t(lang)))
    };
    let label = save_label(lang, form, word);
    view! {
        <form method="post" data-segment=member.path("segments/count")>
            {csrf_field(member).into_markup()}
            <RevisionField form=form.clone()/>
            {zone_field(&zone)}
            <button class="unseen" name="do" value="save" tabindex="-1" aria-hidden="true">{label}</button>
            {wrong}
            <Field form=form.clone() name="name" label=NAME.t(lang) hint=phrases::NAME_HINT.t(lang) required=true/>
            <fieldset>
                <legend>{phrases::WHO.t(lang)}</legend>
                <label class="inline">
                    <span>{phrases::MATCH.t(lang)}</span>
                    <select name="match">
                        <option value="all" selected=!chosen>{phrases::MATCH_ALL.t(lang)}</option>
                        <option value="any" selected=chosen>{phrases::MATCH_ANY.t(lang)}</option>
                    </select>
                </label>
                <input type="hidden" name="rows" value=count_rows.to_string()/>
                <ol class="conditions">{every}</ol>
                <p class="hint">{phrases::HINTS.t(lang)}</p>
                {(count_rows < MAX_ROWS).then(|| view! { <button class="button small" name="do" value="add" formnovalidate>{phrases::ADD.t(lang)}</button> })}
                <details open=advanced>
                    <summary>{phrases::ADVANCED.t(lang)}</summary>
                    {text_area(form, "json", 8, "JSON", Some(phrases::ADVANCED_HINT.t(lang)), false)}
                </details>
                <p class="reach">
                    <output data-reach="1">{count.to_owned()}</output>
                    <button class="button small" name="do" value="count" data-count="1" formnovalidate>{phrases::COUNT.t(lang)}</button>
                </p>
            </fieldset>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            <div class="actions send">
                <Button tone=Tone::Accent name="do" value="save">{label}</Button>
                <Button href=member.path("segments")>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    }
    .into_markup()
}

/// Errors without a field in the form.
fn elsewhere(form: &Form) -> Markup {
    let others =
        form.errors_at(|field| !(field == "name" || field == "json" || field.starts_with("row")));
    others.into_iter().map(|text| view! { <p>{text}</p> }).collect_view().into_markup()
}

fn options(
    member: &Member,
    zone: &str,
    words: &[(&'static str, AnyPhrase)],
    chosen: &str,
) -> Markup {
    let lang = member.lang;
    let option = |(value, word): &(&'static str, AnyPhrase)| {
        let selected = *value == chosen;
        view! { <option value=*value selected=selected>{word.with(lang, &[("zone", &zone)])}</option> }
    };
    words.iter().map(option).collect_view().into_markup()
}

fn one(member: &Member, form: &Form, zone: &str, row: usize) -> Markup {
    let lang = member.lang;
    let name = |part: &str| at(row, part);
    let operator = form.get(&name("operator")).to_owned();
    let negated = form.contains(&name("not"));
    view! {
        <li class="condition" aria-label=phrases::CONDITION.with(lang, &[("number", &(row + 1))])>
            <label class="not"><input type="checkbox" name=name("not") checked=negated/> <span>{phrases::NOT.t(lang)}</span></label>
            <select name=name("kind") aria-label=phrases::KIND.t(lang) data-kind="1">{options(member, zone, &KINDS, form.get(&name("kind")))}</select>
            <div data-for-kind="attribute">{text_input(form, &name("path"), "text", phrases::PATH.t(lang), None)}</div>
            <select name=name("operator") aria-label=phrases::OPERATOR.t(lang)>
                <optgroup label=phrases::ATTRIBUTE.t(lang)>{options(member, zone, &OF_ATTRIBUTES, &operator)}</optgroup>
                <optgroup label=format!("{}, {}", phrases::CREATED.t(lang), phrases::LAST_SEEN.t(lang))>{options(member, zone, &OF_MOMENTS, &operator)}</optgroup>
            </select>
            <div class="value">{text_input(form, &name("value"), "text", phrases::VALUE.t(lang), None)}</div>
        </li>
    }
    .into_markup()
}
