//! Ukrainian. The months stand in the genitive, as they do beside a day.

use super::{Plural, Texts};

pub(super) static TEXTS: Texts = Texts {
    tag: "uk",
    open_from_site: "Щоб побачити повідомлення, відкрийте їх на сайті:",
    title: "Сповіщення",
    bell: Plural {
        one: Some("Сповіщення, {count} непрочитане"),
        few: Some("Сповіщення, {count} непрочитані"),
        many: Some("Сповіщення, {count} непрочитаних"),
        ..Plural::only("Сповіщення, {count} непрочитаного")
    },
    mark_all_read: "Позначити все прочитаним",
    mark_read: "Позначити прочитаним",
    close: "Закрити",
    empty_headline: "Усе прочитано",
    empty_sentence: "Нові повідомлення з’являться тут.",
    loading: "Завантаження…",
    show_older: "Показати старіші",
    show_newest: "До найновіших",
    unavailable: "Сповіщення тимчасово недоступні. Спробуйте трохи згодом.",
    new_messages: Plural {
        one: Some("{count} нове повідомлення"),
        few: Some("{count} нові повідомлення"),
        many: Some("{count} нових повідомлень"),
        ..Plural::only("{count} нового повідомлення")
    },
    offline: "Немає з’єднання. Нові повідомлення з’являться, щойно воно відновиться.",
    failed: "Не вдалося. Вашу зміну скасовано.",
    retry: "Спробувати ще раз",
    unread: "Непрочитане",
    pinned: "Закріплене",
    signed_out: "Ваш сеанс завершився. Увійдіть знову, щоб побачити повідомлення.",
    announcement: "Нове повідомлення: {title}",
    image: "Зображення",
    just_now: "щойно",
    minutes: "{count} хв",
    hours: "{count} год",
    yesterday: "учора",
    days: "{count} дн.",
    months: ["січ.", "лют.", "бер.", "квіт.", "трав.", "черв.", "лип.", "серп.", "вер.", "жовт.", "лист.", "груд."],
    full_months: ["січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня", "листопада", "грудня"],
    date: "{day} {month}",
    date_with_year: "{day} {month} {year}",
    moment: "{day} {month} {year} р., {time} UTC",
};
