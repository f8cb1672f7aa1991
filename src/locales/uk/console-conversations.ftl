## phrases

title = Розмови
back = До списку
tabs = Розмови за відповідальним
mine = Мої
unassigned = Нічиї
all = Усі
status = Стан
any-status = Будь-який стан
open = Відкриті
pending = Очікують
snoozed = Відкладені
resolved = Завершені
inbox = Скринька
any-inbox = Усі скриньки
label = Мітка
search = Пошук розмов
search-hint = Пошук людей і повідомлень
apply = Застосувати
notify = Сповіщати мене
notify-blocked = Ваш браузер блокує сповіщення з цього сайту. Дозвольте їх у його налаштуваннях і спробуйте знову.
list = Список розмов
unread = Непрочитаних: { $count }
assigned-to = Відповідає { $name }
note-mark = Нотатка
file-mark = Файл
priority = Пріоритет
priority-mark = Пріоритет: { $priority }
no-priority = Немає
no-inbox = Ще немає скриньок
no-inbox-owner = Розмови надходять до скриньок. Створіть скриньку, а тоді під’єднайте до неї свій сервер або сторінку магазину.
no-inbox-agent = Ви відповідаєте у скриньках, учасником яких є. Попросіть власника сайту додати вас до якоїсь.
create-inbox = Нова скринька
connect = Під’єднати сайт
empty = Ще немає розмов
empty-text = Розмова починається, коли хтось вам пише. Ваша сторінка або сервер передає повідомлення сюди трьома викликами.
empty-call = Спробуйте
none-fit = Розмов не знайдено
none-fit-text = Жодна розмова не відповідає цим фільтрам.
none-mine = Ви на все відповіли
none-mine-text = Жодна відкрита розмова не призначена вам. Можливо, є нічиї.
see-unassigned = Переглянути нічиї
clear = Показати всі відкриті
choose = Оберіть розмову
choose-text = Тут з’являться її повідомлення й поле для відповіді.
key-move = Наступна й попередня розмова
retried = Надіслано знову.
send-keys = Ctrl+Enter
snooze = Відкласти
snooze-until = Відкласти до
an-hour = На годину
tomorrow = На добу
next-week = На тиждень
until-reply = Доки не відпишуть
at-time = До
pend = Позначити як очікувану
snoozed-until = Відкладена до
in-past = має бути в майбутньому
assignee = Відповідальний
nobody = Ніхто
me = { $name } (ви)
labels = Мітки
labels-hint = Через кому
done-resolved = Завершено.
done-reopened = Відкрито знову.
done-snoozed = Відкладено.
done-pending = Позначено як очікувану.
contact = Контакт
close = Закрити
online = Онлайн
phone = Телефон
identifier = ID клієнта
verified = Особу підтверджено
blocked = Заблоковано
attributes = Атрибути
earlier = Інші розмови
no-earlier = Інших розмов немає.
app-inbox = У скриньці на сайті
app-inbox-none = Повідомлень особисто їм не надсилали.
profile = Відкрити профіль
message-read = Прочитано
message-unread = Ще не прочитано
keys = Клавіатурні скорочення
key-next = Наступна розмова
key-previous = Попередня розмова
key-reply = Відповісти
key-note = Написати нотатку
key-resolve = Завершити або відкрити знову
key-assign = Взяти собі
key-search = Шукати
key-help = Клавіатурні скорочення
key-all = Усі скорочення
key-canned = У відповіді: вставити готову відповідь
key-send = Надіслати
key-leave = Вийти з поля

## canned

canned-title = Готові відповіді
add = Нова готова відповідь
short-code = Короткий код
content = Текст
teaching = Збережіть відповіді, які часто даєте. У відповіді введіть / і перші літери короткого коду, щоб вставити потрібну.

## canned/delete

ask = Видалити цю готову відповідь?
text = «{ $code }» більше не можна буде вставити. Уже надіслані з нею відповіді не зміняться.
deleted = Готову відповідь видалено.

## canned/insert

show = Готові відповіді
manage = Усі готові відповіді
found = Готових відповідей: { $count }. Стрілки — вибрати, Enter — вставити.

## canned/list

canned-list-empty = Ще немає готових відповідей
example = «Вітаємо, { "{{contact.first_name}}" }!» звертається до кожного на ім’я.
changed = Змінено
canned-list-search = Пошук готових відповідей
canned-list-search-hint = Короткий код або текст
find = Шукати
canned-list-none-fit = Нічого не знайдено
canned-list-none-fit-text = Жодна готова відповідь не має «{ $text }» ні в коді, ні в тексті.
show-all = Показати всі
more = Показано перші { $count }. Решту знайдете пошуком.

## canned/write

short-code-hint = Те, що агенти вводять після /, наприклад order-late. Найкраще — коротко й без пробілів.
content-hint = Вставляється у відповідь, де її ще можна змінити. **Жирний**, *курсив*, списки й посилання — Markdown.
variables-title = Змінні
variables-text = Кожна замінюється, коли відповідь вставляють. Текст після | — на випадок, коли значення немає: { $example }.
variables-more = Для атрибутів: { $contact } і { $conversation }.
done = Готову відповідь збережено. Введіть у відповіді / та її короткий код.
