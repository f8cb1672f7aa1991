### Errors: why a value or a request is rejected. They follow the name of a field, so they begin in lower case and have no full stop.

## Common to several fields.

required = is required
required-such-as = is required, such as { $example }
blank = can't be blank
invalid = is invalid
taken = has already been taken
too-long = is too long (maximum is { $most } characters)
repeated = must not be repeated
given-once = must be given only once
not-included = is not included in the list
no-visible-character = must contain a visible character
printable-characters = must have 1 to { $most } printable characters
at-most-printable-characters = must have at most { $most } printable characters
at-most-characters-has = must have at most { $most } characters; this has { $count }
at-most-characters = must have at most { $most } characters
at-least-characters = must have { $least } characters or more
at-most-kilobytes-json = must have at most { $most } kB as JSON
control-characters = must not contain control characters
nul = must not contain the character U+0000
nul-in-name = must not have the character U+0000 in its name
positive-whole-number = must be a whole number above 0
positive-integer = must be a positive integer
whole-number-from = must be a whole number from { $least }
whole-number-between = must be a whole number from { $least } to { $most }
uuid = must be a UUID
wrong-type = must be { $expected }, not { $found }
one-of = must be one of { $known }
some-of = must be some of { $known }
must-have-one-of = must have one of { $known }
unknown-field = unknown field; expected one of { $known }
unknown-parameter = unknown parameter; expected one of { $known }
nothing-to-change = nothing to change: give at least one of { $known }
date-and-time = must be a date and time with its time zone, such as 2026-12-01T08:00:00Z (RFC 3339)
years = must lie between the years 1970 and 2100
time-of-day = must be a time such as { $example }

## Kinds of JSON values.

kind-null = null
kind-boolean = a boolean
kind-number = a number
kind-whole-number = a whole number
kind-string = a string
kind-array = an array
kind-object = an object
kind-scalar = a string, a number or a boolean
kind-condition = a condition, or the name or id of a segment

## The request as a whole.

body-ended = the body ended prematurely
body-no-form = the body is not valid multipart/form-data, or it ended prematurely
body-no-utf8 = the body must be UTF-8
body-no-object = the body must be a JSON object such as { $example }
body-invalid = the body is not valid: { $error }
request-no-json = the request must be valid JSON: { $error }
request-no-object = the request must be a JSON object, not { $found }
request-nul = the request must not contain the character U+0000
request-nul-in-name = the request must not have the character U+0000 in its name
request-repeated = the request must not be repeated
request-too-deep = the request is nested too deeply; 32 levels are allowed
too-deep = is nested too deeply; 32 levels are allowed
true-or-false = must be true or false
true-false-or-null = must be true, false or null
string = must be a string
string-or-null = must be a string or null
text = must be a text
once-in-query = must be given exactly once in the query
cursor = must be the `next` value of the previous page
idempotency-header = must be one header of 1 to 255 visible ASCII characters
too-many-idempotent-requests = too many requests with an Idempotency-Key in the last 48 hours; send this one without it, or wait
ids-or-null = must be an array of ids, or null for all messages
at-most-ids = must have at most { $most } ids
stats-by = must be `segment`, or be omitted
cannot-read-file = { $file } can't be read: { $error }

## Words of a fixed list.

opened = must be OPENED
opened-or-unopened = must be OPENED or UNOPENED
all-unread-archived = must be all, unread or archived
delivery-states = must be pending, done or dead
message-states = must be scheduled, live, expired or recalled
history-modes = must be "read", "unread" or "hidden"
css-or-svg = must be css or svg
api = must be api
dedupe-fields = must be email, sms, email_or_sms, externalCustomerId or fieldId
scopes = must be one of read, send, contacts, themes, webhooks and admin
no-scope = must name at least one, or be left out

## Languages.

language-tag = must be a language tag such as `en` or `pt-BR`
language-tags = must be language tags such as `en` or `pt-BR`, between spaces
named-by-language = must be named by a language tag such as `en` or `pt-BR`
same-language = is the same language as { $other }
same-language-as-label = is the same language as another label
language-count = must have 1 to { $most } languages; this has { $count }
too-many-languages = name at most { $most } languages
too-many-categories = name at most { $most } categories

## URLs and origins.

origin = must be an origin such as `https://shop.example`
origin-with-path = must be scheme, host and port only, without a path
origin-wildcard = must name one host; wildcards are not accepted
origin-host = must name one host of letters, digits, dots and hyphens
origins = name 1 to 50 origins: no other page may show the widget
address-or-page = must be a full address such as { $example }, or begin with / for a page of the site
harmful-link = must begin with https://, or with / for a page of the site; links with this scheme can be harmful
link-scheme = must begin with https://, mailto: or tel:, or with / for a page of the site; the site's setting linkSchemes allows schemes of apps
plain-image = must begin with https://: browsers block images over http, except those of the site's own origins
mailto-empty = must have an e-mail address after mailto:
tel-empty = must have a phone number after tel:
scheme-empty = must have a value after its scheme
scheme-name = must be the name of a scheme such as myshop: a letter, then letters, digits, +, - or .
harmful-scheme = is not allowed: links with this scheme can be harmful
common-scheme = is always allowed and need not be named
too-many-schemes = name at most { $most } schemes
full-address = must be a full address such as { $example }
https-or-http = must begin with https:// or http://
https = must begin with https://
credentials-go-into-auth = must not contain a user name or password; a message webhook takes them in auth
credentials = must not contain a user name or password
spaces = must not contain spaces or control characters
fragment = must not contain a fragment (#…)
https-address-of-avatar = must be an address of at most 2,000 characters that begins with https://
webhook-port = must use port 443, or a port of 1024 or above
page-port = must use port 80 or 443
private-address = must lead to a public address: private, local and reserved addresses are not allowed
own-address = is the address of this server itself, which is not allowed
unresolved-host = has a host that can't be resolved
no-client = can't be called from this program; use the server

## Placement of the bell.

selector = must be a CSS selector of 1 to { $most } characters
selector-sides = must have a CSS selector on each side of `>>>`
insert-position = must be beforebegin, afterbegin, beforeend or afterend

## Settings of a site.

unknown-inbox = must be the number of an inbox of this site
retention-days = must be 1 to 3,650 days, or not set to keep messages indefinitely
retention-days-number = must be a whole number of days from 1 to 3,650
immutable-category = is not a mutable category of this site
categories-required = is required: a list of categories, empty for none

## Accounts and members.

role = must be owner, editor, viewer or agent
password-is-email = must not be your e-mail address
password-common = is too common; choose another
wrong-password = is not your current password
wrong-code = is wrong or was already used; wait for the next one
has-account = already has an account; sign in and open the link again
not-invited = is not the invited address
last-owner = is the last owner; a site must have at least one
too-many-invitations = the site already has { $count } open invitations; revoke some first
password-changed = the password was changed in this moment; try again
second-factor-on = two-step sign-in is on already

## Contacts.

email = must be an e-mail address
phone = must be an international number such as { $example }
phone-e164 = should be in e164 format
no-identifier = one of externalCustomerId, email and phone is required
other-identifiers = can't be combined with other identifiers
alias-differs = is an alias of externalCustomerId and must not differ from it
attributes-too-large = must have at most 16 kB as JSON, fields and address included
attributes-too-large-together = must have at most 16 kB as JSON, including the contact's existing attributes; remove some with `null` first
attribute-name = must be named by 1 to { $most } printable characters
of-another-contact = belongs to another contact
created-without = belongs to another contact, so the new contact was created without it
contact-deleted = this contact is deleted; set restoreDeleted to true to restore it
device-id = must have 16 to 200 visible ASCII characters that can't be guessed, such as a random UUID

## Tables and imports of contacts.

column-twice = has { $twice } twice
cell-count = has { $count } cells where the headings are { $headings }
no-table = is not a valid table: { $error }
table-no-utf8 = must be text in UTF-8; save the table as "CSV UTF-8"
table-too-large = is too large; split the table
table-too-many-rows = must have at most 100,000 contacts; split the table
table-too-many-bytes = becomes more than 64 MB with its headings in each contact; leave out columns, or split the table
table-too-many-cells = must have at most 2,000,000 cells; split the table
table-too-many-columns = must have at most { $most } columns
table-no-headings = must have headings in its first row and contacts below them
table-no-identifier = must include externalCustomerId, email or phone
table-mapping = must assign a field to each of the { $count } columns
table-column = must be externalCustomerId, email, phone, firstName, lastName, language, attributes.NAME or nothing
contacts-required = is required: a list of 1 to 3,000 contacts
contact-count = must have 1 to 3,000 contacts; this has { $count }
at-most-names = must have at most { $most } names
too-many-imports = 20 imports of this site are in progress; retry when one of them is finished

## Messages.

too-far-ahead = must be at most one year ahead
in-past = must be in the future
before-publish-at = must be after publishAt
before-message-publish-at = must be after the message's publishAt
at-most-items = must be at most { $most }; this has { $count }
audience-forms = must be {"{"}"contact":{"{"}…{"}"}{"}"}, {"{"}"contacts":[…]{"}"}, {"{"}"segment":…{"}"} or "everyone"
audience-count = must name 1 to 5,000 contacts; this has { $count }
unknown-variable = has a variable that is not known; known are { $known } and attributes.… of the contact; where it is no variable, write \{"{{"} or send the message with "variables": false
variable-in-address = can have no variable in an address or where it can’t be seen; give the message a link or an action
variable-in-host = can have variables only after the name of the host
shows-nothing = shows nothing: pictures go into image, and definitions of links need a place where they are used
link-or-reply = must be "link" or "reply"
link-with-reply = is not allowed for an action of the type "reply"
action-link = must be link, with a link, or reply, without one
data-too-large = must have at most 8 kB ({ $most } bytes) as JSON; this has { $count }
unknown-contact = no contact of this site has these identifiers; create it first with POST /v1/contact
audience-deleted = names a contact or a segment that was just deleted
audience-gone = none of the message's contacts exists any more; name others
not-scheduled = the message is no longer scheduled; recall it instead
too-many-fan-outs = 20 messages to many contacts are still being delivered; retry in a second
key-reused = this Idempotency-Key was used before with a different request
changed = it was changed by another request in the meantime; reload it first
not-found = not found
not-authenticated = not authenticated

## Images.

image-empty = is empty; choose a picture
image-format = must be a PNG, JPEG, GIF or WebP
image-too-large = must have at most 2 MB
image-unreadable = can't be decoded as an image; save it again
image-size = is { $width } by { $height } pixels; { $widest } by { $highest } are allowed
too-many-images = this site already has { $most } images; host further ones on a server of your own

## Segments.

nesting = must be nested at most { $most } levels deep
condition-count = must have at most { $most } conditions; this has { $count }
named-contact-count = must name at most 10,000 contacts; this has { $count }
too-many-named-contacts = must name at most 10,000 contacts
no-condition = must have at least one condition
no-named-contact = must name at least one contact
no-named-attribute = must name at least one attribute
no-attribute = requires `attribute` beside it
no-operator = requires an operator beside it: one of { $known }
attribute-path = must have a name of 1 to { $most } characters
value-count = must have 1 to { $most } values; this has { $count }
named-language-count = must name 1 to { $most } languages; this has { $count }
within-days = must be a whole number of 1 to 3,650
time-operators = must have one of before, after, withinDays
unknown-listed-contact = names a contact in a list (number { $number }) that this site does not have
unknown-segment = no segment of this site has this name or id; create it first with POST /v1/segments
segment-exists = the site already has a segment with this name; choose another name, or change that segment
segment-in-use = the segment is the audience of messages, so it can't be deleted; recall them first
too-many-segments-in-use = published and scheduled messages already use 100 different segments; recall some, or wait until they expire
condition-cost = is too expensive to evaluate for every reader: use at most { $most } `contains`, and shorter values
condition-cost-named = is too expensive to evaluate together with the site's other segments: use fewer `contains` and shorter values
condition-cost-in-use = is too expensive to evaluate for every reader together with the other segments in use: use fewer `contains` and shorter values, or recall messages to other segments first
too-many-segments = a site has at most { $most } segments; delete one first

## Limits of a site.

too-many-theme-versions = a site has at most { $most } theme versions; delete an old one first
too-many-preview-links = a site has at most { $most } preview links per week; use an existing one
too-many-keys = a site has at most { $most } API keys; revoke one first
too-many-sdk-keys = there may be at most { $most } signing keys; revoke one first
too-many-sdk-agents = a site has at most { $most } agents of the Inbox SDK
too-many-agents = a site has at most { $most } agents
too-many-inboxes = a site has at most { $most } inboxes; delete one first
too-many-account-webhooks = a site has at most { $most } account webhooks; delete one first
too-many-canned-responses = a site has at most { $most } canned responses; delete one first
canned-responses-too-large = a site's canned responses have at most 2 MB of text together; shorten or delete one first
too-many-webhooks = a site has at most 10 webhooks; delete one first
too-many-sessions = a contact has at most { $most } sessions in an inbox
too-many-watchers = at most { $most } agents can watch a conversation
too-many-watched = at most { $most } conversations; stop watching one first

## Themes.

no-draft = there is no draft to publish; upload one first
theme-published = this version is published; publish or roll back to another one first
theme-is-draft = this version is a draft; publish it instead
theme-rejected = the theme was rejected
no-theme-file = is not a theme file: the parts are bell, card and css
unnamed-theme-file = a part without a name is not a theme file: the parts are bell, card and css

## Webhooks.

events-required = is required: a list of event types
no-event = must name at least one event
since-required = is required: the start time, such as 2026-12-01T08:00:00Z
colon = must not contain a colon
webhook-kind = must be standard or message
auth-type = must be basic or none
auth-of-standard = is only for message webhooks; standard webhooks are signed
events-of-message = is only for standard webhooks; message webhooks receive messages only
message-webhook-unsigned = a message webhook is not signed; change its auth instead
webhook-disabled = the webhook is disabled; enable it first
unknown-event = has an unknown event: { $event }

## Conversations.

resource-not-found = Resource could not be found
not-authorized = You are not authorized to do this action
attribute-taken = { $attribute } has already been taken
too-many-messages = Too many messages
source-id-taken = source_id should be unique
closing-before-opening = must be later than the opening time
closing-time = Closing time cannot be before opening time
open-and-closed = open_all_day and closed_all_day cannot be true at the same time
attachment-count = exceeded maximum allowed: { $most }
attachment-bytes = must have at most { $most } bytes together
attachments-too-large = are too large together
attachments-no-files = must be files of a body of type multipart/form-data
label-count = must be at most { $most } of at most 100 printable characters each
content-one-of = must have at least one of { $known }
content-objects = must have objects as { $known }
content-members = must have { $what } with some of { $known } and nothing else
seconds-or-time = must be seconds since 1970, or a time such as 2026-12-01T08:00:00Z
channel-kind = must have 1 to 40 letters, digits, - or _, such as whatsapp
country = must be a country as two letters, such as NL

## Configuration of the server.

database-scheme = must begin with sqlite: or postgres: (for example sqlite://belfry.db)
database-options = must be a path without ? and #; there are no further options
database-memory = must name a file: a database in memory would forget everything
database-file = must name a file (for example sqlite://belfry.db)
database-postgres = must be the URL of a database, such as postgres://user:password@host:5432/database
bus-address = must be the URL of a NATS server, such as nats://bus.example:4222 or tls://user:password@bus.example:4222
bus-credentials = must hold one line: user:password, or a token
bus-postgres = needs a PostgreSQL database: processes share no database file
value-rejected = `{ $value }` { $reason }
proxy-address = must be an address such as http://proxy.example:3128
proxy-scheme = must begin with http://: calls go through it by CONNECT, encrypted from end to end
proxy-path = must be scheme, host and port only
proxy-credentials = must hold one line: name:password

## Conflicts.

many-webhooks-deleted = many webhooks of this site were deleted a moment ago; try again in a minute
too-many-form-fields = a form has at most { $most } fields

## Around other texts.

at-field = { $field }: { $reason }

## Texts that are in the language of their reader already.

verbatim = { $text }
