//! The words of these pages; those that the window of the Inbox SDK says, too, stand in
//! `web::conversation`.

pub(super) use crate::web::conversation::words::*;

use crate::console::phrases::words;

words! {
    TITLE: "Conversations", "Розмови";
    BACK: "Back to the list", "До списку";
    TABS: "Conversations by assignee", "Розмови за відповідальним";
    MINE: "Mine", "Мої";
    UNASSIGNED: "Unassigned", "Нічиї";
    ALL: "All", "Усі";
    STATUS: "Status", "Стан";
    ANY_STATUS: "Any status", "Будь-який стан";
    OPEN: "Open", "Відкриті";
    PENDING: "Pending", "Очікують";
    SNOOZED: "Snoozed", "Відкладені";
    RESOLVED: "Resolved", "Завершені";
    INBOX: "Inbox", "Скринька";
    ANY_INBOX: "All inboxes", "Усі скриньки";
    LABEL: "Label", "Мітка";
    SEARCH: "Search conversations", "Пошук розмов";
    SEARCH_HINT: "Search people and messages", "Пошук людей і повідомлень";
    APPLY: "Apply", "Застосувати";
    NOTIFY: "Notify me", "Сповіщати мене";
    NOTIFY_BLOCKED: "Your browser blocks notifications from this site. Allow them in its settings, then try again.", "Ваш браузер блокує сповіщення з цього сайту. Дозвольте їх у його налаштуваннях і спробуйте знову.";
    LIST: "List of conversations", "Список розмов";
    UNREAD: "{count} unread", "Непрочитаних: {count}";
    ASSIGNED_TO: "Assigned to {name}", "Відповідає {name}";
    NOTE_MARK: "Note", "Нотатка";
    FILE_MARK: "File", "Файл";

    PRIORITY: "Priority", "Пріоритет";
    PRIORITY_MARK: "Priority: {priority}", "Пріоритет: {priority}";
    NO_PRIORITY: "None", "Немає";

    NO_INBOX: "No inboxes yet", "Ще немає скриньок";
    NO_INBOX_OWNER: "Conversations arrive in inboxes. Create one, then connect your backend or your shop’s page to it.", "Розмови надходять до скриньок. Створіть скриньку, а тоді під’єднайте до неї свій сервер або сторінку магазину.";
    NO_INBOX_AGENT: "You answer conversations in the inboxes you are a member of. Ask an owner of the site to add you to one.", "Ви відповідаєте у скриньках, учасником яких є. Попросіть власника сайту додати вас до якоїсь.";
    CREATE_INBOX: "New inbox", "Нова скринька";
    CONNECT: "Connect your site", "Під’єднати сайт";
    EMPTY: "No conversations yet", "Ще немає розмов";
    EMPTY_TEXT: "A conversation starts when someone writes to you. Your page or backend delivers their message here with three calls.", "Розмова починається, коли хтось вам пише. Ваша сторінка або сервер передає повідомлення сюди трьома викликами.";
    EMPTY_CALL: "Try it", "Спробуйте";
    NONE_FIT: "No conversations found", "Розмов не знайдено";
    NONE_FIT_TEXT: "No conversation matches these filters.", "Жодна розмова не відповідає цим фільтрам.";
    NONE_MINE: "You have answered everything", "Ви на все відповіли";
    NONE_MINE_TEXT: "No open conversation is assigned to you. There may be unassigned ones.", "Жодна відкрита розмова не призначена вам. Можливо, є нічиї.";
    SEE_UNASSIGNED: "See unassigned", "Переглянути нічиї";
    CLEAR: "Show all open", "Показати всі відкриті";
    CHOOSE: "Choose a conversation", "Оберіть розмову";
    CHOOSE_TEXT: "Its messages and the reply box appear here.", "Тут з’являться її повідомлення й поле для відповіді.";
    KEY_MOVE: "Next and previous conversation", "Наступна й попередня розмова";

    RETRIED: "Sent again.", "Надіслано знову.";

    SEND_KEYS: "Ctrl+Enter", "Ctrl+Enter";

    SNOOZE: "Snooze", "Відкласти";
    SNOOZE_UNTIL: "Snooze until", "Відкласти до";
    AN_HOUR: "For an hour", "На годину";
    TOMORROW: "For a day", "На добу";
    NEXT_WEEK: "For a week", "На тиждень";
    UNTIL_REPLY: "Until they reply", "Доки не відпишуть";
    AT_TIME: "Until", "До";
    PEND: "Mark as pending", "Позначити як очікувану";
    SNOOZED_UNTIL: "Snoozed until", "Відкладена до";
    IN_PAST: "must be in the future", "має бути в майбутньому";
    ASSIGNEE: "Assignee", "Відповідальний";
    NOBODY: "Nobody", "Ніхто";
    ME: "{name} (you)", "{name} (ви)";
    LABELS: "Labels", "Мітки";
    LABELS_HINT: "Separated by commas", "Через кому";
    DONE_RESOLVED: "Resolved.", "Завершено.";
    DONE_REOPENED: "Reopened.", "Відкрито знову.";
    DONE_SNOOZED: "Snoozed.", "Відкладено.";
    DONE_PENDING: "Marked as pending.", "Позначено як очікувану.";

    CONTACT: "Contact", "Контакт";
    CLOSE: "Close", "Закрити";
    ONLINE: "Online", "Онлайн";
    PHONE: "Phone", "Телефон";
    IDENTIFIER: "Customer ID", "ID клієнта";
    VERIFIED: "Identity verified", "Особу підтверджено";
    BLOCKED: "Blocked", "Заблоковано";
    ATTRIBUTES: "Attributes", "Атрибути";
    EARLIER: "Other conversations", "Інші розмови";
    NO_EARLIER: "No other conversations.", "Інших розмов немає.";
    APP_INBOX: "In their app inbox", "У скриньці на сайті";
    APP_INBOX_NONE: "No message was sent to them directly.", "Повідомлень особисто їм не надсилали.";
    PROFILE: "Open the profile", "Відкрити профіль";
    MESSAGE_READ: "Read", "Прочитано";
    MESSAGE_UNREAD: "Not read yet", "Ще не прочитано";

    KEYS: "Keyboard shortcuts", "Клавіатурні скорочення";
    KEY_NEXT: "Next conversation", "Наступна розмова";
    KEY_PREVIOUS: "Previous conversation", "Попередня розмова";
    KEY_REPLY: "Reply", "Відповісти";
    KEY_NOTE: "Write a note", "Написати нотатку";
    KEY_RESOLVE: "Resolve or reopen", "Завершити або відкрити знову";
    KEY_ASSIGN: "Assign to me", "Взяти собі";
    KEY_SEARCH: "Search", "Шукати";
    KEY_HELP: "Keyboard shortcuts", "Клавіатурні скорочення";
    KEY_ALL: "All shortcuts", "Усі скорочення";
    KEY_CANNED: "In a reply: insert a canned response", "У відповіді: вставити готову відповідь";
    KEY_SEND: "Send", "Надіслати";
    KEY_LEAVE: "Leave the field", "Вийти з поля";
}
