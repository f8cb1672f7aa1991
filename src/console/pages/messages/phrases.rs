//! What the pages about messages say.

use crate::{
    console::{
        phrases::{Phrase, words},
        view::Tone,
    },
    domain::MessageState,
};

words! {
    TITLE: "Messages", "Повідомлення";
    NEW: "New message", "Нове повідомлення";
    EDIT_TITLE: "Edit message", "Редагування повідомлення";
    COPY_TITLE: "Copy of a message", "Копія повідомлення";
    ALL: "All", "Усі";
    SCHEDULED: "Scheduled", "Заплановані";
    LIVE: "Live", "Чинні";
    EXPIRED: "Expired", "Завершені";
    RECALLED: "Recalled", "Відкликані";
    STATES: "States", "Стани";
    SEARCH: "Search titles, texts and names", "Пошук за заголовком, текстом або назвою";
    FIND: "Search", "Шукати";
    CATEGORY: "Category", "Категорія";
    ANY_CATEGORY: "Any category", "Будь-яка категорія";
    EMPTY: "No messages yet", "Ще немає повідомлень";
    EMPTY_TEXT: "A message appears in the bell of everyone it is sent to. Write the first one here, or send it with the API.", "Повідомлення з’являється у дзвіночку кожного, кому його надіслано. Напишіть перше тут або надішліть через API.";
    NONE_FOUND: "No messages found", "Повідомлень не знайдено";
    NONE_FOUND_TEXT: "Try another state, or a shorter search.", "Спробуйте інший стан або коротший запит.";
    LOOK_ON: "No matches in this part of the list; older messages may match.", "У цій частині списку збігів немає; старіші повідомлення можуть підійти.";
    CLEAR: "Show all", "Показати всі";
    MESSAGE: "Message", "Повідомлення";
    STATE: "State", "Стан";
    TO: "To", "Кому";
    WHEN: "When", "Коли";
    EVERYONE: "Everyone", "Усі контакти";
    EVERYONE_HINT: "All contacts of the site, including those added later.", "Усі контакти сайту, зокрема додані згодом.";
    A_SEGMENT: "A segment", "Сегмент";
    SEGMENT_HINT: "Contacts who match its conditions when they open the bell.", "Контакти, що відповідають умовам, коли відкривають дзвіночок.";
    SEGMENT_NAMED: "Segment: {name}", "Сегмент: {name}";
    CONTACTS: "Selected contacts", "Окремі контакти";
    CONTACTS_HINT: "One per line: customer ID or e-mail address.", "По одному в рядку: ID клієнта або електронна адреса.";
    CONTACTS_COUNT: "Contacts: {count}", "Контактів: {count}";
    KEEP: "The same contacts as before ({count})", "Ті самі контакти, що й раніше ({count})";
    PINNED_MARK: "Pinned", "Закріплене";
    NAME: "Internal name", "Внутрішня назва";
    NAME_HINT: "Visible only to your team.", "Її бачить лише ваша команда.";
    AUDIENCE: "Audience", "Аудиторія";
    COUNT: "Count", "Порахувати";
    REACHES: "Reaches {count} contacts now", "Зараз охоплює контактів: {count}";
    REACHES_MORE: "Reaches {count} contacts or more", "Охоплює контактів: {count} або більше";
    CONTENT: "Content", "Вміст";
    MESSAGE_TITLE: "Title", "Заголовок";
    BODY: "Text", "Текст";
    BODY_HINT: "Markdown: **bold**, *italic*, [link](https://…), - list. Line breaks are kept; addresses become links.", "Markdown: **жирний**, *курсив*, [посилання](https://…), - список. Розриви рядків зберігаються; адреси стають посиланнями.";
    LINK: "Link", "Посилання";
    LINK_HINT: "Opens when the message is clicked: https://…, /page of your site, mailto: or tel:.", "Відкривається після натискання на повідомлення: https://…, /сторінка вашого сайту, mailto: чи tel:.";
    NEW_TAB: "Open in a new tab", "Відкривати в новій вкладці";
    REPLY: "Reply button (without a link)", "Кнопка відповіді (без посилання)";
    IMAGE: "Picture", "Зображення";
    IMAGE_HINT: "Enter an address, or choose a file below: PNG, JPEG, GIF or WebP, at most 2 MB.", "Введіть адресу або виберіть файл нижче: PNG, JPEG, GIF чи WebP, щонайбільше 2 МБ.";
    IMAGE_FILE: "Picture from a file", "Зображення з файлу";
    BUTTONS: "Buttons", "Кнопки";
    LABEL: "Button {number}", "Кнопка {number}";
    LABEL_LINK: "Button link", "Посилання кнопки";
    LEAVE_EMPTY: "Optional: without it, its readers see {language}.", "Необов’язково: без нього читачі побачать {language}.";
    DETAILS: "Details", "Подробиці";
    CATEGORY_HINT: "The kind of message, such as news.", "Вид повідомлення, наприклад news.";
    LITERAL: "Don’t use variables: show {{…}} as written", "Без змінних: показувати {{…}} так, як написано";
    PINNED: "Pin above other messages", "Закріпити над іншими повідомленнями";
    SCHEDULE: "Send at", "Надіслати о";
    SCHEDULE_HINT: "Leave empty to send it right after you confirm.", "Залиште порожнім, щоб надіслати одразу після підтвердження.";
    EXPIRY: "Show until", "Показувати до";
    EXPIRY_HINT: "Leave empty to keep it until recalled.", "Залиште порожнім, щоб показувати, доки не відкличете.";
    VARIABLES: "Personalize with variables", "Персоналізація змінними";
    VARIABLES_TEXT: "Use them in titles, texts, button labels, and in links after the host name. The text after the bar is shown when the contact has no such value. Write \\{{ for a literal {{.", "Працюють у заголовках, текстах, написах кнопок, а в посиланнях — після назви хоста. Текст після риски показується, коли в контакту немає такого значення. Пишіть \\{{ для звичайних дужок {{.";
    FIRST_NAME: "the contact’s first name, or “there”", "ім’я контакту, або «друже»";
    OTHER_NAMES: "also lastName, name, email, phone, externalCustomerId, language", "також lastName, name, email, phone, externalCustomerId, language";
    ATTRIBUTE: "an attribute set by your backend", "атрибут, який задає ваш сервер";
    PREVIEW: "Preview", "Перегляд";
    PREVIEW_TEXT: "How the message looks in the bell of your site, unread and read.", "Який вигляд повідомлення має у дзвіночку вашого сайту: непрочитане й прочитане.";
    PREVIEW_EMPTY: "Enter a title, then press Preview.", "Введіть заголовок і натисніть «Перегляд».";
    PREVIEW_AS: "Preview as", "Очима контакту";
    PREVIEW_AS_HINT: "Customer ID or e-mail address of a contact. Leave empty to preview without a contact’s data.", "ID клієнта або електронна адреса контакту. Залиште порожнім для перегляду без даних контакту.";
    AS_THEM: "As {name} sees it.", "Так це бачить {name}.";
    AS_NOBODY: "No contact of the site has this ID or e-mail address. The preview is shown without a contact’s data.", "Жоден контакт сайту не має такого ID чи адреси. Перегляд показано без даних контакту.";
    SHOW: "Show", "Показати";
    IN_LANGUAGE: "Language", "Мова";
    APPEARANCE: "Appearance", "Вигляд";
    LIGHT: "Light", "Світлий";
    DARK: "Dark", "Темний";
    TRY: "Send a test", "Надіслати тест";
    TRY_TO: "Test contact", "Тестовий контакт";
    TRY_HINT: "Customer ID or e-mail address of a contact. Only they get it, immediately, and it is not counted in statistics.", "ID клієнта або електронна адреса контакту. Його отримає лише цей контакт, одразу й поза статистикою.";
    TRIED: "Test sent to {name}.", "Тест надіслано контакту {name}.";
    NOBODY: "no contact of the site has this ID or e-mail address", "жоден контакт сайту не має такого ID чи адреси";
    LINE: "line {number} ({text}): {reason}", "рядок {number} ({text}): {reason}";
    NO_SEGMENT: "choose a segment", "виберіть сегмент";
    NO_SEGMENTS: "No segments yet.", "Ще немає сегментів.";
    NO_CONTACTS: "enter at least one contact", "введіть принаймні один контакт";
    REVIEW: "Review and send", "Перевірити й надіслати";
    SAVE_EDIT: "Save changes", "Зберегти зміни";
    WRONG: "Check the marked fields. Nothing was sent.", "Перевірте позначені поля. Нічого не надіслано.";
    BOLD: "Bold", "Жирний";
    ITALIC: "Italic", "Курсив";
    LINK_TOOL: "Link", "Посилання";
    LIST_TOOL: "List", "Список";
    EDIT_LIVE: "Readers who have the message open see the change immediately. Those who have read it are not notified again.", "Читачі, у яких повідомлення відкрите, одразу побачать зміну. Тим, хто вже прочитав, не повідомляється знову.";
    EDITED: "Saved. Readers see the new text.", "Збережено. Читачі бачать новий текст.";
    NOT_EDITABLE: "This message was recalled and can’t be edited. Duplicate it instead.", "Це повідомлення відкликано, редагувати його не можна. Натомість зробіть копію.";
    REVIEW_TITLE: "Review", "Перевірка";
    REVIEW_NOW: "Send now", "Надіслати";
    REVIEW_LATER: "Schedule", "Запланувати";
    REVIEW_BACK: "Back to editing", "Назад до редагування";
    REVIEW_TO: "Recipients", "Отримувачі";
    REVIEW_NUMBER: "Contacts now", "Контактів зараз";
    REVIEW_WHEN: "Sent", "Надсилання";
    REVIEW_AT_ONCE: "10 seconds after you press Send, so you can undo it", "За 10 секунд після натискання, щоб можна було скасувати";
    REVIEW_UNTIL: "Shown until", "Показується до";
    REVIEW_FOR_GOOD: "Recalled", "Відкликання";
    REVIEW_LANGUAGES: "Languages", "Мови";
    CHECKS: "Please check", "Перевірте";
    MISSING_LANGUAGE: "{language} has no text; its readers see {instead}.", "{language}: немає тексту; читачі побачать {instead}.";
    NOBODY_NOW: "There is no one in this audience at the moment.", "Зараз у цій аудиторії нікого немає.";
    NO_BODY: "{language}: the message has only a title.", "{language}: є лише заголовок.";
    NO_LINK: "{language}: the message has no link.", "{language}: повідомлення не має посилання.";
    NO_DEFAULT: "{language}: a variable has no fallback for contacts without this value; add one after a bar.", "{language}: змінна порожня, коли в контакту немає значення; додайте заміну після риски.";
    ALL_GOOD: "No problems found.", "Проблем не знайдено.";
    SENDING: "Sending in a few seconds.", "Надсилання за кілька секунд.";
    UNDO: "Undo", "Скасувати надсилання";
    UNDONE: "Nothing was sent. Your message is below.", "Нічого не надіслано. Ваше повідомлення нижче.";
    TOO_LATE: "It is already sent and can’t be cancelled. You can recall it.", "Його вже надіслано, тому скасувати не можна. Ви можете його відкликати.";
    SCHEDULED_DONE: "Scheduled.", "Заплановано.";
    CANCEL_SENDING: "Cancel sending", "Скасувати надсилання";
    RECALL: "Recall", "Відкликати";
    RECALL_TITLE: "Recall this message?", "Відкликати це повідомлення?";
    RECALL_TEXT: "“{title}” disappears from every bell immediately, also for those who have read it. This can’t be undone; you can send it again as a new message.", "«{title}» одразу зникне з усіх дзвіночків, навіть у тих, хто його прочитав. Повернути його не можна; можна надіслати знову як нове.";
    RECALL_DONE: "Recalled. Readers no longer see it.", "Відкликано. Читачі його більше не бачать.";
    RESEND: "Send again", "Надіслати знову";
    RESEND_TITLE: "Send this message again?", "Надіслати це повідомлення знову?";
    RESEND_TEXT: "The same readers get “{title}” again, as a new unread message.", "Ті самі читачі ще раз отримають «{title}» як нове непрочитане повідомлення.";
    RESEND_DONE: "Sent again as a new message.", "Надіслано знову як нове повідомлення.";
    EDIT: "Edit", "Редагувати";
    DUPLICATE: "Duplicate", "Дублювати";
    SENT_AT: "Sent", "Надіслано";
    GOES_OUT: "Scheduled for", "Заплановано на";
    UNTIL: "Shown until", "Показується до";
    EDITED_AT: "Edited", "Змінено";
    RECALLED_AT: "Recalled", "Відкликано";
    MESSAGE_ID: "Message ID", "ID повідомлення";
    RESULTS: "Results", "Результати";
    REACHED: "Reached", "Доставлено";
    SEEN: "Seen", "Побачили";
    READ: "Read", "Прочитали";
    CLICKED: "Clicked", "Натиснули";
    ARCHIVED: "Archived", "Архівували";
    IN_AUDIENCE: "Audience", "Аудиторія";
    COUNTED_PART: "Results are counted for {count} recipients.", "Пораховано для {count} отримувачів.";
    NO_RESULTS: "Results appear when someone opens the bell.", "Результати з’являться, щойно хтось відкриє дзвіночок.";
    DAY: "Day", "День";
    HOUR: "Hour", "Година";
    BY_HOUR: "Read per hour", "Прочитання за годинами";
    BY_DAY: "Read per day", "Прочитання за днями";
    SEEN_BY_HOUR: "Seen per hour", "Перегляди за годинами";
    SEEN_BY_DAY: "Seen per day", "Перегляди за днями";
    BY_LANGUAGE: "By contact language", "За мовою контакту";
    COUNT_BY_SEGMENT: "Count by segment", "Порахувати за сегментами";
    BY_SEGMENT: "By current segment", "За поточним сегментом";
    BY_SEGMENT_HINT: "Contacts are counted by the segments they match today, not when the message was sent.", "Контакти пораховано за сегментами, яким вони відповідають сьогодні, а не під час надсилання.";
    NEWEST_SEGMENTS: "Only the newest {count} segments are included.", "Враховано лише найновіші сегменти: {count}.";
    SEGMENT: "Segment", "Сегмент";
    TO_SEGMENTS: "Go to the segments", "До сегментів";
    UNKNOWN_LANGUAGE: "Unknown", "Невідома";
    IS_SCHEDULED: "Scheduled", "Заплановане";
    IS_LIVE: "Live", "Чинне";
    IS_EXPIRED: "Expired", "Завершене";
    IS_RECALLED: "Recalled", "Відкликане";
}

/// The state of one message, and its tone.
pub(super) fn state(state: MessageState) -> (Phrase, Tone) {
    match state {
        MessageState::Scheduled => (IS_SCHEDULED, Tone::Accent),
        MessageState::Live => (IS_LIVE, Tone::Good),
        MessageState::Expired => (IS_EXPIRED, Tone::Plain),
        MessageState::Recalled => (IS_RECALLED, Tone::Warning),
    }
}

/// All messages of a state.
pub(super) fn states(state: MessageState) -> Phrase {
    match state {
        MessageState::Scheduled => SCHEDULED,
        MessageState::Live => LIVE,
        MessageState::Expired => EXPIRED,
        MessageState::Recalled => RECALLED,
    }
}
