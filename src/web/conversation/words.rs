//! Phrases of a thread: senders, statuses, activity and agent actions.

use crate::{
    content::phrases::{Phrase, words},
    domain::channel::{ConversationStatus, Priority},
};

words! {
    IS_OPEN: "Open", "Відкрита";
    IS_PENDING: "Pending", "Очікує";
    IS_SNOOZED: "Snoozed", "Відкладена";
    IS_RESOLVED: "Resolved", "Завершена";
    YOU: "You", "Ви";
    VISITOR: "Visitor", "Відвідувач";
    NEW_MESSAGES: "New messages", "Нові повідомлення";
    NO_MESSAGES: "No messages yet", "Ще немає повідомлень";
    URGENT: "Urgent", "Терміново";
    HIGH: "High", "Високий";
    MEDIUM: "Medium", "Середній";
    LOW: "Low", "Низький";
    THREAD: "Messages", "Повідомлення";
    OLDER_MESSAGES: "Older messages", "Старіші повідомлення";
    NEWEST_MESSAGES: "Newest messages", "Найновіші повідомлення";
    AUTOMATIC: "Automatic message", "Автоматичне повідомлення";
    REPLIES_TO: "In reply to", "Відповідь на";
    PRIVATE_NOTE: "Private note", "Приватна нотатка";
    ONLY_AGENTS: "Only agents see this", "Це бачать лише агенти";
    SENT: "Sent", "Надіслано";
    DELIVERED: "Delivered", "Доставлено";
    READ: "Read", "Прочитано";
    FAILED: "Not delivered", "Не доставлено";
    FAILED_WITH: "Not delivered: {reason}", "Не доставлено: {reason}";
    RETRY: "Send again", "Надіслати знову";
    WHOLE: "Show the whole message", "Показати все повідомлення";
    TODAY: "Today", "Сьогодні";
    YESTERDAY: "Yesterday", "Учора";
    UNSUPPORTED: "Shown only in the contact’s window: {kind}", "Видно лише у вікні контакту: {kind}";
    DOWNLOAD: "Open {name} in a new tab", "Відкрити {name} у новій вкладці";
    TYPING: "{name} is typing…", "{name} пише…";
    TYPING_NOTE: "{name} is writing a note…", "{name} пише нотатку…";
    REPLY: "Reply", "Відповідь";
    NOTE: "Private note", "Приватна нотатка";
    KIND: "What you write", "Що ви пишете";
    REPLY_LABEL: "Your reply", "Ваша відповідь";
    REPLY_TO: "Reply to {name}. **Bold**, *italic*, lists and links are Markdown.", "Відповідь для {name}. **Жирний**, *курсив*, списки й посилання — Markdown.";
    NOTE_TO: "A note for other agents. The contact never sees it.", "Нотатка для інших агентів. Контакт її ніколи не побачить.";
    FILES: "Files", "Файли";
    FILES_HINT: "Up to {count} files, {size} MB together", "До {count} файлів, разом {size} МБ";
    REMOVE_FILE: "Leave out {name}", "Не надсилати {name}";
    SEND: "Send", "Надіслати";
    SENDING: "Sending…", "Надсилаємо…";
    NOT_SENT: "It was not sent. Your text is still here; try again.", "Не надіслано. Ваш текст збережено; спробуйте ще раз.";
    NOTHING_TO_SEND: "write something, or attach a file", "напишіть щось або додайте файл";
    FILES_AGAIN: "Choose the files again.", "Оберіть файли знову.";
    CANNOT_REPLY: "The reply window has expired: the contact's last message is too old. You can still add notes.", "Час відповіді минув: контакт востаннє писав надто давно. Нотатки ще можливі.";
    RESOLVE: "Resolve", "Завершити";
    REOPEN: "Reopen", "Відкрити знову";
    TAKE: "Assign to me", "Взяти собі";
    DETAILS: "Conversation", "Розмова";
    OFFLINE: "Not connected. New messages are not shown until the connection is back.", "Немає з’єднання. Нові повідомлення з’являться, щойно воно відновиться.";
}

/// The label of a conversation status.
pub(crate) fn status(status: ConversationStatus) -> Phrase {
    match status {
        ConversationStatus::Open => IS_OPEN,
        ConversationStatus::Pending => IS_PENDING,
        ConversationStatus::Snoozed => IS_SNOOZED,
        ConversationStatus::Resolved => IS_RESOLVED,
    }
}

/// The label of a priority.
pub(crate) fn priority(priority: Priority) -> Phrase {
    match priority {
        Priority::Urgent => URGENT,
        Priority::High => HIGH,
        Priority::Medium => MEDIUM,
        Priority::Low => LOW,
    }
}
