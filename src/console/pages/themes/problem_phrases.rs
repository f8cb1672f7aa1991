//! What a theme's diagnostics say in the account's language: a phrase for each code, and for
//! frequent diagnostics their own sentence.
//!
//! English is the sentence of the theme compiler itself, which the API sends, too.
//!
//! To add a code: a line in `of_code`. To add a sentence: a line in `UKRAINIAN`, where `{name}`
//! stands for what differs.

use crate::{
    console::phrases::{Phrase, UiLanguage, words},
    content::error_translations::translate_with,
    theme::{Code, Problem},
};

words! {
    NO_FILE: "no file was uploaded", "не завантажено жодного файлу";
    TOO_LARGE: "is too large: simplify it or leave parts out", "завеликий: спростіть його або приберіть частини";
    ENCODING: "is not text in UTF-8: save the file as UTF-8", "не є текстом у UTF-8: збережіть файл у UTF-8";
    CHARACTER: "is a character that no theme needs: remove it", "символ, не потрібний жодній темі: приберіть його";
    SYNTAX: "cannot be read: check quotes and brackets, or export the file again", "не вдалося прочитати: перевірте лапки й дужки або експортуйте файл знову";
    TOO_COMPLEX: "is more complex than a theme may be: use fewer elements or rules", "складніше, ніж дозволено темі: використайте менше елементів або правил";
    SCRIPT: "could run a script, which a theme cannot: remove it", "могло б виконати скрипт, чого тема не може: приберіть його";
    LOADS: "would load something from elsewhere, which a theme cannot: put it into the file or remove it", "завантажувало б щось ззовні, чого тема не може: вбудуйте це у файл або приберіть";
    PICTURE: "is an embedded picture that cannot be used: embed a PNG, JPEG, GIF or WebP", "вбудоване зображення, яке не можна використати: вбудуйте PNG, JPEG, GIF або WebP";
    FONT: "is an embedded font and left out: text is shown in the fonts of the page", "вбудований шрифт вилучено: текст показується шрифтами сторінки";
    DOCTYPE: "is part of a document type, which a drawing does not need: export without it", "частина типу документа, не потрібна малюнку: експортуйте без нього";
    INSTRUCTION: "is an instruction for another program and left out", "вказівка для іншої програми, її вилучено";
    ROOT: "is no drawing: the file must begin with <svg>", "не малюнок: файл має починатися з <svg>";
    SIZE: "has a size that cannot be shown: check width, height and viewBox", "має розмір, який не можна показати: перевірте width, height і viewBox";
    ELEMENT: "is an element that a theme cannot have", "елемент, якого тема не може мати";
    NAMESPACE: "belongs to another program and is left out", "належить іншій програмі, тож його вилучено";
    ATTRIBUTE: "is an attribute that a theme cannot have", "атрибут, якого тема не може мати";
    ATTRIBUTE_VALUE: "has a value that cannot be used: export it again with plain values", "має значення, яке не можна використати: експортуйте знову з простими значеннями";
    REFERENCE: "refers to something that is missing, ambiguous or refers back: check its name", "посилається на щось відсутнє, неоднозначне або саме на себе: перевірте назву";
    ANIMATION: "is an animation that cannot be used: animate shapes, colours and places by the clock", "анімація, яку не можна використати: анімуйте форми, кольори й місця за часом";
    TEXT: "is text where none is shown, and left out", "текст там, де його не показують, тож його вилучено";
    MISSING_PART: "is a part that the drawing does not have", "частина, якої в малюнку немає";
    DUPLICATE_PART: "is a part that is drawn twice: the first one is used", "частину намальовано двічі: використано першу";
    STRETCH: "cannot be stretched without distortion: leave a plain area in it", "не розтягується без спотворення: залиште в ньому рівну ділянку";
    CONTRAST: "may be hard to read: choose colours with a contrast of at least 4.5", "може бути важко прочитати: виберіть кольори з контрастом щонайменше 4,5";
    COLOUR: "is a colour that will not look as it seems: choose another", "колір, що виглядатиме інакше, ніж здається: виберіть інший";
    AT_RULE: "is an @-rule that a theme cannot have", "@-правило, якого тема не може мати";
    CONDITION: "is a condition that cannot be used here: write a plainer one", "умова, яку тут не можна використати: напишіть простішу";
    KEYFRAMES: "cannot be used as @keyframes: check the name and the steps", "не можна використати як @keyframes: перевірте назву й кроки";
    SELECTOR: "is a selector that cannot be used: name a part of the widget", "селектор, який не можна використати: назвіть частину віджета";
    PART: "is no part of the widget: check its name", "не частина віджета: перевірте назву";
    PROPERTY: "is a property that a theme cannot set", "властивість, якої тема не може задати";
    CUSTOM_PROPERTY: "is a custom property that cannot be used: those of a theme begin with --belfry-", "власна властивість, яку не можна використати: властивості теми починаються з --belfry-";
    IMPORTANT: "is not needed: the declaration stays without !important", "не потрібне: оголошення лишається без !important";
    VALUE: "is a value that cannot be used here: write a plainer one", "значення, яке тут не можна використати: напишіть простіше";
    FUNCTION: "is a function that cannot be used here: write a plain value", "функція, яку тут не можна використати: напишіть просте значення";
    LIMIT: "is a number beyond what is allowed: choose one closer to the usual", "число поза дозволеними межами: виберіть ближче до звичайного";
    POSITION: "would move a part out of its place", "перемістило б частину з її місця";
    HIDDEN: "would hide or change a part that readers need", "приховало б або змінило частину, потрібну читачам";
    OTHER: "cannot be used", "не можна використати";
}

fn of_code(code: Code) -> Phrase {
    match code {
        Code::NoFile => NO_FILE,
        Code::TooLarge => TOO_LARGE,
        Code::Encoding => ENCODING,
        Code::Character => CHARACTER,
        Code::Syntax => SYNTAX,
        Code::TooComplex => TOO_COMPLEX,
        Code::Script => SCRIPT,
        Code::Loads => LOADS,
        Code::Picture => PICTURE,
        Code::Font => FONT,
        Code::Doctype => DOCTYPE,
        Code::Instruction => INSTRUCTION,
        Code::Root => ROOT,
        Code::Size => SIZE,
        Code::Element => ELEMENT,
        Code::Namespace => NAMESPACE,
        Code::Attribute => ATTRIBUTE,
        Code::AttributeValue => ATTRIBUTE_VALUE,
        Code::Reference => REFERENCE,
        Code::Animation => ANIMATION,
        Code::Text => TEXT,
        Code::MissingPart => MISSING_PART,
        Code::DuplicatePart => DUPLICATE_PART,
        Code::Stretch => STRETCH,
        Code::Contrast => CONTRAST,
        Code::Colour => COLOUR,
        Code::AtRule => AT_RULE,
        Code::Condition => CONDITION,
        Code::Keyframes => KEYFRAMES,
        Code::Selector => SELECTOR,
        Code::Part => PART,
        Code::Property => PROPERTY,
        Code::CustomProperty => CUSTOM_PROPERTY,
        Code::Important => IMPORTANT,
        Code::Value => VALUE,
        Code::Function => FUNCTION,
        Code::Limit => LIMIT,
        Code::Position => POSITION,
        Code::Hidden => HIDDEN,
        Code::Other => OTHER,
    }
}

/// What is said of a problem, and the compiler's own sentence where that says more.
pub(super) fn explain(lang: UiLanguage, problem: &Problem) -> (String, Option<String>) {
    match lang {
        UiLanguage::English if problem.reason.is_empty() => {
            (of_code(problem.code).t(lang).to_owned(), None)
        }
        UiLanguage::English => (problem.reason.clone(), None),
        UiLanguage::Ukrainian => match translate_with(UKRAINIAN, &problem.reason) {
            Some(sentence) => (sentence, None),
            None => (
                of_code(problem.code).t(lang).to_owned(),
                Some(problem.reason.clone()).filter(|reason| !reason.is_empty()),
            ),
        },
    }
}

/// Frequent sentences of the compiler. The first that fits counts.
const UKRAINIAN: &[(&str, &str)] = &[
    (
        "is not allowed: a drawing cannot run anything; remove it",
        "не дозволено: малюнок нічого не виконує; приберіть це",
    ),
    (
        "is not allowed: a picture must not load anything; remove it",
        "не дозволено: малюнок нічого не завантажує; приберіть це",
    ),
    (
        "loads something, and a picture must not: remove it",
        "завантажує щось, а малюнок не може: приберіть це",
    ),
    (
        "is an address, and a picture must not load anything: remove it",
        "це адреса, а малюнок нічого не завантажує: приберіть її",
    ),
    (
        "is not well-formed ({detail}): export the drawing again",
        "порушує правила XML ({detail}): експортуйте малюнок знову",
    ),
    (
        "does not say how large the drawing is: add a viewBox",
        "не каже, якого розміру малюнок: додайте viewBox",
    ),
    (
        "is left out: it is not on the list of what a picture may have",
        "вилучено: цього немає в переліку дозволеного для малюнка",
    ),
    (
        "is another program's, so all of it is left out",
        "належить іншій програмі, тож вилучено повністю",
    ),
    (
        "is left out: browsers cannot read this value",
        "вилучено: браузери не прочитають цього значення",
    ),
    (
        "is left out: another element before has this id",
        "вилучено: інший елемент раніше має цей id",
    ),
    (
        "refers to nothing in this file and is left out",
        "ні на що в цьому файлі не посилається, тож вилучено",
    ),
    (
        "is left out: text is shown in the fonts of the page, or convert it to outlines",
        "вилучено: текст показується шрифтами сторінки; або перетворіть його на контури",
    ),
    ("is left out: words are only shown in <text>", "вилучено: слова показуються лише в <text>"),
    (
        "is larger than {size} KiB: {remedy}",
        "більший за {size} КіБ: спростіть малюнок або експортуйте без шрифтів",
    ),
    ("is not UTF-8: save the file as UTF-8", "не в UTF-8: збережіть файл у UTF-8"),
    (
        "is a picture of pixels: export the drawing as SVG",
        "растрове зображення: експортуйте малюнок як SVG",
    ),
    (
        "is a compressed file (SVGZ): export it as plain SVG",
        "стиснений файл (SVGZ): експортуйте як звичайний SVG",
    ),
    ("is not in the drawing: {consequence}", "немає в малюнку; ця частина виглядатиме як без теми"),
    (
        "is the second layer that is called “{part}”: the first one is taken",
        "другий шар із назвою «{part}»: використано перший",
    ),
    (
        "is `!important`, which the widget keeps for itself: the declaration stays without it, and is enough",
        "має `!important`, який віджет лишає собі: оголошення діє й без нього",
    ),
    (
        "is no value that is known for `{name}`; a browser may ignore it",
        "невідоме значення для `{name}`; браузер може ним знехтувати",
    ),
    (
        "has a unit that is not known, in `{property}`: use px, em, rem or %",
        "має невідому одиницю в `{property}`: використайте px, em, rem або %",
    ),
    (
        "cannot stand in `{property}`: write its value there",
        "не може стояти в `{property}`: напишіть там значення",
    ),
    (
        "is fetched from elsewhere, which a theme cannot do: put a small picture in as `{example}`",
        "завантажується ззовні, чого тема не може: вбудуйте невелике зображення як `{example}`",
    ),
    (
        "could load something: nothing is fetched for a theme; put a small picture in as `{example}`",
        "могло б щось завантажити, а для теми нічого не завантажується: вбудуйте невелике зображення як `{example}`",
    ),
    (
        "could run a script in old browsers: remove it",
        "могло б виконати скрипт у старих браузерах: приберіть це",
    ),
    (
        "is not among the functions that can be used here",
        "не належить до функцій, які тут можна використати",
    ),
    ("is never closed", "ніколи не закрито"),
    (
        "cannot be read to its end: check its quotes and brackets",
        "не вдалося дочитати до кінця: перевірте лапки й дужки",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::File;

    fn problem(code: Code, reason: &str) -> Problem {
        Problem {
            file: File::Css,
            line: 1,
            column: 1,
            code,
            what: "x".to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn every_code_has_its_own_phrase_in_both_languages() {
        let codes = Code::ALL
            .iter()
            .map(|(word, _)| serde_json::from_value::<Code>(serde_json::json!(word)).unwrap());
        let mut phrases: Vec<&str> =
            codes.map(of_code).flat_map(|word| [word.en, word.uk]).collect();
        let count = phrases.len();
        phrases.sort_unstable();
        phrases.dedup();
        assert_eq!(phrases.len(), count);
        assert!(!phrases.contains(&OTHER.en));
    }

    #[test]
    fn ukrainian_has_the_sentence_or_phrase_and_sentence() {
        let known = problem(
            Code::Important,
            "is no value that is known for `color`; a browser may ignore it",
        );
        assert_eq!(
            explain(UiLanguage::Ukrainian, &known),
            ("невідоме значення для `color`; браузер може ним знехтувати".to_owned(), None)
        );
        let other = problem(Code::Limit, "is 900 pixels, and 400 are the most");
        assert_eq!(
            explain(UiLanguage::Ukrainian, &other),
            (LIMIT.uk.to_owned(), Some(other.reason.clone()))
        );
        assert_eq!(explain(UiLanguage::English, &other), (other.reason.clone(), None));
    }

    #[test]
    fn names_of_sentences_are_those_of_their_patterns() {
        for (english, ukrainian) in UKRAINIAN {
            for name in ukrainian
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'))
                .map(|(name, _)| name)
            {
                assert!(english.contains(&format!("{{{name}}}")), "{name} in {ukrainian}");
            }
        }
    }
}
