## page

title = Settings
general = General
placement = Placement
categories = Categories
retention = Retention
messages = Messages
keys = API keys
sdk = Inbox SDK

## categories

categories-title = Categories
categories-text = A message can have a category. Readers see its label, and can turn off the categories you allow. Clear a name to remove its row.
mutable = Can be turned off
labels = Labels
label-in = Label in { $language }
row = Row { $number }: { $reason }

## general

origins = Allowed addresses, one per line
origins-hint = Scheme and host of the pages with the bell, such as https://shop.example. Other pages can’t show it.
language = Language of messages
language-hint = A language tag such as en, uk or pt-BR. It is used when a message has no text in the reader’s language.
languages = Other languages of messages
languages-hint = Language tags, separated by spaces; the message editor offers them.
schemes = App link schemes
schemes-hint = Separated by spaces, such as myshop for links like myshop://orders/7. Apps open such links; on the web they are plain text.
site-id = Site ID

## keys

keys-title = API keys
keys-text = Your backend sends a key with each call. Keep it on your server, never in a page.
key = Key
made = Created
used = Last used
never = never
over = Revoked
new = New key
name-hint = Where it is used, such as “shop backend”.
for = Allowed for
all = everything
read = Reading data
send = Sending messages
contacts = Contacts, segments and reader tokens
themes = Themes
webhooks = Webhooks
admin = Keys, settings and the audit log
no-scope = choose at least one
create = Create key
ready = The key is ready
once = Copy it now: it won’t be shown again. Store it like a password.
back = Back to the keys
revoke = Revoke
revoke-title = Revoke { $name }?
revoke-text = Everything that uses this key stops working immediately, and readers who got their token with it are signed out until the page requests a new one. This can’t be undone.
revoked = Key revoked.

## placement

selector = CSS selector
selector-hint = The element next to which the bell is placed. “>>>” enters the shadow root of the element before it.
position = Position
before = Before the element
first = First inside it
last = Last inside it
after = After the element
point = Pick the place
point-text = Enter the address of one of your pages. It is shown below without its scripts; click the place for the bell, then save.
address = Address of a page
address-hint = Belfry fetches it as a visitor who is not signed in. For a page that needs a sign-in, paste its HTML below.
fetch = Fetch the page
paste-hint = In the browser: view source, select all, copy.
without-script = Picking a place needs JavaScript. Without it, find the element in the HTML and enter its selector above.
no-address = must be a full address such as https://shop.example/
no-page = the page could not be fetched: { $why }; paste its HTML instead
forbidden = its address is not public, or redirects to one that is not
status = the server responded with { $status }
astray = it redirected more than three times
not-html = it is not HTML
too-long = it is longer than 2 MB
too-slow = it did not load within 10 seconds
unreachable = no server responded
html = HTML of the page
show = Show the page
copy-of = A copy of your page
hint = Click the place for the bell.
hint-in-page = Press the place for the bell. Escape ends this.
live = Or pick it on the live page
live-text = Drag this to your bookmarks bar. Open a page of the site, click the bookmark, then the place: its selector is copied, so you can paste it here.
mark = Place the bell

## reader messages

reader-messages-text = Choose an inbox to add a second tab, “Messages”, to the widget. Signed-in readers write to your agents there and read the answers, and your messages can have a reply button.
inbox = Inbox for reader messages
inbox-hint = Its greeting, working hours and members apply here, too.
none = None (no tab)
no-inboxes = No inboxes yet.
add = Add an inbox

## retention

retention-text = Messages older than this are deleted, together with who read them. This can’t be undone.
newest = In any case, a person keeps only the newest 1,000 messages sent to them directly, and the newest 1,000 sent to everyone and to each segment.
days = Days
history = Messages older than the contact
history-hint = Those sent to everyone and to segments. Existing contacts are not affected.
history-read = Shown as read
history-unread = Shown as unread
history-hidden = Not shown
days-hint = 1 to 3,650; leave empty to keep messages forever.
