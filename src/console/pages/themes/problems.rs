//! Diagnostics of an upload, each with its source line.

use crate::phrases::UiLanguage;
use belfry_domain::ThemeSources;
use belfry_locales::phrases::console_themes as phrases;
use belfry_theme::{Diagnostics, File, Problem, stored_warnings};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Characters shown on either side of the place.
const MAX_CONTEXT_CHARS: usize = 60;

/// The byte offset of a character. ASCII lines, such as drawings on one long line, need no scan.
fn offset(line: &str, characters: usize) -> usize {
    if line.is_ascii() {
        characters.min(line.len())
    } else {
        line.char_indices().nth(characters).map_or(line.len(), |(at, _)| at)
    }
}

/// The source line with the place marked; long lines are cut.
fn source(text: Option<&String>, problem: &Problem) -> Option<Markup> {
    let line = text?.lines().nth(usize::try_from(problem.line).ok()?.checked_sub(1)?)?;
    let at = usize::try_from(problem.column).ok()?.saturating_sub(1);
    let rest = line.get(offset(line, at)..)?;
    let what = problem.what.trim_end_matches('…');
    let length = if !what.is_empty() && rest.starts_with(what) { what.chars().count() } else { 1 };
    let (begin, end) = (at.saturating_sub(MAX_CONTEXT_CHARS), at + length);
    let last = offset(line, end + MAX_CONTEXT_CHARS);
    let piece = |from: usize, to: usize| {
        line.get(offset(line, from)..offset(line, to)).unwrap_or_default().to_owned()
    };
    let before = format!("{}{}", if begin > 0 { "…" } else { "" }, piece(begin, at).trim_start());
    let after = format!(
        "{}{}",
        piece(end, end + MAX_CONTEXT_CHARS),
        if last < line.len() { "…" } else { "" }
    );
    let marked = view! {
        <pre class="source" tabindex="0"><span class="line-number">{problem.line.to_string()}</span><code>{before}<mark>{piece(at, end)}</mark>{after}</code></pre>
    };
    Some(marked.into_markup())
}

fn list(lang: UiLanguage, problems: &[Problem], sources: &ThemeSources) -> Markup {
    let items: Vec<Markup> = problems
        .iter()
        .map(|problem| {
            let text = match problem.file {
                File::Bell => sources.bell.as_ref(),
                File::Card => sources.card.as_ref(),
                File::Css => sources.css.as_ref(),
            };
            let place = format!("{}:{}:{}", problem.file.name(), problem.line, problem.column);
            view! {
                <li>
                    <p><code class="place">{place}</code> " " <code>{problem.what.clone()}</code> " " {problem.reason.t(lang)} " " <small>{problem.code.word()}</small></p>
                    {source(text, problem)}
                </li>
            }
            .into_markup()
        })
        .collect();
    view! { <ol class="problems">{items}</ol> }.into_markup()
}

/// The diagnostics of a rejected theme.
pub(super) fn refused(
    lang: UiLanguage,
    diagnostics: &Diagnostics,
    sources: &ThemeSources,
) -> Markup {
    view! {
        <div class="notice failed" role="alert">
            <h2>{phrases::REFUSED.t(lang)}</h2>
            <p>{phrases::REFUSED_TEXT.t(lang)}</p>
            {list(lang, &diagnostics.problems, sources)}
        </div>
    }
    .into_markup()
}

/// The warnings of an accepted theme, stored as JSON.
pub(super) fn warnings(lang: UiLanguage, json: &str, sources: &ThemeSources) -> Option<Markup> {
    let warnings = stored_warnings(json);
    (!warnings.is_empty()).then(|| {
        view! {
            <section>
                <h2>{phrases::WARNINGS.t(lang)}</h2>
                <p class="quiet">{phrases::WARNINGS_TEXT.t(lang)}</p>
                {list(lang, &warnings, sources)}
            </section>
        }
        .into_markup()
    })
}
