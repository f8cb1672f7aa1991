sign-out = Вийти
open-from-site = Щоб побачити повідомлення, відкрийте їх на сайті:
preferences = Що показувати
preferences-sentence = Повідомлень, які ви не обрали, немає ні в списку, ні в лічильнику. Вони повернуться, щойно ви оберете їх знову.
save = Зберегти
title = Сповіщення
bell =
    { $count ->
        [one] Сповіщення, { $count } непрочитане
        [few] Сповіщення, { $count } непрочитані
        [many] Сповіщення, { $count } непрочитаних
       *[other] Сповіщення, { $count } непрочитаного
    }
mark-all-read = Позначити все прочитаним
mark-read = Позначити прочитаним
mark-unread = Позначити непрочитаним
archive = До архіву
restore = Повернути з архіву
delete = Видалити
archived = В архіві
deleted = Видалено
all-read = Усе позначено прочитаним
undo = Скасувати
filters = Показувати
filter-all = Усі
filter-unread = Непрочитані
filter-archived = Архів
keys = Клавіші
key-move = Наступне чи попереднє
key-ends = Перше чи останнє
key-open = Відкрити
key-read = Прочитане чи ні
close = Закрити
empty-headline = Усе прочитано
empty-unread = Непрочитаних немає
empty-archived = Архів порожній
empty-sentence = Нові повідомлення з’являться тут.
loading = Завантаження…
show-older = Показати старіші
show-newest = До найновіших
unavailable = Сповіщення тимчасово недоступні. Спробуйте трохи згодом.
new-messages =
    { $count ->
        [one] { $count } нове повідомлення
        [few] { $count } нові повідомлення
        [many] { $count } нових повідомлень
       *[other] { $count } нового повідомлення
    }
offline = Немає з’єднання. Нові повідомлення з’являться, щойно воно відновиться.
failed = Не вдалося. Вашу зміну скасовано.
unread = Непрочитане
pinned = Закріплене
signed-out = Ваш сеанс завершився. Увійдіть знову, щоб побачити повідомлення.
announcement = Нове повідомлення: { $title }
messages = Повідомлення
write-headline = Напишіть нам
write-sentence = Запитайте про що завгодно. Відповідь з’явиться тут.
reply-headline = Ваша відповідь
about = Про
write-label = Ваше повідомлення
send = Надіслати
not-sent = Повідомлення не надіслано. Спробуйте ще раз.
new-conversation = Нова розмова
all-conversations = Усі розмови
you = Ви
automatic = Автоматична відповідь
seen = Переглянуто
sent = Надіслано
closed = Завершено
closed-sentence = Розмову завершено. Напишіть, щоб відкрити її знову.
not-shown = Це повідомлення не можна показати тут.
answers =
    { $count ->
        [one] { $count } непрочитана відповідь
        [few] { $count } непрочитані відповіді
        [many] { $count } непрочитаних відповідей
       *[other] { $count } непрочитаної відповіді
    }
typing = { $name } пише…
just-now = щойно
minutes = { $count } хв
hours = { $count } год
yesterday = учора
days = { $count } дн.

# Months in the form that follows a day: abbreviated and in full.
short-january = січ.
short-february = лют.
short-march = бер.
short-april = квіт.
short-may = трав.
short-june = черв.
short-july = лип.
short-august = серп.
short-september = вер.
short-october = жовт.
short-november = лист.
short-december = груд.
january = січня
february = лютого
march = березня
april = квітня
may = травня
june = червня
july = липня
august = серпня
september = вересня
october = жовтня
november = листопада
december = грудня
date = { $day } { $month }
date-with-year = { $day } { $month } { $year }
moment = { $day } { $month } { $year } р., { $time } { $offset }
full-date = { $day } { $month } { $year } р.
