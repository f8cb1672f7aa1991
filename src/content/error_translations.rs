//! Ukrainian translations of validation errors for the console and the SDK's window.
//!
//! Validation errors are in English, for APIs and logs. This table translates those that a form can
//! show; others are shown in English. Variable parts are named in braces.
//!
//! To add a translation: a pair in the table, in front of wider patterns that match as well.

use super::phrases::UiLanguage;

/// The error in this language.
pub fn translate(lang: UiLanguage, reason: &str) -> String {
    if lang == UiLanguage::English {
        return reason.to_owned();
    }
    if let Some(text) = ukrainian(reason) {
        return text;
    }
    // The error can have a prefix with its field or line; user input in it may contain colons.
    let parts = [reason.split_once(": "), reason.rsplit_once(": ")];
    let known = parts
        .into_iter()
        .flatten()
        .find_map(|(before, rest)| Some(format!("{before}: {}", ukrainian(rest)?)));
    known.unwrap_or_else(|| reason.to_owned())
}

fn ukrainian(reason: &str) -> Option<String> {
    translate_with(UKRAINIAN, reason)
}

/// Translates a sentence by the first matching pattern of a table, and inserts the values of its
/// variable parts.
pub fn translate_with(table: &[(&'static str, &'static str)], reason: &str) -> Option<String> {
    let (values, ukrainian) = table
        .iter()
        .find_map(|(english, ukrainian)| Some((capture(english, reason)?, ukrainian)))?;
    Some(values.into_iter().fold((*ukrainian).to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    }))
}

/// The values of a pattern's variable parts; `None` if the sentence doesn't match.
fn capture<'r>(pattern: &'static str, reason: &'r str) -> Option<Vec<(&'static str, &'r str)>> {
    let (start, mut pattern) = pattern.split_once('{').unwrap_or((pattern, ""));
    let mut rest = reason.strip_prefix(start)?;
    let mut values = Vec::new();
    while !pattern.is_empty() {
        let (name, after) = pattern.split_once('}')?;
        let (literal, next) = after.split_once('{').unwrap_or((after, ""));
        let (value, behind) = if next.is_empty() {
            (rest.strip_suffix(literal)?, "")
        } else {
            rest.split_once(literal)?
        };
        values.push((name, value));
        (rest, pattern) = (behind, next);
    }
    rest.is_empty().then_some(values)
}

/// English pattern and translation. The first match wins, so narrower patterns come first.
const UKRAINIAN: &[(&str, &str)] = &[
    // Common to several fields.
    ("is required", "обов’язкове поле"),
    ("is required, such as {example}", "обов’язкове поле, наприклад {example}"),
    ("can't be blank", "обов’язкове поле"),
    ("has already been taken", "уже зайнято"),
    ("is too long (maximum is {most} characters)", "задовге: щонайбільше {most} символів"),
    ("must not be repeated", "є двічі"),
    ("must contain a visible character", "має містити щось видиме"),
    ("must have 1 to {most} printable characters", "має містити від 1 до {most} видимих символів"),
    (
        "there may be at most {most} signing keys; revoke one first",
        "може бути щонайбільше {most} ключів підпису; спершу відкличте якийсь",
    ),
    (
        "must have at most {most} characters; this has {count}",
        "має містити щонайбільше {most} символів, а зараз їх {count}",
    ),
    ("must have at most {most} characters", "має містити щонайбільше {most} символів"),
    ("must have {least} characters or more", "має містити щонайменше {least} символів"),
    ("must not contain control characters", "не може містити керівних символів"),
    ("must not contain the character U+0000", "не може містити символу U+0000"),
    ("must not have the character U+0000 in its name", "не може мати символу U+0000 у назві"),
    ("must be a whole number above 0", "має бути цілим числом, більшим за 0"),
    ("must be a UUID", "має бути UUID"),
    ("must be {expected}, not {found}", "має значення іншого виду, ніж очікується"),
    (
        "the site already has {count} open invitations; revoke some first",
        "сайт уже має {count} чинних запрошень; спершу відкличте якісь",
    ),
    // Languages.
    (
        "must have 1 to 40 letters, digits, - or _, such as whatsapp",
        "має містити від 1 до 40 латинських літер, цифр, - чи _, як-от whatsapp",
    ),
    ("must be a country as two letters, such as NL", "має бути країною, дві літери, як-от UA"),
    ("must be a language tag such as {examples}", "має бути тегом мови, як-от `en` чи `pt-BR`"),
    (
        "must be language tags such as {examples}, between spaces",
        "мають бути теги мов, як-от `en` чи `pt-BR`, через пробіл",
    ),
    (
        "must be named by a language tag such as {examples}",
        "має називатися тегом мови, як-от `en` чи `pt-BR`",
    ),
    ("is the same language as {other}", "та сама мова, що й {other}"),
    (
        "must have 1 to {most} languages; this has {count}",
        "має містити від 1 до {most} мов, а зараз їх {count}",
    ),
    ("name at most {most} languages", "щонайбільше {most} мов"),
    ("name at most {most} categories", "щонайбільше {most} категорій"),
    // URLs and origins.
    ("must be an origin such as {example}", "має бути джерелом, як-от {example}"),
    (
        "must be scheme, host and port only, without a path",
        "має містити лише схему, хост і порт, без шляху",
    ),
    (
        "must name one host; wildcards are not accepted",
        "має називати один хост; шаблони із зірочкою не приймаються",
    ),
    (
        "must name one host of letters, digits, dots and hyphens",
        "має називати один хост із літер, цифр, крапок і дефісів",
    ),
    (
        "name 1 to 50 origins: no other page may show the widget",
        "назвіть від 1 до 50 джерел: інші сторінки не можуть показувати віджет",
    ),
    (
        "must be a full address such as {example}, or begin with / for a page of the site",
        "має бути повною адресою, як-от {example}, або починатися з / для сторінки сайту",
    ),
    (
        "must begin with https://, or with / for a page of the site; links with this scheme can be harmful",
        "має починатися з https:// або з / для сторінки сайту; посилання з такою схемою небезпечні",
    ),
    (
        "must begin with https://, mailto: or tel:, or with / for a page of the site; {how}",
        "має починатися з https://, mailto: чи tel:, або з / для сторінки сайту; схеми застосунків дозволяють у налаштуваннях сайту",
    ),
    (
        "must begin with https://: browsers block images over http, except those of the site's own origins",
        "має починатися з https://: браузери не показують картинок через http, крім тих, що на адресах самого сайту",
    ),
    (
        "shows nothing: {how}",
        "нічого не показує: картинки мають власне поле, а означення посилань — місце, де їх ужито",
    ),
    ("must have an e-mail address after mailto:", "має називати адресу пошти після mailto:"),
    ("must have a phone number after tel:", "має називати номер телефону після tel:"),
    ("must have a value after its scheme", "має щось називати після схеми"),
    (
        "must be the name of a scheme such as myshop: {form}",
        "має бути назвою схеми, як-от myshop: літера, далі літери, цифри, +, - або .",
    ),
    (
        "is not allowed: links with this scheme can be harmful",
        "не можна дозволити: посилання з такою схемою небезпечні",
    ),
    ("is always allowed and need not be named", "дозволено завжди, називати не потрібно"),
    ("name at most {most} schemes", "щонайбільше {most} схем"),
    ("must be a full address such as {example}", "має бути повною адресою, як-от {example}"),
    ("must begin with https:// or http://", "має починатися з https:// або http://"),
    ("must begin with https://", "має починатися з https://"),
    (
        "must not contain a user name or password; a message webhook takes them in auth",
        "не може містити імені користувача чи пароля",
    ),
    ("must not contain a user name or password", "не може містити імені користувача чи пароля"),
    (
        "must not contain spaces or control characters",
        "не може містити пробілів чи керівних символів",
    ),
    ("must not contain a fragment (#…)", "не може містити фрагмента (#…)"),
    ("must use port 443, or a port of 1024 or above", "має вести на порт 443 або на порт від 1024"),
    (
        "must lead to a public address: private, local and reserved addresses are not allowed",
        "має вести у відкритий інтернет: на приватні, локальні й зарезервовані адреси виклики не надсилаються",
    ),
    (
        "is the address of this server itself, which is not allowed",
        "це адреса самого цього сервера, який себе не викликає",
    ),
    ("has a host that can't be resolved", "називає хост, якого не знайдено"),
    (
        "can't be called from this program; use the server",
        "не можна викликати з цієї програми; скористайтеся сервером",
    ),
    // Placement of the bell.
    (
        "must be a CSS selector of 1 to {most} characters",
        "має бути селектором CSS завдовжки від 1 до {most} символів",
    ),
    (
        "must have a CSS selector on each side of `>>>`",
        "має мати селектор CSS з обох боків від `>>>`",
    ),
    (
        "must be beforebegin, afterbegin, beforeend or afterend",
        "має бути beforebegin, afterbegin, beforeend або afterend",
    ),
    ("must be the number of an inbox of this site", "має бути номером скриньки цього сайту"),
    (
        "is not allowed for an action of the type \"reply\"",
        "не для кнопки відповіді, яка нікуди не веде",
    ),
    (
        "must be 1 to 3,650 days, or not set to keep messages indefinitely",
        "має бути від 1 до 3650 днів або порожньо, щоб зберігати завжди",
    ),
    (
        "must be one of read, send, contacts, themes, webhooks and admin",
        "має бути з read, send, contacts, themes, webhooks та admin",
    ),
    // Accounts and members.
    ("must be owner, editor, viewer or agent", "має бути власник, редактор, глядач або агент"),
    ("must not be your e-mail address", "не може бути вашою електронною адресою"),
    ("is too common; choose another", "належить до тих, які пробують першими; виберіть інший"),
    ("is not your current password", "це не ваш теперішній пароль"),
    (
        "is wrong or was already used; wait for the next one",
        "неправильний або вже використаний; дочекайтеся наступного",
    ),
    (
        "already has an account; sign in and open the link again",
        "уже має обліковий запис; увійдіть і відкрийте посилання знову",
    ),
    ("is not the invited address", "не та, яку запрошено"),
    (
        "is the last owner; a site must have at least one",
        "останній власник; сайт не може лишитися без власника",
    ),
    // Contacts.
    ("must be an e-mail address", "має бути електронною адресою"),
    (
        "must be an international number such as {example}",
        "має бути міжнародним номером, як-от {example}",
    ),
    (
        "one of externalCustomerId, email and phone is required",
        "потрібно принаймні одне: ваш ідентифікатор, електронна адреса або телефон",
    ),
    (
        "must have at most 16 kB as JSON, fields and address included",
        "може мати щонайбільше 16 кБ як JSON, разом із полями й адресою",
    ),
    (
        "must be named by 1 to {most} printable characters",
        "має називатися від 1 до {most} видимими символами",
    ),
    ("an identifier belongs to another contact", "ідентифікатор належить іншому контакту"),
    ("has {twice} twice", "має {twice} двічі"),
    (
        "has {count} cells where the headings are {headings}",
        "має клітинок: {count}, а заголовків: {headings}",
    ),
    ("is not a valid table: {error}", "це не таблиця, яку можна прочитати: {error}"),
    (
        "must be text in UTF-8; save the table as {how}",
        "має бути текстом у UTF-8; збережіть таблицю як {how}",
    ),
    (
        "must have at most 100,000 contacts; split the table",
        "може мати щонайбільше 100 000 контактів; поділіть таблицю",
    ),
    (
        "becomes more than 64 MB with its headings in each contact; leave out columns, or split the table",
        "із заголовками в кожному контакті займе понад 64 МБ; пропустіть стовпці або поділіть таблицю",
    ),
    (
        "must have at most 2,000,000 cells; split the table",
        "може мати щонайбільше 2 000 000 клітинок; поділіть таблицю",
    ),
    ("must have at most {most} columns", "може мати щонайбільше {most} стовпців"),
    (
        "must have headings in its first row and contacts below them",
        "має мати заголовки в першому рядку, а нижче — контакти",
    ),
    (
        "must include externalCustomerId, email or phone",
        "має бути принаймні один стовпець з ідентифікатором, електронною адресою або телефоном",
    ),
    (
        "must assign a field to each of the {count} columns",
        "має сказати, що означає кожен зі стовпців ({count})",
    ),
    (
        "must be externalCustomerId, email, phone, firstName, lastName, language, attributes.NAME or nothing",
        "має бути externalCustomerId, email, phone, firstName, lastName, language, attributes.НАЗВА або нічого",
    ),
    // Messages.
    ("must be at most one year ahead", "може бути щонайбільше на рік уперед"),
    ("must be in the future", "має бути в майбутньому"),
    ("must be after publishAt", "має бути пізніше за час надсилання"),
    ("must be after the message's publishAt", "має бути пізніше за час надсилання повідомлення"),
    ("must lie between the years 1970 and 2100", "має бути між 1970 і 2100 роками"),
    (
        "must be a date and time with its time zone, such as 2026-12-01T08:00:00Z (RFC 3339)",
        "має бути датою з часом, як-от 2026-12-01T08:00",
    ),
    (
        "must be at most {most}; this has {count}",
        "може бути щонайбільше {most}, а зараз їх {count}",
    ),
    (
        "must name 1 to 5,000 contacts; this has {count}",
        "має називати від 1 до 5000 контактів, а зараз їх {count}",
    ),
    (
        "has a variable that is not known; known are {known} and attributes.… of the contact; {how}",
        "має невідому змінну; відомі {known} та attributes.… контакту",
    ),
    (
        "can have no variable in an address or where it can’t be seen; give the message a link or an action",
        "не може мати змінної в адресі; дайте повідомленню посилання або кнопку",
    ),
    (
        "can have variables only after the name of the host",
        "може мати змінні лише після назви хоста",
    ),
    (
        "no contact of this site has these identifiers; create it first with POST /v1/contact",
        "жоден контакт сайту не має такого ідентифікатора чи адреси",
    ),
    (
        "names a contact or a segment that was just deleted",
        "називає контакт або сегмент, який щойно видалено",
    ),
    (
        "none of the message's contacts exists any more; name others",
        "жодного з контактів повідомлення вже немає; назвіть інших",
    ),
    (
        "published and scheduled messages already use 100 different segments; recall some, or wait until they expire",
        "чинні й заплановані повідомлення вже йдуть до 100 різних сегментів; спершу відкличте деякі або дочекайтеся їх завершення",
    ),
    (
        "the message is no longer scheduled; recall it instead",
        "повідомлення вже не заплановане; щоб забрати його, відкличте",
    ),
    // Images.
    ("is empty; choose a picture", "порожній; виберіть зображення"),
    ("must be a PNG, JPEG, GIF or WebP", "має бути PNG, JPEG, GIF або WebP"),
    ("must have at most 2 MB", "може мати щонайбільше 2 МБ"),
    (
        "can't be decoded as an image; save it again",
        "не читається як зображення; збережіть його наново",
    ),
    (
        "is {width} by {height} pixels; {widest} by {highest} are allowed",
        "має {width} на {height} пікселів; можна щонайбільше {widest} на {highest}",
    ),
    (
        "this site already has {most} images; host further ones on a server of your own",
        "сайт уже зберігає {most} зображень; наступні розмістіть на власному сервері",
    ),
    // Segments.
    ("must be nested at most {most} levels deep", "може мати щонайбільше {most} рівнів вкладення"),
    (
        "must have at most {most} conditions; this has {count}",
        "може мати щонайбільше {most} умов, а зараз їх {count}",
    ),
    (
        "must name at most 10,000 contacts; this has {count}",
        "може називати щонайбільше 10 000 контактів, а зараз їх {count}",
    ),
    ("must name at most 10,000 contacts", "може називати щонайбільше 10 000 контактів"),
    ("must have at least one condition", "має бути принаймні одна умова"),
    ("must name at least one contact", "має називати принаймні один контакт"),
    ("must name at least one attribute", "має називати принаймні один атрибут"),
    ("must have one of {known}", "має сказати, що перевіряти: одне з {known}"),
    ("requires `attribute` beside it", "потребує поруч атрибута, який перевіряти"),
    (
        "requires an operator beside it: one of {known}",
        "потребує поруч того, що перевіряти: одне з {known}",
    ),
    ("must have a name of 1 to {most} characters", "має мати назву від 1 до {most} символів"),
    (
        "must have 1 to {most} values; this has {count}",
        "має мати від 1 до {most} значень, а зараз їх {count}",
    ),
    (
        "must name 1 to {most} languages; this has {count}",
        "має називати від 1 до {most} мов, а зараз їх {count}",
    ),
    ("must be a whole number of 1 to 3,650", "має бути цілим числом від 1 до 3650"),
    ("must have one of before, after, withinDays", "має сказати одне з before, after, withinDays"),
    ("unknown field; expected one of {known}", "тут невідоме; відомі {known}"),
    (
        "is nested too deeply; 32 levels are allowed",
        "вкладене надто глибоко; можна щонайбільше 32 рівні",
    ),
    (
        "names a contact in a list (number {number}) that this site does not have",
        "називає у списку контакт (номер {number}), якого сайт не має",
    ),
    (
        "no segment of this site has this name or id; create it first with POST /v1/segments",
        "сайт не має сегмента з такою назвою чи номером; спершу створіть його",
    ),
    (
        "the site already has a segment with this name; choose another name, or change that segment",
        "сайт уже має сегмент із такою назвою; виберіть іншу або змініть той",
    ),
    (
        "the segment is the audience of messages, so it can't be deleted; recall them first",
        "до цього сегмента йдуть повідомлення; спершу відкличте їх",
    ),
    (
        "is too expensive to evaluate for every reader: use at most {most} `contains`, and shorter values",
        "надто дорого перевіряти для кожного читача: використайте щонайбільше {most} `contains` і коротші значення",
    ),
    (
        "is too expensive to evaluate together with the site's other segments: use fewer `contains` and shorter values",
        "разом з умовами інших сегментів сайту надто дорого перевіряти: використайте менше `contains` і коротші значення",
    ),
    (
        "is too expensive to evaluate for every reader together with the other segments in use: use fewer `contains` and shorter values, or recall messages to other segments first",
        "разом з умовами інших сегментів, до яких ідуть повідомлення, надто дорого перевіряти для кожного читача: використайте менше `contains` і коротші значення або спершу відкличте повідомлення до інших сегментів",
    ),
    (
        "a site has at most {most} segments; delete one first",
        "сайт має щонайбільше {most} сегментів; спершу видаліть один",
    ),
    // Limits of a site.
    (
        "a site has at most {most} theme versions; delete an old one first",
        "сайт має щонайбільше {most} версій теми; спершу видаліть одну з попередніх",
    ),
    (
        "a site has at most {most} preview links per week; use an existing one",
        "сайт має щонайбільше {most} посилань для перегляду за тиждень; скористайтеся наявним",
    ),
    (
        "a site has at most {most} invitations per week; revoke one first",
        "сайт має щонайбільше {most} запрошень за тиждень; спершу відкличте одне",
    ),
    (
        "a site has at most {most} API keys; revoke one first",
        "сайт має щонайбільше {most} ключів API; спершу відкличте один",
    ),
    (
        "must have at most 16 kB as JSON, including the contact's existing attributes; remove some with `null` first",
        "разом з наявними можуть мати щонайбільше 16 кБ у JSON; спершу приберіть деякі, задавши `null`",
    ),
    (
        "a site has at most {most} canned responses; delete one first",
        "сайт має щонайбільше {most} готових відповідей; спершу видаліть одну",
    ),
    (
        "a site's canned responses have at most 2 MB of text together; shorten or delete one first",
        "готові відповіді сайту разом мають щонайбільше 2 МБ тексту; спершу скоротіть або видаліть якусь",
    ),
    // Themes.
    (
        "there is no draft to publish; upload one first",
        "немає чернетки, яку можна опублікувати; спершу завантажте її",
    ),
    (
        "this version is published; publish or roll back to another one first",
        "ця версія чинна; спершу опублікуйте іншу або поверніться до іншої",
    ),
    ("this version is a draft; publish it instead", "ця версія — чернетка; опублікуйте її"),
    // Webhooks.
    ("is required: a list of event types", "виберіть, про що повідомляти"),
    ("must name at least one event", "має бути принаймні одна подія"),
    ("must be some of {known}", "має бути з {known}"),
    ("must not contain a colon", "не може містити двокрапки"),
    (
        "a site has at most 10 webhooks; delete one first",
        "сайт має щонайбільше 10 вебхуків; спершу видаліть один",
    ),
    (
        "a message webhook is not signed; change its auth instead",
        "вебхук повних повідомлень не підписується; змініть натомість вхід",
    ),
    ("must be a time such as {example}", "має бути часом, наприклад {example}"),
    ("must be later than the opening time", "має бути пізніше за час відкриття"),
    ("is not included in the list", "немає серед можливих значень"),
    (
        "the webhook is disabled; enable it first",
        "на вимкнений вебхук нічого не надсилається; спершу увімкніть його",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_parts_are_inserted() {
        let uk = |reason| translate(UiLanguage::Ukrainian, reason);
        assert_eq!(uk("is required"), "обов’язкове поле");
        assert_eq!(
            uk("must have at most 200 characters; this has 201"),
            "має містити щонайбільше 200 символів, а зараз їх 201"
        );
        assert_eq!(uk("must have at most 200 characters"), "має містити щонайбільше 200 символів");
        assert_eq!(uk("must be text, not a list"), "має значення іншого виду, ніж очікується");
        assert_eq!(uk("is required by somebody"), "is required by somebody");
        assert_eq!(uk("вже українською"), "вже українською");
        assert_eq!(uk("row 2: must be in the future"), "row 2: має бути в майбутньому");
        assert_eq!(uk("рядок 2 (a: b: c): is required"), "рядок 2 (a: b: c): обов’язкове поле");
        assert_eq!(translate(UiLanguage::English, "is required"), "is required");
    }

    #[test]
    fn unknown_error_stays_english() {
        let odd = ": ".repeat(500_000);
        assert_eq!(translate(UiLanguage::Ukrainian, &odd), odd);
    }

    #[test]
    fn placeholders_match_in_both_languages() {
        for (english, ukrainian) in UKRAINIAN {
            let asked = ukrainian
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'))
                .map(|(name, _)| name);
            for name in asked {
                assert!(english.contains(&format!("{{{name}}}")), "{name} in {ukrainian}");
            }
            assert!(ukrainian.chars().any(|letter| ('а'..='я').contains(&letter)), "{ukrainian}");
            assert!(capture(english, &english.replace(['{', '}'], "")).is_some(), "{english}");
        }
    }
}
