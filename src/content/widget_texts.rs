//! The widget's own texts, one catalog per language. Doesn't know HTML or where a text is shown.
//!
//! To add a language: a file with a `WidgetTexts` next to `english.rs`, and an item in
//! [`WidgetTexts::all`]. The tests report missing plural forms.

mod english;
mod ukrainian;

use crate::domain::{Language, UnreadCounts, is_same_language};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};

/// A text in the plural forms of its language (CLDR categories); `{count}` stands for the number.
/// Forms that the language doesn't have are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plural {
    zero: Option<&'static str>,
    one: Option<&'static str>,
    two: Option<&'static str>,
    few: Option<&'static str>,
    many: Option<&'static str>,
    other: &'static str,
}

impl Plural {
    /// A text with only the general form.
    const fn only(other: &'static str) -> Self {
        Self { zero: None, one: None, two: None, few: None, many: None, other }
    }

    fn form(&self, category: PluralCategory) -> Option<&'static str> {
        match category {
            PluralCategory::Zero => self.zero,
            PluralCategory::One => self.one,
            PluralCategory::Two => self.two,
            PluralCategory::Few => self.few,
            PluralCategory::Many => self.many,
            PluralCategory::Other => Some(self.other),
        }
    }
}

/// A plural form for the browser, which selects it with `Intl.PluralRules` for [`WidgetTexts::tag`]
/// and replaces `{count}` by the number (or by `99+`, see [`format_count`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PluralTemplate {
    /// Name of the text: `bell`, `new-messages` or `answers`.
    pub key: &'static str,
    /// Plural category as returned by `Intl.PluralRules.select`: `one`, `few`, `many`, `other` …
    pub category: &'static str,
    /// The text in this form.
    pub text: &'static str,
}

/// All texts in one language. Fields are complete texts; methods fill in a number or a title.
#[derive(Debug)]
pub struct WidgetTexts {
    tag: &'static str,
    /// Button: ends the session of a standalone inbox page.
    pub sign_out: &'static str,
    /// Standalone inbox page without a session; a link to the site follows.
    pub open_from_site: &'static str,
    /// Button and title: which categories of messages to show.
    pub preferences: &'static str,
    /// Sentence above the list of categories.
    pub preferences_sentence: &'static str,
    /// Button: saves the choice.
    pub save: &'static str,
    /// Title of the panel, and label of the bell without unread messages.
    pub title: &'static str,
    bell: Plural,
    /// Button: marks all as read.
    pub mark_all_read: &'static str,
    /// Button: marks a message as read.
    pub mark_read: &'static str,
    /// Button: marks a message as unread.
    pub mark_unread: &'static str,
    /// Button: archives a message.
    pub archive: &'static str,
    /// Button: moves a message out of the archive.
    pub restore: &'static str,
    /// Button: deletes a message.
    pub delete: &'static str,
    /// Status: a message was archived.
    pub archived: &'static str,
    /// Status: a message was deleted.
    pub deleted: &'static str,
    /// Status: all messages were marked as read.
    pub all_read: &'static str,
    /// Button next to these statuses: undoes the action.
    pub undo: &'static str,
    /// Screen reader label of the filter tabs.
    pub filters: &'static str,
    /// Filter: all messages.
    pub filter_all: &'static str,
    /// Filter: unread ones.
    pub filter_unread: &'static str,
    /// Filter: archived ones.
    pub filter_archived: &'static str,
    /// Button: closes the panel.
    pub close: &'static str,
    /// Title of the list of keyboard shortcuts.
    pub keys: &'static str,
    /// Shortcut: next or previous message.
    pub key_move: &'static str,
    /// Shortcut: first or last message.
    pub key_ends: &'static str,
    /// Shortcut: opens the message.
    pub key_open: &'static str,
    /// Shortcut: marks as read or unread.
    pub key_read: &'static str,
    /// Headline of the empty list.
    pub empty_headline: &'static str,
    /// Headline of the empty list of unread messages.
    pub empty_unread: &'static str,
    /// Headline of the empty archive.
    pub empty_archived: &'static str,
    /// Sentence below the headline of the empty list.
    pub empty_sentence: &'static str,
    /// Shown while messages are loading.
    pub loading: &'static str,
    /// Button: loads the next page.
    pub show_older: &'static str,
    /// Link: back to the beginning of the list.
    pub show_newest: &'static str,
    /// Status: the server could not respond.
    pub unavailable: &'static str,
    new_messages: Plural,
    /// Status: offline.
    pub offline: &'static str,
    /// Status: a change was rejected and has been undone.
    pub failed: &'static str,
    /// Screen reader label of the unread dot.
    pub unread: &'static str,
    /// Screen reader label and tooltip of the pin.
    pub pinned: &'static str,
    /// Status: the session has ended.
    pub signed_out: &'static str,
    announcement: &'static str,
    /// Title of the tab for conversations with the site, and of the button that opens it.
    pub messages: &'static str,
    /// Headline without conversations.
    pub write_headline: &'static str,
    /// Sentence below that headline.
    pub write_sentence: &'static str,
    /// Headline of a reply to a message.
    pub reply_headline: &'static str,
    /// Before the title of the message that is replied to.
    pub about: &'static str,
    /// Label and placeholder of the text box.
    pub write_label: &'static str,
    /// Button: sends the text.
    pub send: &'static str,
    /// Status: the text could not be sent.
    pub not_sent: &'static str,
    /// Button and headline: starts another conversation.
    pub new_conversation: &'static str,
    /// Button: back to the list of conversations.
    pub all_conversations: &'static str,
    /// Sender: the reader.
    pub you: &'static str,
    /// Sender: the inbox's automatic reply.
    pub automatic: &'static str,
    /// Receipt: an agent has seen the reader’s message.
    pub seen: &'static str,
    /// Receipt: the reader’s message is stored.
    pub sent: &'static str,
    /// Status of a resolved conversation, short.
    pub closed: &'static str,
    /// Sentence at the end of a resolved conversation.
    pub closed_sentence: &'static str,
    /// Shown for a message whose type has no text.
    pub not_shown: &'static str,
    answers: Plural,
    typing: &'static str,
    /// Less than a minute ago.
    pub just_now: &'static str,
    /// `{count}` minutes ago, short.
    pub minutes: &'static str,
    /// `{count}` hours ago, short.
    pub hours: &'static str,
    /// Yesterday.
    pub yesterday: &'static str,
    /// `{count}` days ago, short.
    pub days: &'static str,
    /// Abbreviated months, in the form that follows a day.
    pub(super) months: [&'static str; 12],
    /// Full months, in the form that follows a day.
    pub(super) full_months: [&'static str; 12],
    /// Date in the current year: `{day}`, `{month}`.
    pub(super) date: &'static str,
    /// Date in another year: `{day}`, `{month}`, `{year}`.
    pub(super) date_with_year: &'static str,
    /// Date and time: `{day}`, `{month}`, `{year}`, `{time}`.
    pub(super) moment: &'static str,
}

impl WidgetTexts {
    /// The texts for a language: exactly it, else without its region, else English.
    pub fn of(language: &Language) -> &'static Self {
        Self::find(language).unwrap_or(&english::TEXTS)
    }

    /// Whether there are texts in the language or in its base language.
    pub fn supports(language: &Language) -> bool {
        Self::find(language).is_some()
    }

    /// All catalogs.
    pub fn all() -> [&'static Self; 2] {
        [&english::TEXTS, &ukrainian::TEXTS]
    }

    /// The language tag of these texts, for `lang` attributes and `Intl`. Can differ from the
    /// requested one.
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// The bell's accessible name with the number of unread messages, or the title if there are
    /// none.
    pub fn bell_name(&self, count: u32) -> String {
        if count == 0 { self.title.to_owned() } else { self.count(&self.bell, count) }
    }

    /// "3 new messages".
    pub fn new_messages(&self, count: u32) -> String {
        self.count(&self.new_messages, count)
    }

    /// "3 unread answers".
    pub fn unread_answers(&self, count: u32) -> String {
        self.count(&self.answers, count)
    }

    /// Suffix of the bell's accessible name if the site has the tab "Messages"; empty without
    /// unread answers.
    pub fn answers_name(&self, count: u32) -> String {
        if count == 0 { String::new() } else { format!("; {}", self.unread_answers(count)) }
    }

    /// Typing indicator with `{name}` as a placeholder, for the browser to fill in.
    pub fn typing_template(&self) -> &'static str {
        self.typing
    }

    /// Screen reader announcement of a new message.
    pub fn announce(&self, title: &str) -> String {
        self.announcement.replace("{title}", title)
    }

    /// Screen reader announcement with `{title}` as a placeholder, for the browser to fill in.
    pub fn announcement_template(&self) -> &'static str {
        self.announcement
    }

    /// All plural forms for the browser. For a count of 0 the bell is labeled [`Self::title`].
    pub fn templates(&self) -> Vec<PluralTemplate> {
        let mut templates = Vec::new();
        for (key, plural) in
            [("bell", &self.bell), ("new-messages", &self.new_messages), ("answers", &self.answers)]
        {
            templates.extend(PluralCategory::all().filter_map(|category| {
                let text = plural.form(category)?;
                Some(PluralTemplate { key, category: category_name(category), text })
            }));
        }
        templates
    }

    fn find(language: &Language) -> Option<&'static Self> {
        let with = |tag: &str| Self::all().into_iter().find(|texts| texts.tag == tag);
        with(language.as_str()).or_else(|| with(language.base())).or_else(|| {
            let is_theirs =
                |tag: &str| tag.parse().is_ok_and(|tag| is_same_language(language, &tag));
            Self::all().into_iter().find(|texts| is_theirs(texts.tag))
        })
    }

    fn count(&self, plural: &Plural, count: u32) -> String {
        let category = self.rules().map_or(PluralCategory::Other, |rules| {
            rules.category_for(count.min(UnreadCounts::CAP))
        });
        plural.form(category).unwrap_or(plural.other).replace("{count}", &format_count(count))
    }

    /// The rules are compiled in, so this is cheap. `None` only for an invalid tag.
    fn rules(&self) -> Option<PluralRules> {
        let locale: Locale = self.tag.parse().ok()?;
        PluralRules::try_new((&locale).into(), PluralRulesOptions::default()).ok()
    }
}

/// A count as shown: `99+` from 100 on.
pub fn format_count(count: u32) -> String {
    if count >= UnreadCounts::CAP {
        format!("{}+", UnreadCounts::CAP - 1)
    } else {
        count.to_string()
    }
}

fn category_name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn texts(tag: &str) -> &'static WidgetTexts {
        WidgetTexts::of(&tag.parse().unwrap())
    }

    #[test]
    fn closest_catalog_is_selected() {
        assert_eq!(texts("uk-UA").tag(), "uk");
        assert_eq!(texts("en-GB").tag(), "en");
        assert_eq!(texts("fr").tag(), "en");
        assert!(WidgetTexts::supports(&"uk-UA".parse().unwrap()));
        assert!(!WidgetTexts::supports(&"fr".parse().unwrap()));
    }

    #[test]
    fn bell_label_contains_the_count() {
        let english = texts("en");
        assert_eq!(english.bell_name(0), "Notifications");
        assert_eq!(english.bell_name(1), "Notifications, 1 unread");
        assert_eq!(english.bell_name(99), "Notifications, 99 unread");
        assert_eq!(english.bell_name(100), "Notifications, 99+ unread");
        assert_eq!(english.bell_name(u32::MAX), "Notifications, 99+ unread");
        assert_eq!(english.new_messages(1), "1 new message");
        assert_eq!(english.new_messages(3), "3 new messages");
        assert_eq!(
            [0, 1, 2].map(|count| english.answers_name(count)),
            ["", "; 1 unread answer", "; 2 unread answers"]
        );
    }

    #[test]
    fn ukrainian_plural_forms() {
        let ukrainian = texts("uk");
        assert_eq!(ukrainian.bell_name(0), "Сповіщення");
        for (count, name, new) in [
            (1, "Сповіщення, 1 непрочитане", "1 нове повідомлення"),
            (2, "Сповіщення, 2 непрочитані", "2 нові повідомлення"),
            (5, "Сповіщення, 5 непрочитаних", "5 нових повідомлень"),
            (11, "Сповіщення, 11 непрочитаних", "11 нових повідомлень"),
            (21, "Сповіщення, 21 непрочитане", "21 нове повідомлення"),
            (22, "Сповіщення, 22 непрочитані", "22 нові повідомлення"),
            (101, "Сповіщення, 99+ непрочитаних", "99+ нових повідомлень"),
        ] {
            assert_eq!(ukrainian.bell_name(count), name);
            assert_eq!(ukrainian.new_messages(count), new);
        }
    }

    #[test]
    fn all_texts_and_plural_forms_exist() {
        let count_of_keys = 3;
        for texts in WidgetTexts::all() {
            let rules = texts.rules().expect("the tag has plural rules");
            let expected: BTreeSet<&str> = rules.categories().map(category_name).collect();
            let templates = texts.templates();
            for key in ["bell", "new-messages", "answers"] {
                let given: BTreeSet<&str> = templates
                    .iter()
                    .filter(|template| template.key == key)
                    .map(|template| template.category)
                    .collect();
                assert_eq!(
                    given, expected,
                    "{} {key}: plural forms differ from the rules",
                    texts.tag
                );
            }
            assert_eq!(templates.len(), expected.len() * count_of_keys);
            assert!(
                templates.iter().all(|template| template.text.contains("{count}")),
                "{}",
                texts.tag
            );
            let debug = format!("{texts:?}");
            assert!(!debug.contains("\"\""), "{} has an empty text: {debug}", texts.tag);
            assert!(texts.announcement.contains("{title}") && texts.typing.contains("{name}"));
            for (template, places) in [
                (texts.minutes, vec!["{count}"]),
                (texts.hours, vec!["{count}"]),
                (texts.days, vec!["{count}"]),
                (texts.date, vec!["{day}", "{month}"]),
                (texts.date_with_year, vec!["{day}", "{month}", "{year}"]),
                (texts.moment, vec!["{day}", "{month}", "{year}", "{time}"]),
            ] {
                assert!(
                    places.iter().all(|place| template.contains(place)),
                    "{}: {template}",
                    texts.tag
                );
            }
        }
    }

    #[test]
    fn translations_differ_from_english() {
        let lines = |texts: &WidgetTexts| {
            [
                texts.title,
                texts.mark_all_read,
                texts.mark_read,
                texts.mark_unread,
                texts.archive,
                texts.restore,
                texts.delete,
                texts.archived,
                texts.deleted,
                texts.all_read,
                texts.undo,
                texts.filters,
                texts.filter_all,
                texts.filter_unread,
                texts.filter_archived,
                texts.empty_unread,
                texts.empty_archived,
                texts.keys,
                texts.key_move,
                texts.key_ends,
                texts.key_open,
                texts.key_read,
                texts.close,
                texts.empty_headline,
                texts.empty_sentence,
                texts.loading,
                texts.show_older,
                texts.offline,
            ]
            .into_iter()
            .chain([
                texts.failed,
                texts.unread,
                texts.pinned,
                texts.signed_out,
                texts.open_from_site,
                texts.sign_out,
                texts.preferences,
                texts.preferences_sentence,
                texts.save,
                texts.messages,
                texts.write_headline,
                texts.write_sentence,
                texts.reply_headline,
                texts.about,
                texts.write_label,
                texts.send,
                texts.not_sent,
                texts.new_conversation,
                texts.all_conversations,
                texts.you,
                texts.automatic,
                texts.seen,
                texts.sent,
                texts.closed,
                texts.closed_sentence,
                texts.not_shown,
                texts.announcement,
                texts.just_now,
                texts.yesterday,
            ])
            .collect::<Vec<_>>()
        };
        for texts in WidgetTexts::all().into_iter().filter(|texts| texts.tag != "en") {
            for (own, english) in lines(texts).into_iter().zip(lines(&english::TEXTS)) {
                assert_ne!(own, english, "{}", texts.tag);
            }
        }
    }

    #[test]
    fn announcement_contains_the_title() {
        assert_eq!(
            texts("en").announce("Order {count} shipped"),
            "New message: Order {count} shipped"
        );
        assert_eq!(texts("uk").announce("Замовлення"), "Нове повідомлення: Замовлення");
    }
}
