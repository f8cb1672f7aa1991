//! A theme's diagnostics in the account's language: a phrase for each code, and own sentences for
//! frequent diagnostics.
//!
//! The English text is the theme compiler's own sentence, which the API returns as well.
//!
//! To add a code: a line in `of_code`, and its phrase in `theme-problems.ftl`. A
//! sentence in all languages is a phrase in `themes.ftl`.

use crate::phrases::{Phrase, UiLanguage};
use belfry_locales::phrases::theme_problems as phrases;
use belfry_theme::{Code, Problem};

fn of_code(code: Code) -> Phrase {
    match code {
        Code::NoFile => phrases::NO_FILE,
        Code::TooLarge => phrases::TOO_LARGE,
        Code::Encoding => phrases::ENCODING,
        Code::Character => phrases::CHARACTER,
        Code::Syntax => phrases::SYNTAX,
        Code::TooComplex => phrases::TOO_COMPLEX,
        Code::Script => phrases::SCRIPT,
        Code::Loads => phrases::LOADS,
        Code::Picture => phrases::PICTURE,
        Code::Font => phrases::FONT,
        Code::Doctype => phrases::DOCTYPE,
        Code::Instruction => phrases::INSTRUCTION,
        Code::Root => phrases::ROOT,
        Code::Size => phrases::SIZE,
        Code::Element => phrases::ELEMENT,
        Code::Namespace => phrases::NAMESPACE,
        Code::Attribute => phrases::ATTRIBUTE,
        Code::AttributeValue => phrases::ATTRIBUTE_VALUE,
        Code::Reference => phrases::REFERENCE,
        Code::Animation => phrases::ANIMATION,
        Code::Text => phrases::TEXT,
        Code::MissingPart => phrases::MISSING_PART,
        Code::DuplicatePart => phrases::DUPLICATE_PART,
        Code::Stretch => phrases::STRETCH,
        Code::Contrast => phrases::CONTRAST,
        Code::Colour => phrases::COLOUR,
        Code::AtRule => phrases::AT_RULE,
        Code::Condition => phrases::CONDITION,
        Code::Keyframes => phrases::KEYFRAMES,
        Code::Selector => phrases::SELECTOR,
        Code::Part => phrases::PART,
        Code::Property => phrases::PROPERTY,
        Code::CustomProperty => phrases::CUSTOM_PROPERTY,
        Code::Important => phrases::IMPORTANT,
        Code::Value => phrases::VALUE,
        Code::Function => phrases::FUNCTION,
        Code::Limit => phrases::LIMIT,
        Code::Position => phrases::POSITION,
        Code::Hidden => phrases::HIDDEN,
        Code::Other => phrases::OTHER,
    }
}

/// The phrase for a problem, followed by the compiler's sentence if that has more details.
pub(super) fn explain(lang: UiLanguage, problem: &Problem) -> (String, Option<String>) {
    let phrase = || of_code(problem.code).t(lang).to_owned();
    if problem.reason.is_empty() {
        return (phrase(), None);
    }
    match problem.reason.t(lang) {
        Some(sentence) => (sentence, None),
        None => (phrase(), Some(problem.reason.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::themes;
    use belfry_theme::{File, Reason};

    fn problem(code: Code, reason: impl Into<Reason>) -> Problem {
        Problem {
            file: File::Css,
            line: 1,
            column: 1,
            code,
            what: "x".to_owned(),
            reason: reason.into(),
        }
    }

    #[test]
    fn every_code_has_its_own_phrase_in_both_languages() {
        let codes = Code::ALL
            .iter()
            .map(|(word, _)| serde_json::from_value::<Code>(serde_json::json!(word)).unwrap());
        let mut phrases: Vec<&str> = codes
            .map(of_code)
            .flat_map(|word| UiLanguage::all().map(|lang| word.t(lang)))
            .collect();
        let count = phrases.len();
        phrases.sort_unstable();
        phrases.dedup();
        assert_eq!(phrases.len(), count);
        assert!(!phrases.contains(&phrases::OTHER.t(UiLanguage::ENGLISH)));
    }

    #[test]
    fn ukrainian_has_the_sentence_or_phrase_and_sentence() {
        let ukrainian = UiLanguage::from_tag("uk");
        let known = problem(Code::Important, themes::unknown_value("color"));
        assert_eq!(
            explain(ukrainian, &known),
            ("невідоме значення для `color`; браузер може ним знехтувати".to_owned(), None)
        );
        let other = problem(Code::Limit, "is 900 pixels, and 400 are the most");
        assert_eq!(
            explain(ukrainian, &other),
            (phrases::LIMIT.t(ukrainian).to_owned(), Some(other.reason.to_string()))
        );
        assert_eq!(explain(UiLanguage::ENGLISH, &other), (other.reason.to_string(), None));
    }
}
