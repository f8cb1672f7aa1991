//! Phrases of the window; those of the thread are in `web::conversation`.

pub(super) use crate::web::conversation::words::*;

use crate::content::phrases::words;

words! {
    OPENING: "Opening the conversation…", "Відкриваємо розмову…";
    NEEDS_SCRIPT: "This conversation opens with JavaScript. Allow it for this page, then open the conversation again.", "Ця розмова відкривається за допомогою JavaScript. Дозвольте його для цієї сторінки й відкрийте розмову знову.";
    ENDED: "This window has ended", "Це вікно завершилося";
    ENDED_TEXT: "Open the conversation again from your list. What you typed is kept.", "Відкрийте розмову знову зі свого списку. Набране збережено.";
    NOT_FOUND: "There is no such conversation", "Такої розмови немає";
    NOT_FOUND_TEXT: "It was deleted, or it is not yours to see.", "Її видалено, або вам її не видно.";
    TOO_MANY: "Too many requests. Wait a moment, then try again.", "Забагато запитів. Зачекайте мить і спробуйте знову.";
    TOO_MANY_MESSAGES: "Too many messages in this conversation. Wait a minute, then try again.", "Забагато повідомлень у цій розмові. Зачекайте хвилину й спробуйте знову.";
    TOO_LARGE: "This is too large to be sent.", "Це завелике, щоб надіслати.";
    FILES_TOO_LARGE: "Files must have at most {size} MB together.", "Файли разом можуть мати щонайбільше {size} МБ.";
    TOO_MANY_FILES: "Attach at most {count} files.", "Додавайте щонайбільше {count} файлів.";
    UNREADABLE: "This could not be read.", "Цього не вдалося прочитати.";
    UNAVAILABLE: "This can't be done at the moment. Try again shortly.", "Зараз це неможливо. Спробуйте трохи згодом.";
    JOIN: "Join", "Долучитися";
    JOIN_TEXT: "Nobody answers this conversation yet.", "На цю розмову ще ніхто не відповідає.";
    LEAVE: "Leave", "Вийти з розмови";
    WATCH: "Watch", "Стежити";
    UNWATCH: "Stop watching", "Не стежити";
    MORE: "More", "Ще";
    ASSIGNED_TO_YOU: "You answer", "Відповідаєте ви";
    ASSIGNED_TO: "{name} answers", "Відповідає {name}";
    SEND_KEYS: "Ctrl+Enter", "Ctrl+Enter";
}
