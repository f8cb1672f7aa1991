//! What the pages about messages say.

use crate::{
    console::{
        view::Tone,
        words::{Word, words},
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
    EMPTY: "No message yet", "Ще немає повідомлень";
    EMPTY_TEXT: "A message hangs in the bell of everyone it is for until they have read it. Write the first one here, or send it with the API.", "Повідомлення висить у дзвіночку в кожного, кому воно призначене, доки його не прочитають. Напишіть перше тут або надішліть через API.";
    NONE_FOUND: "Nothing matches", "Нічого не знайдено";
    NONE_FOUND_TEXT: "Look in another state, or search for fewer letters.", "Погляньте в іншому стані або шукайте за меншою кількістю літер.";
    LOOK_ON: "Nothing in this part of the list; older messages may match.", "У цій частині списку нічого; старіші повідомлення можуть підійти.";
    CLEAR: "Show all", "Показати всі";
    MESSAGE: "Message", "Повідомлення";
    STATE: "State", "Стан";
    TO: "To", "Кому";
    WHEN: "When", "Коли";
    EVERYONE: "Everyone", "Усі контакти";
    EVERYONE_HINT: "All contacts of the site, also those who come later.", "Усі контакти сайту, зокрема ті, що з’являться згодом.";
    A_SEGMENT: "A segment", "Сегмент";
    SEGMENT_HINT: "Whoever matches its description when they look.", "Ті, хто відповідає опису, коли відкривають дзвіночок.";
    SEGMENT_NAMED: "Segment: {name}", "Сегмент: {name}";
    CONTACTS: "Named contacts", "Окремі контакти";
    CONTACTS_HINT: "One a line: your id of the contact, or their e-mail address.", "По одному в рядку: ваш ідентифікатор контакту або його електронна адреса.";
    CONTACTS_COUNT: "Contacts: {count}", "Контактів: {count}";
    KEEP: "The same contacts as before ({count})", "Ті самі контакти, що й раніше ({count})";
    PINNED_MARK: "Pinned", "Закріплене";
    NAME: "Internal name", "Внутрішня назва";
    NAME_HINT: "Only your team sees it.", "Її бачить лише ваша команда.";
    AUDIENCE: "Audience", "Аудиторія";
    COUNT: "Count", "Порахувати";
    REACHES: "Reaches {count} contacts now", "Зараз охоплює контактів: {count}";
    REACHES_MORE: "Reaches {count} contacts or more", "Охоплює контактів: {count} або більше";
    CONTENT: "Content", "Вміст";
    MESSAGE_TITLE: "Title", "Заголовок";
    BODY: "Text", "Текст";
    BODY_HINT: "Markdown: **bold**, *italic*, [link](https://…), - list. A line break stays one; addresses become links.", "Markdown: **жирний**, *курсив*, [посилання](https://…), - список. Новий рядок лишається новим рядком; адреси стають посиланнями.";
    LINK: "Link", "Посилання";
    LINK_HINT: "Where a click on the message leads: https://…, /page of your site, mailto: or tel:.", "Куди веде натискання на повідомлення: https://…, /сторінка вашого сайту, mailto: чи tel:.";
    NEW_TAB: "Open in a new tab", "Відкривати в новій вкладці";
    REPLY: "Lets the reader reply, and leads nowhere", "Дозволяє відповісти й нікуди не веде";
    IMAGE: "Picture", "Зображення";
    IMAGE_HINT: "An address, or choose a file below: PNG, JPEG, GIF or WebP, at most 2 MB.", "Адреса, або виберіть файл нижче: PNG, JPEG, GIF чи WebP, щонайбільше 2 МБ.";
    IMAGE_FILE: "Picture from a file", "Зображення з файлу";
    BUTTONS: "Buttons", "Кнопки";
    LABEL: "Button {number}", "Кнопка {number}";
    LABEL_LINK: "Leads to", "Веде на";
    LEAVE_EMPTY: "May stay empty: its readers then see {language}.", "Може лишитися порожнім: тоді читачі побачать {language}.";
    DETAILS: "Details", "Подробиці";
    CATEGORY_HINT: "Your word for the kind of message, such as news.", "Ваше слово для виду повідомлення, наприклад news.";
    LITERAL: "No variables: show {{…}} as it is written", "Без змінних: показувати {{…}} так, як написано";
    PINNED: "Keep above other messages", "Тримати над іншими повідомленнями";
    SCHEDULE: "Send at (UTC)", "Надіслати о (UTC)";
    SCHEDULE_HINT: "Empty: right after you confirm.", "Порожньо: одразу після підтвердження.";
    EXPIRY: "Show until (UTC)", "Показувати до (UTC)";
    EXPIRY_HINT: "Empty: for good, or until you recall it.", "Порожньо: завжди або доки не відкличете.";
    VARIABLES: "Say it to each reader: variables", "Звертання до кожного: змінні";
    VARIABLES_TEXT: "In titles, texts, button labels, and in links after the host name. What stands behind the bar is said where the contact has no such value. Write \\{{ where it is no variable.", "У заголовках, текстах, написах кнопок, а в посиланнях — після назви хоста. Те, що після риски, показується, коли в контакту немає такого значення. Пишіть \\{{, де це не змінна.";
    FIRST_NAME: "the contact’s first name, or “there”", "ім’я контакту, або «друже»";
    OTHER_NAMES: "also lastName, name, email, phone, externalCustomerId, language", "також lastName, name, email, phone, externalCustomerId, language";
    ATTRIBUTE: "an attribute that your backend tells of", "атрибут, про який повідомляє ваш сервер";
    PREVIEW: "Preview", "Перегляд";
    PREVIEW_TEXT: "How it looks in the bell of your site, unread and read.", "Який вигляд воно має у дзвіночку вашого сайту: непрочитане й прочитане.";
    PREVIEW_EMPTY: "Write a title, then press Preview.", "Напишіть заголовок і натисніть «Перегляд».";
    PREVIEW_AS: "Preview as", "Очима контакту";
    PREVIEW_AS_HINT: "Id or e-mail address of a contact. Empty: as someone of whom nothing is known.", "Ідентифікатор або електронна адреса контакту. Порожньо: очима того, про кого нічого не відомо.";
    AS_THEM: "As {name} sees it.", "Так це бачить {name}.";
    AS_NOBODY: "No contact of the site has this id or e-mail address. It is shown as a stranger sees it.", "Жоден контакт сайту не має такого ідентифікатора чи адреси. Показано так, як побачить незнайомий.";
    SHOW: "Show", "Показати";
    IN_LANGUAGE: "Language", "Мова";
    APPEARANCE: "Appearance", "Вигляд";
    LIGHT: "Light", "Світлий";
    DARK: "Dark", "Темний";
    TRY: "Send to me first", "Спершу надіслати собі";
    TRY_TO: "Your own contact", "Ваш власний контакт";
    TRY_HINT: "Id or e-mail address of a contact of the site. Only they get it, at once, and no statistics count it.", "Ідентифікатор або електронна адреса контакту сайту. Його отримає лише цей контакт, одразу й поза статистикою.";
    TRIED: "Sent to {name}. Look into the bell.", "Надіслано контакту {name}. Погляньте у дзвіночок.";
    NOBODY: "no contact of the site has this id or e-mail address", "жоден контакт сайту не має такого ідентифікатора чи адреси";
    LINE: "line {number} ({text}): {reason}", "рядок {number} ({text}): {reason}";
    NO_SEGMENT: "choose a segment", "виберіть сегмент";
    NO_SEGMENTS: "There is no segment yet.", "Ще немає сегментів.";
    NO_CONTACTS: "name at least one contact", "назвіть принаймні один контакт";
    REVIEW: "Review and send", "Перевірити й надіслати";
    SAVE_EDIT: "Save changes", "Зберегти зміни";
    WRONG: "Something is missing or wrong; look at the marked fields. Nothing was sent.", "Чогось бракує або щось хибне; погляньте на позначені поля. Нічого не надіслано.";
    BOLD: "Bold", "Жирний";
    ITALIC: "Italic", "Курсив";
    LINK_TOOL: "Link", "Посилання";
    LIST_TOOL: "List", "Список";
    LOCAL: "Your time: {time}", "За вашим часом: {time}";
    EDIT_LIVE: "Readers who have it open see the change at once. Who read it already is not told again.", "Читачі, у яких воно відкрите, одразу побачать зміну. Тим, хто вже прочитав, не повідомляється знову.";
    EDITED: "Saved. Readers see the new text.", "Збережено. Читачі бачать новий текст.";
    NOT_EDITABLE: "This message was recalled and can’t be changed. Duplicate it instead.", "Це повідомлення відкликано, змінити його не можна. Натомість зробіть копію.";
    REVIEW_TITLE: "Review", "Перевірка";
    REVIEW_NOW: "Send now", "Надіслати";
    REVIEW_LATER: "Schedule", "Запланувати";
    REVIEW_BACK: "Back to editing", "Назад до редагування";
    REVIEW_TO: "Goes to", "Отримають";
    REVIEW_NUMBER: "Contacts now", "Контактів зараз";
    REVIEW_WHEN: "Sent", "Надсилання";
    REVIEW_AT_ONCE: "Ten seconds after you press Send: long enough to undo it", "За десять секунд після натискання — досить, щоб передумати";
    REVIEW_UNTIL: "Shown until", "Показується до";
    REVIEW_FOR_GOOD: "It is recalled", "Його відкличуть";
    REVIEW_LANGUAGES: "Languages", "Мови";
    CHECKS: "Worth a look", "Варто глянути";
    MISSING_LANGUAGE: "{language} has no text; its readers see {instead}.", "{language}: немає тексту; читачі побачать {instead}.";
    NOBODY_NOW: "Nobody is in this audience at the moment.", "Зараз у цій аудиторії нікого немає.";
    NO_BODY: "{language}: the message is a title alone.", "{language}: є лише заголовок.";
    NO_LINK: "{language}: a click on the message leads nowhere.", "{language}: натискання на повідомлення нікуди не веде.";
    NO_DEFAULT: "{language}: a variable has nothing to say where a contact has no such value; add it after a bar.", "{language}: змінна порожня, коли в контакту немає значення; додайте заміну після риски.";
    ALL_GOOD: "Nothing is missing.", "Нічого не бракує.";
    SENDING: "It goes out in a few seconds.", "Воно вийде за кілька секунд.";
    UNDO: "Undo", "Скасувати надсилання";
    UNDONE: "Nothing was sent. Here is what you wrote.", "Нічого не надіслано. Ось що ви написали.";
    TOO_LATE: "It is out already, so it can’t be cancelled. You can recall it.", "Воно вже вийшло, тому скасувати не можна. Ви можете його відкликати.";
    SCHEDULED_DONE: "Scheduled.", "Заплановано.";
    CANCEL_SENDING: "Cancel sending", "Скасувати надсилання";
    RECALL: "Recall", "Відкликати";
    RECALL_TITLE: "Recall this message?", "Відкликати це повідомлення?";
    RECALL_TEXT: "“{title}” vanishes from every bell at once, also for those who have read it. This can’t be undone; you can send it again as a new message.", "«{title}» одразу зникне з усіх дзвіночків, навіть у тих, хто його прочитав. Повернути його не можна; можна надіслати знову як нове.";
    RECALL_DONE: "Recalled. Nobody sees it any more.", "Відкликано. Його більше ніхто не бачить.";
    RESEND: "Send again", "Надіслати знову";
    RESEND_TITLE: "Send this message again?", "Надіслати це повідомлення знову?";
    RESEND_TEXT: "The same readers get “{title}” once more, as a new unread message.", "Ті самі читачі ще раз отримають «{title}» як нове непрочитане повідомлення.";
    RESEND_DONE: "Sent again as a new message.", "Надіслано знову як нове повідомлення.";
    EDIT: "Edit", "Редагувати";
    DUPLICATE: "Duplicate", "Дублювати";
    SENT_AT: "Sent", "Надіслано";
    GOES_OUT: "Goes out", "Вийде";
    UNTIL: "Shown until", "Показується до";
    EDITED_AT: "Edited", "Змінено";
    RECALLED_AT: "Recalled", "Відкликано";
    MESSAGE_ID: "Message id", "Ідентифікатор";
    RESULTS: "Results", "Результати";
    REACHED: "Reached", "Доставлено";
    SEEN: "Seen", "Побачили";
    READ: "Read", "Прочитали";
    CLICKED: "Clicked", "Натиснули";
    ARCHIVED: "Archived", "Архівували";
    IN_AUDIENCE: "Audience", "Аудиторія";
    COUNTED_PART: "Counted for {count} of the audience.", "Пораховано для {count} з аудиторії.";
    NO_RESULTS: "Numbers appear as soon as somebody opens the bell.", "Числа з’являться, щойно хтось відкриє дзвіночок.";
    BY_HOUR: "Read, by hours", "Прочитання за годинами";
    BY_DAY: "Read, by days", "Прочитання за днями";
    SEEN_BY_HOUR: "Seen, by hours", "Перегляди за годинами";
    SEEN_BY_DAY: "Seen, by days", "Перегляди за днями";
    BY_LANGUAGE: "By language of the contact", "За мовою контакту";
    COUNT_BY_SEGMENT: "Count by segment", "Порахувати за сегментами";
    BY_SEGMENT: "By segment that contacts are in today", "За сегментом, до якого контакти належать сьогодні";
    BY_SEGMENT_HINT: "Segments count who is in them today, whatever was so when the message was sent.", "У сегментах пораховано тих, хто належить до них сьогодні, незалежно від того, як було під час надсилання.";
    NEWEST_SEGMENTS: "Only the newest {count} segments are counted.", "Пораховано лише найновіші сегменти: {count}.";
    SEGMENT: "Segment", "Сегмент";
    TO_SEGMENTS: "Go to the segments", "До сегментів";
    UNKNOWN_LANGUAGE: "Not known", "Невідома";
    IS_SCHEDULED: "Scheduled", "Заплановане";
    IS_LIVE: "Live", "Чинне";
    IS_EXPIRED: "Expired", "Завершене";
    IS_RECALLED: "Recalled", "Відкликане";
}

/// The state of one message, and its tone.
pub(super) fn state(state: MessageState) -> (Word, Tone) {
    match state {
        MessageState::Scheduled => (IS_SCHEDULED, Tone::Accent),
        MessageState::Live => (IS_LIVE, Tone::Good),
        MessageState::Expired => (IS_EXPIRED, Tone::Plain),
        MessageState::Recalled => (IS_RECALLED, Tone::Warning),
    }
}

/// All messages of a state.
pub(super) fn states(state: MessageState) -> Word {
    match state {
        MessageState::Scheduled => SCHEDULED,
        MessageState::Live => LIVE,
        MessageState::Expired => EXPIRED,
        MessageState::Recalled => RECALLED,
    }
}
