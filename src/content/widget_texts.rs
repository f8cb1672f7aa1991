//! The widget's texts with counts, and its language. The phrases are in `widget.ftl` of each
//! language. Doesn't know HTML or where a text is shown.

use belfry_domain::{Language, UnreadCounts, is_same_language};
use belfry_locales::{Counted, Template, UiLanguage, phrases::widget as phrases};

/// A plural form for the browser, which selects it with `Intl.PluralRules` for the language's tag
/// and replaces `{count}` by the number (or by `99+`, see [`format_count`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluralTemplate {
    /// Name of the text: `bell`, `new-messages` or `answers`.
    pub key: &'static str,
    /// Plural category as returned by `Intl.PluralRules.select`: `one`, `few`, `many`, `other` …
    pub category: &'static str,
    /// The text in this form.
    pub text: String,
}

/// The language of the widget's texts for a reader's language: exactly it, else without its
/// region, else English.
pub fn language(language: &Language) -> UiLanguage {
    find(language).unwrap_or_default()
}

/// Whether there are texts in the language or in its base language.
pub fn supports(language: &Language) -> bool {
    find(language).is_some()
}

fn find(language: &Language) -> Option<UiLanguage> {
    let is_same =
        |lang: &UiLanguage| lang.tag().parse().is_ok_and(|tag| is_same_language(language, &tag));
    UiLanguage::find(language.as_str()).or_else(|| UiLanguage::all().into_iter().find(is_same))
}

/// The bell's accessible name with the number of unread messages, or the title if there are none.
pub fn bell_name(lang: UiLanguage, count: u32) -> String {
    if count == 0 { phrases::TITLE.t(lang).to_owned() } else { counted(phrases::BELL, lang, count) }
}

/// "3 unread answers".
pub fn unread_answers(lang: UiLanguage, count: u32) -> String {
    counted(phrases::ANSWERS, lang, count)
}

/// Suffix of the bell's accessible name if the site has the tab "Messages"; empty without unread
/// answers.
pub fn answers_name(lang: UiLanguage, count: u32) -> String {
    if count == 0 { String::new() } else { format!("; {}", unread_answers(lang, count)) }
}

/// All plural forms for the browser. For a count of 0 the bell is labeled with the title.
pub fn templates(lang: UiLanguage) -> Vec<PluralTemplate> {
    let texts = [
        ("bell", phrases::BELL),
        ("new-messages", phrases::NEW_MESSAGES),
        ("answers", phrases::ANSWERS),
    ];
    let forms = |(key, text): (&'static str, Template)| {
        text.plural_forms(lang).into_iter().map(move |(category, text)| PluralTemplate {
            key,
            category,
            text,
        })
    };
    texts.into_iter().flat_map(forms).collect()
}

fn counted(phrase: Template, lang: UiLanguage, count: u32) -> String {
    let shown = Counted::new(count.min(UnreadCounts::CAP).into(), format_count(count));
    phrase.with(lang, &[("count", &shown)])
}

/// A count as shown: `99+` from 100 on.
pub fn format_count(count: u32) -> String {
    if count >= UnreadCounts::CAP {
        format!("{}+", UnreadCounts::CAP - 1)
    } else {
        count.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::FILES;

    fn lang(tag: &str) -> UiLanguage {
        language(&tag.parse().unwrap())
    }

    fn new_messages(lang: UiLanguage, count: u32) -> String {
        counted(phrases::NEW_MESSAGES, lang, count)
    }

    #[test]
    fn closest_catalog_is_selected() {
        assert_eq!(lang("uk-UA").tag(), "uk");
        assert_eq!(lang("en-GB").tag(), "en");
        assert_eq!(lang("fr").tag(), "en");
        assert!(supports(&"uk-UA".parse().unwrap()));
        assert!(!supports(&"fr".parse().unwrap()));
    }

    #[test]
    fn bell_label_contains_the_count() {
        let english = lang("en");
        assert_eq!(bell_name(english, 0), "Notifications");
        assert_eq!(bell_name(english, 1), "Notifications, 1 unread");
        assert_eq!(bell_name(english, 99), "Notifications, 99 unread");
        assert_eq!(bell_name(english, 100), "Notifications, 99+ unread");
        assert_eq!(bell_name(english, u32::MAX), "Notifications, 99+ unread");
        assert_eq!(new_messages(english, 1), "1 new message");
        assert_eq!(new_messages(english, 3), "3 new messages");
        assert_eq!(
            [0, 1, 2].map(|count| answers_name(english, count)),
            ["", "; 1 unread answer", "; 2 unread answers"]
        );
    }

    #[test]
    fn ukrainian_plural_forms() {
        let ukrainian = lang("uk");
        assert_eq!(bell_name(ukrainian, 0), "Сповіщення");
        for (count, name, new) in [
            (1, "Сповіщення, 1 непрочитане", "1 нове повідомлення"),
            (2, "Сповіщення, 2 непрочитані", "2 нові повідомлення"),
            (5, "Сповіщення, 5 непрочитаних", "5 нових повідомлень"),
            (11, "Сповіщення, 11 непрочитаних", "11 нових повідомлень"),
            (21, "Сповіщення, 21 непрочитане", "21 нове повідомлення"),
            (22, "Сповіщення, 22 непрочитані", "22 нові повідомлення"),
            (101, "Сповіщення, 99+ непрочитаних", "99+ нових повідомлень"),
        ] {
            assert_eq!(bell_name(ukrainian, count), name);
            assert_eq!(new_messages(ukrainian, count), new);
        }
    }

    #[test]
    fn each_plural_form_is_sent_with_its_count() {
        for lang in UiLanguage::all() {
            let templates = templates(lang);
            assert_eq!(templates.len(), lang.plural_categories().len() * 3);
            for template in templates {
                assert!(template.text.contains("{count}"), "{lang:?} {template:?}");
            }
        }
        let few = templates(lang("uk")).into_iter().find(|form| form.category == "few").unwrap();
        assert_eq!((few.key, few.text.as_str()), ("bell", "Сповіщення, {count} непрочитані"));
    }

    #[test]
    fn translations_differ_from_english() {
        let same = |name: &str| name == "date" || name == "date-with-year";
        let (_, phrases) = FILES.iter().find(|(file, _)| *file == "widget").unwrap();
        for (name, phrase) in *phrases {
            let text = |lang| match phrase {
                belfry_locales::AnyPhrase::Phrase(phrase) => phrase.t(lang).to_owned(),
                belfry_locales::AnyPhrase::Template(template) => template.for_browser(lang),
            };
            for lang in UiLanguage::all().into_iter().filter(|lang| *lang != UiLanguage::ENGLISH) {
                assert!(same(name) || text(lang) != text(UiLanguage::ENGLISH), "{lang:?} {name}");
            }
        }
    }

    #[test]
    fn announcement_contains_the_title() {
        let announce =
            |tag, title: &str| phrases::ANNOUNCEMENT.with(lang(tag), &[("title", &title)]);
        assert_eq!(announce("en", "Order {count} shipped"), "New message: Order {count} shipped");
        assert_eq!(announce("uk", "Замовлення"), "Нове повідомлення: Замовлення");
        assert_eq!(phrases::ANNOUNCEMENT.for_browser(lang("uk")), "Нове повідомлення: {title}");
    }
}
