//! Translates sentences that exist only as English text, such as activity lines that are stored.

use crate::{
    AnyPhrase, UiLanguage,
    phrase::{Part, Template},
};
use std::fmt::Display;

/// The sentence in this language, if it fits the English text of one of these phrases, with what
/// stands at its placeholders. Of several the one with the most text counts.
pub fn translate(
    phrases: &[(&str, AnyPhrase)],
    lang: UiLanguage,
    sentence: &str,
) -> Option<String> {
    if lang == UiLanguage::ENGLISH {
        return Some(sentence.to_owned());
    }
    let fitting = phrases.iter().filter_map(|(_, phrase)| match phrase {
        AnyPhrase::Phrase(phrase) => (phrase.t(UiLanguage::ENGLISH) == sentence)
            .then(|| (usize::MAX, phrase.t(lang).to_owned())),
        AnyPhrase::Template(template) => {
            let values = capture(*template, sentence)?;
            let values: Vec<(&str, &(dyn Display + Sync))> =
                values.iter().map(|(name, value)| (*name, value as _)).collect();
            Some((text_length(*template), template.with(lang, &values)))
        }
    });
    fitting.max_by_key(|(length, _)| *length).map(|(_, text)| text)
}

/// How much of a phrase's English is text.
fn text_length(template: Template) -> usize {
    let length = |part: &Part| if let Part::Text(text) = part { text.len() } else { 0 };
    template.parts(UiLanguage::ENGLISH).iter().map(length).sum()
}

/// What stands in a sentence at the placeholders of a phrase's English; `None` if the sentence
/// doesn't fit, or the phrase has plural forms.
fn capture(template: Template, sentence: &str) -> Option<Vec<(&'static str, &str)>> {
    let (mut values, mut name, mut rest) = (Vec::new(), None, sentence);
    let parts = template.parts(UiLanguage::ENGLISH);
    for (index, part) in parts.iter().enumerate() {
        match (part, name.take()) {
            (Part::Text(text), None) => rest = rest.strip_prefix(text)?,
            (Part::Text(text), Some(name)) => {
                let is_last = index + 1 == parts.len();
                let (value, behind) =
                    if is_last { (rest.strip_suffix(text)?, "") } else { rest.split_once(text)? };
                values.push((name, value));
                rest = behind;
            }
            (Part::Value(next), None) => name = Some(*next),
            (Part::Value(_), Some(_)) | (Part::Plural { .. }, _) => return None,
        }
    }
    match name {
        Some(name) => values.push((name, rest)),
        None if !rest.is_empty() => return None,
        None => {}
    }
    Some(values)
}
