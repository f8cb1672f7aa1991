//! The words of these pages; those that the window of the Inbox SDK says, too, stand in `web::conversation`.

pub(super) use crate::web::conversation::words::*;

use crate::console::words::words;

words! {
    TITLE: "Conversations", "Розмови";
    BACK: "Back to the list", "До списку";
    TABS: "Whose conversations", "Чиї розмови";
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

    NO_INBOX: "No inbox yet", "Ще немає скриньок";
    NO_INBOX_OWNER: "Conversations arrive in inboxes. Make one, and let your backend or your shop’s page bring the first question into it.", "Розмови надходять до скриньок. Створіть скриньку, і ваш сервер або сторінка магазину принесе до неї перше запитання.";
    NO_INBOX_AGENT: "You answer the inboxes that you are a member of. Ask an owner of the site to add you to one.", "Ви відповідаєте у скриньках, учасником яких є. Попросіть власника сайту додати вас до якоїсь.";
    CREATE_INBOX: "New inbox", "Нова скринька";
    CONNECT: "Connect your site", "Під’єднати сайт";
    EMPTY: "No conversations yet", "Ще немає розмов";
    EMPTY_TEXT: "A conversation begins when somebody writes to you. Your own page or backend brings their message here with three calls.", "Розмова починається, коли хтось вам пише. Ваша сторінка або сервер приносить повідомлення сюди трьома викликами.";
    EMPTY_CALL: "Try it", "Спробуйте";
    NONE_FIT: "Nothing here", "Тут порожньо";
    NONE_FIT_TEXT: "No conversation fits these filters.", "Жодна розмова не відповідає цим фільтрам.";
    NONE_MINE: "You have answered everything", "Ви на все відповіли";
    NONE_MINE_TEXT: "No open conversation is assigned to you. Others may wait for somebody to take them.", "Жодна відкрита розмова не призначена вам. Можливо, інші чекають, щоб хтось їх узяв.";
    SEE_UNASSIGNED: "See unassigned", "Переглянути нічиї";
    CLEAR: "Show all open", "Показати всі відкриті";
    CHOOSE: "Choose a conversation", "Оберіть розмову";
    CHOOSE_TEXT: "What was said is shown here, with the box for your answer.", "Тут буде видно, про що йшлося, і поле для відповіді.";
    KEY_MOVE: "Next and previous conversation", "Наступна й попередня розмова";

    RETRIED: "Sent again.", "Надіслано знову.";

    SEND_KEYS: "Ctrl+Enter", "Ctrl+Enter";

    SNOOZE: "Snooze", "Відкласти";
    SNOOZE_UNTIL: "Snooze until", "Відкласти до";
    AN_HOUR: "For an hour", "На годину";
    TOMORROW: "For a day", "На добу";
    NEXT_WEEK: "For a week", "На тиждень";
    UNTIL_REPLY: "Until they reply", "Доки не відпишуть";
    AT_TIME: "Until (UTC)", "До (UTC)";
    PEND: "Mark as pending", "Позначити як очікувану";
    SNOOZED_UNTIL: "Snoozed until", "Відкладена до";
    IN_PAST: "must be in the future", "має бути в майбутньому";
    ASSIGNEE: "Assignee", "Відповідальний";
    NOBODY: "Nobody", "Ніхто";
    ME: "{name} (you)", "{name} (ви)";
    LABELS: "Labels", "Мітки";
    LABELS_HINT: "Between commas", "Через кому";
    DONE_RESOLVED: "Resolved.", "Завершено.";
    DONE_REOPENED: "Reopened.", "Відкрито знову.";
    DONE_SNOOZED: "Snoozed.", "Відкладено.";
    DONE_PENDING: "Marked as pending.", "Позначено як очікувану.";

    CONTACT: "Contact", "Контакт";
    CLOSE: "Close", "Закрити";
    ONLINE: "Online", "Онлайн";
    PHONE: "Phone", "Телефон";
    IDENTIFIER: "Your id", "Ваш ідентифікатор";
    VERIFIED: "Identity verified", "Особу підтверджено";
    BLOCKED: "Blocked", "Заблоковано";
    ATTRIBUTES: "Attributes", "Атрибути";
    EARLIER: "Other conversations", "Інші розмови";
    NO_EARLIER: "This is the only one.", "Це єдина розмова.";
    APP_INBOX: "In their app inbox", "У скриньці на сайті";
    APP_INBOX_NONE: "No message went to them by name.", "Іменних повідомлень їм не надходило.";
    PROFILE: "Open the profile", "Відкрити профіль";
    MESSAGE_READ: "Read", "Прочитано";
    MESSAGE_UNREAD: "Not read yet", "Ще не прочитано";

    KEYS: "Keyboard", "Клавіатура";
    KEY_NEXT: "Next conversation", "Наступна розмова";
    KEY_PREVIOUS: "Previous conversation", "Попередня розмова";
    KEY_REPLY: "Reply", "Відповісти";
    KEY_NOTE: "Write a note", "Написати нотатку";
    KEY_RESOLVE: "Resolve or reopen", "Завершити або відкрити знову";
    KEY_ASSIGN: "Assign to me", "Взяти собі";
    KEY_SEARCH: "Search", "Шукати";
    KEY_HELP: "This list", "Цей перелік";
    KEY_ALL: "All keys", "Усі клавіші";
    KEY_CANNED: "In a reply: insert a canned response", "У відповіді: вставити готову відповідь";
    KEY_SEND: "Send", "Надіслати";
    KEY_LEAVE: "Leave the field", "Вийти з поля";
}
