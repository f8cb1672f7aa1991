### Errors: why a value or a request is rejected. They follow the name of a field, so they begin in lower case and have no full stop.

## Common to several fields.

required = обов’язкове поле
required-such-as = обов’язкове поле, наприклад { $example }
blank = обов’язкове поле
invalid = має недозволене значення
taken = уже зайнято
too-long = задовге: щонайбільше { $most } символів
repeated = є двічі
given-once = має бути задано лише раз
not-included = немає серед можливих значень
no-visible-character = має містити щось видиме
printable-characters = має містити від 1 до { $most } видимих символів
at-most-printable-characters = має містити щонайбільше { $most } видимих символів
at-most-characters-has = має містити щонайбільше { $most } символів, а зараз їх { $count }
at-most-characters = має містити щонайбільше { $most } символів
at-least-characters = має містити щонайменше { $least } символів
at-most-kilobytes-json = може мати щонайбільше { $most } кБ як JSON
control-characters = не може містити керівних символів
nul = не може містити символу U+0000
nul-in-name = не може мати символу U+0000 у назві
positive-whole-number = має бути цілим числом, більшим за 0
positive-integer = має бути цілим числом, більшим за 0
whole-number-from = має бути цілим числом від { $least }
whole-number-between = має бути цілим числом від { $least } до { $most }
uuid = має бути UUID
wrong-type = має бути { $expected }, а не { $found }
one-of = має бути одне з { $known }
some-of = має бути з { $known }
must-have-one-of = має сказати, що перевіряти: одне з { $known }
unknown-field = тут невідоме; відомі { $known }
unknown-parameter = невідомий параметр; відомі { $known }
nothing-to-change = нічого змінювати: задайте принаймні одне з { $known }
date-and-time = має бути датою з часом, як-от 2026-12-01T08:00
years = має бути між 1970 і 2100 роками
time-of-day = має бути часом, наприклад { $example }

## Kinds of JSON values.

kind-null = null
kind-boolean = так чи ні
kind-number = число
kind-whole-number = ціле число
kind-string = текст
kind-array = список
kind-object = об’єкт
kind-scalar = текст, число або так чи ні
kind-condition = умова або назва чи номер сегмента

## The request as a whole.

body-ended = запит урвався
body-no-form = запит не є multipart/form-data або урвався
body-no-utf8 = запит має бути в UTF-8
body-no-object = запит має бути об’єктом JSON, як-от { $example }
body-invalid = запит містить помилку: { $error }
request-no-json = запит має бути правильним JSON: { $error }
request-no-object = запит має бути об’єктом JSON, а не { $found }
request-nul = запит не може містити символу U+0000
request-nul-in-name = запит не може мати символу U+0000 у назві
request-repeated = запит є двічі
request-too-deep = запит вкладений надто глибоко; можна щонайбільше 32 рівні
too-deep = вкладене надто глибоко; можна щонайбільше 32 рівні
true-or-false = має бути true або false
true-false-or-null = має бути true, false або null
string = має бути текстом
string-or-null = має бути текстом або null
text = має бути текстом
once-in-query = має бути задано в адресі рівно раз
cursor = має бути значенням `next` попередньої сторінки
idempotency-header = має бути одним заголовком від 1 до 255 видимих символів ASCII
too-many-idempotent-requests = забагато запитів з Idempotency-Key за останні дві доби; надішліть цей без нього або зачекайте
ids-or-null = має бути списком номерів або null для всіх повідомлень
at-most-ids = може мати щонайбільше { $most } номерів
stats-by = має бути `segment` або відсутнє
cannot-read-file = { $file } не читається: { $error }

## Words of a fixed list.

opened = має бути OPENED
opened-or-unopened = має бути OPENED або UNOPENED
all-unread-archived = має бути all, unread або archived
delivery-states = має бути pending, done або dead
message-states = має бути scheduled, live, expired або recalled
history-modes = має бути "read", "unread" або "hidden"
css-or-svg = має бути css або svg
api = має бути api
dedupe-fields = має бути email, sms, email_or_sms, externalCustomerId або fieldId
scopes = має бути з read, send, contacts, themes, webhooks та admin
no-scope = має називати принаймні одне або бути відсутнім

## Languages.

language-tag = має бути тегом мови, як-от `en` чи `pt-BR`
language-tags = мають бути теги мов, як-от `en` чи `pt-BR`, через пробіл
named-by-language = має називатися тегом мови, як-от `en` чи `pt-BR`
same-language = та сама мова, що й { $other }
same-language-as-label = та сама мова, що й інша назва
language-count = має містити від 1 до { $most } мов, а зараз їх { $count }
too-many-languages = щонайбільше { $most } мов
too-many-categories = щонайбільше { $most } категорій

## URLs and origins.

origin = має бути джерелом, як-от `https://shop.example`
origin-with-path = має містити лише схему, хост і порт, без шляху
origin-wildcard = має називати один хост; шаблони із зірочкою не приймаються
origin-host = має називати один хост із літер, цифр, крапок і дефісів
origins = назвіть від 1 до 50 джерел: інші сторінки не можуть показувати віджет
address-or-page = має бути повною адресою, як-от { $example }, або починатися з / для сторінки сайту
harmful-link = має починатися з https:// або з / для сторінки сайту; посилання з такою схемою небезпечні
link-scheme = має починатися з https://, mailto: чи tel:, або з / для сторінки сайту; схеми застосунків дозволяють у налаштуваннях сайту
plain-image = має починатися з https://: браузери не показують картинок через http, крім тих, що на адресах самого сайту
mailto-empty = має називати адресу пошти після mailto:
tel-empty = має називати номер телефону після tel:
scheme-empty = має щось називати після схеми
scheme-name = має бути назвою схеми, як-от myshop: літера, далі літери, цифри, +, - або .
harmful-scheme = не можна дозволити: посилання з такою схемою небезпечні
common-scheme = дозволено завжди, називати не потрібно
too-many-schemes = щонайбільше { $most } схем
full-address = має бути повною адресою, як-от { $example }
https-or-http = має починатися з https:// або http://
https = має починатися з https://
credentials-go-into-auth = не може містити імені користувача чи пароля
credentials = не може містити імені користувача чи пароля
spaces = не може містити пробілів чи керівних символів
fragment = не може містити фрагмента (#…)
https-address-of-avatar = має бути адресою щонайбільше з 2000 символів, що починається з https://
webhook-port = має вести на порт 443 або на порт від 1024
page-port = має вести на порт 80 або 443
private-address = має вести у відкритий інтернет: на приватні, локальні й зарезервовані адреси виклики не надсилаються
own-address = це адреса самого цього сервера, який себе не викликає
unresolved-host = називає хост, якого не знайдено
no-client = не можна викликати з цієї програми; скористайтеся сервером

## Placement of the bell.

selector = має бути селектором CSS завдовжки від 1 до { $most } символів
selector-sides = має мати селектор CSS з обох боків від `>>>`
insert-position = має бути beforebegin, afterbegin, beforeend або afterend

## Settings of a site.

unknown-inbox = має бути номером скриньки цього сайту
retention-days = має бути від 1 до 3650 днів або порожньо, щоб зберігати завжди
retention-days-number = має бути цілим числом днів від 1 до 3650
immutable-category = не належить до категорій сайту, які можна вимкнути
categories-required = обов’язкове поле: список категорій, порожній, якщо жодної

## Accounts and members.

role = має бути власник, редактор, глядач або агент
password-is-email = не може бути вашою електронною адресою
password-common = належить до тих, які пробують першими; виберіть інший
wrong-password = це не ваш теперішній пароль
wrong-code = неправильний або вже використаний; дочекайтеся наступного
has-account = уже має обліковий запис; увійдіть і відкрийте посилання знову
not-invited = не та, яку запрошено
last-owner = останній власник; сайт не може лишитися без власника
too-many-invitations = сайт уже має { $count } чинних запрошень; спершу відкличте якісь
password-changed = пароль щойно змінено; спробуйте ще раз
second-factor-on = двоетапний вхід уже ввімкнено

## Contacts.

email = має бути електронною адресою
phone = має бути міжнародним номером, як-от { $example }
phone-e164 = має бути міжнародним номером, як-от +380671234567
no-identifier = потрібно принаймні одне: ваш ідентифікатор, електронна адреса або телефон
other-identifiers = не можна поєднувати з іншими ідентифікаторами
alias-differs = те саме, що й externalCustomerId, тож не може відрізнятися
attributes-too-large = може мати щонайбільше 16 кБ як JSON, разом із полями й адресою
attributes-too-large-together = разом з наявними можуть мати щонайбільше 16 кБ у JSON; спершу приберіть деякі, задавши `null`
attribute-name = має називатися від 1 до { $most } видимими символами
of-another-contact = належить іншому контакту
created-without = належить іншому контакту, тож новий контакт створено без цього
contact-deleted = цей контакт видалено; щоб відновити його, задайте restoreDeleted
device-id = має містити від 16 до 200 видимих символів ASCII, яких не вгадати, як-от випадковий UUID

## Tables and imports of contacts.

column-twice = має { $twice } двічі
cell-count = має клітинок: { $count }, а заголовків: { $headings }
no-table = це не таблиця, яку можна прочитати: { $error }
table-no-utf8 = має бути текстом у UTF-8; збережіть таблицю як "CSV UTF-8"
table-too-large = завелика; поділіть таблицю
table-too-many-rows = може мати щонайбільше 100 000 контактів; поділіть таблицю
table-too-many-bytes = із заголовками в кожному контакті займе понад 64 МБ; пропустіть стовпці або поділіть таблицю
table-too-many-cells = може мати щонайбільше 2 000 000 клітинок; поділіть таблицю
table-too-many-columns = може мати щонайбільше { $most } стовпців
table-no-headings = має мати заголовки в першому рядку, а нижче — контакти
table-no-identifier = має бути принаймні один стовпець з ідентифікатором, електронною адресою або телефоном
table-mapping = має сказати, що означає кожен зі стовпців ({ $count })
table-column = має бути externalCustomerId, email, phone, firstName, lastName, language, attributes.НАЗВА або нічого
contacts-required = обов’язкове поле: список від 1 до 3000 контактів
contact-count = має містити від 1 до 3000 контактів, а зараз їх { $count }
at-most-names = може мати щонайбільше { $most } назв
too-many-imports = 20 імпортів цього сайту ще тривають; повторіть, коли один з них завершиться

## Messages.

too-far-ahead = може бути щонайбільше на рік уперед
in-past = має бути в майбутньому
before-publish-at = має бути пізніше за час надсилання
before-message-publish-at = має бути пізніше за час надсилання повідомлення
at-most-items = може бути щонайбільше { $most }, а зараз їх { $count }
audience-forms = має бути {"{"}"contact":{"{"}…{"}"}{"}"}, {"{"}"contacts":[…]{"}"}, {"{"}"segment":…{"}"} або "everyone"
audience-count = має називати від 1 до 5000 контактів, а зараз їх { $count }
unknown-variable = має невідому змінну; відомі { $known } та attributes.… контакту
variable-in-address = не може мати змінної в адресі; дайте повідомленню посилання або кнопку
variable-in-host = може мати змінні лише після назви хоста
shows-nothing = нічого не показує: картинки мають власне поле, а означення посилань — місце, де їх ужито
link-or-reply = має бути "link" або "reply"
link-with-reply = не для кнопки відповіді, яка нікуди не веде
action-link = має бути link з посиланням або reply без нього
data-too-large = може мати щонайбільше 8 кБ ({ $most } байтів) як JSON, а зараз їх { $count }
unknown-contact = жоден контакт сайту не має такого ідентифікатора чи адреси
audience-deleted = називає контакт або сегмент, який щойно видалено
audience-gone = жодного з контактів повідомлення вже немає; назвіть інших
not-scheduled = повідомлення вже не заплановане; щоб забрати його, відкличте
too-many-fan-outs = 20 повідомлень до багатьох контактів ще доставляються; повторіть за секунду
key-reused = цей Idempotency-Key уже вжито з іншим запитом
changed = тим часом це змінив інший запит; спершу завантажте наново
not-found = не знайдено
not-authenticated = вхід не виконано

## Images.

image-empty = порожній; виберіть зображення
image-format = має бути PNG, JPEG, GIF або WebP
image-too-large = може мати щонайбільше 2 МБ
image-unreadable = не читається як зображення; збережіть його наново
image-size = має { $width } на { $height } пікселів; можна щонайбільше { $widest } на { $highest }
too-many-images = сайт уже зберігає { $most } зображень; наступні розмістіть на власному сервері

## Segments.

nesting = може мати щонайбільше { $most } рівнів вкладення
condition-count = може мати щонайбільше { $most } умов, а зараз їх { $count }
named-contact-count = може називати щонайбільше 10 000 контактів, а зараз їх { $count }
too-many-named-contacts = може називати щонайбільше 10 000 контактів
no-condition = має бути принаймні одна умова
no-named-contact = має називати принаймні один контакт
no-named-attribute = має називати принаймні один атрибут
no-attribute = потребує поруч атрибута, який перевіряти
no-operator = потребує поруч того, що перевіряти: одне з { $known }
attribute-path = має мати назву від 1 до { $most } символів
value-count = має мати від 1 до { $most } значень, а зараз їх { $count }
named-language-count = має називати від 1 до { $most } мов, а зараз їх { $count }
within-days = має бути цілим числом від 1 до 3650
time-operators = має сказати одне з before, after, withinDays
unknown-listed-contact = називає у списку контакт (номер { $number }), якого сайт не має
unknown-segment = сайт не має сегмента з такою назвою чи номером; спершу створіть його
segment-exists = сайт уже має сегмент із такою назвою; виберіть іншу або змініть той
segment-in-use = до цього сегмента йдуть повідомлення; спершу відкличте їх
too-many-segments-in-use = чинні й заплановані повідомлення вже йдуть до 100 різних сегментів; спершу відкличте деякі або дочекайтеся їх завершення
condition-cost = надто дорого перевіряти для кожного читача: використайте щонайбільше { $most } `contains` і коротші значення
condition-cost-named = разом з умовами інших сегментів сайту надто дорого перевіряти: використайте менше `contains` і коротші значення
condition-cost-in-use = разом з умовами інших сегментів, до яких ідуть повідомлення, надто дорого перевіряти для кожного читача: використайте менше `contains` і коротші значення або спершу відкличте повідомлення до інших сегментів
too-many-segments = сайт має щонайбільше { $most } сегментів; спершу видаліть один

## Limits of a site.

too-many-theme-versions = сайт має щонайбільше { $most } версій теми; спершу видаліть одну з попередніх
too-many-preview-links = сайт має щонайбільше { $most } посилань для перегляду за тиждень; скористайтеся наявним
too-many-keys = сайт має щонайбільше { $most } ключів API; спершу відкличте один
too-many-sdk-keys = може бути щонайбільше { $most } ключів підпису; спершу відкличте якийсь
too-many-sdk-agents = сайт має щонайбільше { $most } агентів Inbox SDK
too-many-agents = сайт має щонайбільше { $most } агентів
too-many-inboxes = сайт має щонайбільше { $most } скриньок; спершу видаліть одну
too-many-account-webhooks = сайт має щонайбільше { $most } вебхуків розмов; спершу видаліть один
too-many-canned-responses = сайт має щонайбільше { $most } готових відповідей; спершу видаліть одну
canned-responses-too-large = готові відповіді сайту разом мають щонайбільше 2 МБ тексту; спершу скоротіть або видаліть якусь
too-many-webhooks = сайт має щонайбільше 10 вебхуків; спершу видаліть один
too-many-sessions = контакт має щонайбільше { $most } сеансів у скриньці
too-many-watchers = за розмовою можуть стежити щонайбільше { $most } агентів
too-many-watched = щонайбільше { $most } розмов; спершу припиніть стежити за однією

## Themes.

no-draft = немає чернетки, яку можна опублікувати; спершу завантажте її
theme-published = ця версія чинна; спершу опублікуйте іншу або поверніться до іншої
theme-is-draft = ця версія — чернетка; опублікуйте її
theme-rejected = тему відхилено
no-theme-file = не файл теми: частини — bell, card і css
unnamed-theme-file = частина без назви — не файл теми: частини — bell, card і css

## Webhooks.

events-required = виберіть, про що повідомляти
no-event = має бути принаймні одна подія
since-required = обов’язкове поле: від якого часу, як-от 2026-12-01T08:00:00Z
colon = не може містити двокрапки
webhook-kind = має бути standard або message
auth-type = має бути basic або none
auth-of-standard = лише для вебхуків повних повідомлень; звичайні підписуються
events-of-message = лише для звичайних вебхуків; вебхуки повних повідомлень одержують тільки повідомлення
message-webhook-unsigned = вебхук повних повідомлень не підписується; змініть натомість вхід
webhook-disabled = на вимкнений вебхук нічого не надсилається; спершу увімкніть його
unknown-event = має невідому подію: { $event }

## Conversations.

resource-not-found = Не знайдено
not-authorized = Ви не маєте дозволу на цю дію
attribute-taken = { $attribute }: уже зайнято
too-many-messages = Забагато повідомлень
source-id-taken = source_id має бути унікальним
closing-before-opening = має бути пізніше за час відкриття
closing-time = має бути пізніше за час відкриття
open-and-closed = не можна водночас працювати весь день і не працювати
attachment-count = забагато: щонайбільше { $most }
attachment-bytes = разом можуть мати щонайбільше { $most } байтів
attachments-too-large = разом завеликі
attachments-no-files = мають бути файлами запиту multipart/form-data
label-count = може бути щонайбільше { $most }, кожна щонайбільше зі 100 видимих символів
content-one-of = має мати принаймні одне з { $known }
content-objects = має мати об’єкти в { $known }
content-members = має мати { $what } лише з { $known }
seconds-or-time = має бути секундами від 1970 року або часом, як-от 2026-12-01T08:00:00Z
channel-kind = має містити від 1 до 40 латинських літер, цифр, - чи _, як-от whatsapp
country = має бути країною, дві літери, як-от UA

## Configuration of the server.

database-scheme = має починатися з sqlite: або postgres: (наприклад, sqlite://belfry.db)
database-options = має бути шляхом без ? і #; інших параметрів немає
database-memory = має називати файл: база даних у пам’яті забула б усе
database-file = має називати файл (наприклад, sqlite://belfry.db)
database-postgres = має бути URL бази даних, як-от postgres://user:password@host:5432/database
bus-address = має бути URL сервера NATS, як-от nats://bus.example:4222 або tls://user:password@bus.example:4222
bus-credentials = має містити один рядок: user:password або токен
bus-postgres = потребує бази даних PostgreSQL: процеси не мають спільного файлу бази даних
value-rejected = `{ $value }` { $reason }
proxy-address = має бути адресою, як-от http://proxy.example:3128
proxy-scheme = має починатися з http://: виклики йдуть через нього за CONNECT, зашифровані від краю до краю
proxy-path = має містити лише схему, хост і порт
proxy-credentials = має містити один рядок: ім’я:пароль

## Conflicts.

many-webhooks-deleted = щойно видалено багато вебхуків цього сайту; спробуйте за хвилину
too-many-form-fields = форма має щонайбільше { $most } полів

## Around other texts.

at-field = { $field }: { $reason }

## Texts that are in the language of their reader already.

verbatim = { $text }
