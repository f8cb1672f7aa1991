## page

title = Contacts
name-of-person = Person
search = Search contacts
search-hint = Name, e-mail, phone or customer ID
find = Search
reach = E-mail and phone
own-id = Customer ID
speaks = Language
seen = Last seen
never = never
import = Import
add = Add contact
count =
    { $count ->
        [one] { $count } contact
       *[other] { $count } contacts
    }
count-capped = more than { $count } contacts
none-fit = No contacts found
none-fit-text = No contact has “{ $text }” in the name, e-mail, phone or customer ID.
all = Show all
empty = No contacts yet
empty-text = Contacts are the people who can read your messages. Your backend adds them when they sign in, or you can import a table here.
empty-call = From your backend
empty-call-text = One call adds a contact, or updates the one with the same ID, e-mail or phone. Use an API key of this site.

## edit

edit-new = Add contact
edit = Edit
first-name = First name
last-name = Last name
phone = Phone
phone-hint = With country code, such as +380671234567
own-id-hint = The ID your backend has for this person
language = Language
language-hint = A language tag such as en, uk or pt-BR; messages are shown in it where available
edit-attributes = Attributes
attributes-hint = Any other data about the person: plan, city, birthday. Segments can use it. Clear a value to remove its attribute.
edit-attribute = Attribute
value = Value
added = Contact added.
taken = This ID, e-mail or phone belongs to another contact.

## erase

erase = Erase { $name }?
erase-text = The contact, their message history, their sessions, and the messages sent only to them are deleted permanently. This can’t be undone.
erase-verb = Erase permanently
erased = Contact erased.

## import

import-contacts = Import contacts
steps = Steps
step-table = Table
step-columns = Columns
step-check = Check
step-result = Import
lead = Choose a CSV file with column headings. Nothing is saved until you have checked the result.
file = CSV file
file-hint = UTF-8, separated by commas, semicolons or tabs; up to 10 MB and 100,000 rows. In a spreadsheet: “Save as”, “CSV UTF-8”.
drop = or drop it here
paste = Or paste the rows
paste-hint = Copied from a spreadsheet, headings included.
pasted = pasted rows
go-on = Continue
needed = choose a file or paste rows first
no-rows = has headings but no rows

## mapping

columns = Match columns to fields
found = { $name }: { $rows } rows, { $columns } columns.
heading = Column
samples = First rows
means = Import as
ignored = Don’t import
mapping-attribute = Attribute “{ $name }”
dedupe = Match existing contacts by
dedupe-hint = A customer ID always takes precedence, where a row has one.
either = E-mail or phone
by-id = Customer ID only
groups = Add to groups
groups-hint = Names, separated by commas. They are stored in the attribute “groups”, which segments can use.
restore = Restore deleted contacts
try = Check without importing
checked = Result of the check
mapping-new = New
updated = Updated
skipped = Skipped
skipped-note = deleted before
failed = Can’t be imported
row = Row
field = Field
reason = Reason
outcome = What happens
goes-in = imported without it
stays-out = not imported
mapping-first =
    { $count ->
        [one] Showing the first { $shown } of { $count } problem. All other rows are imported.
       *[other] Showing the first { $shown } of { $count } problems. All other rows are imported.
    }
no-problems = Every row can be imported.
start =
    { $count ->
        [one] Import { $count } row
       *[other] Import { $count } rows
    }
busy = This site already has 20 unfinished imports, which is the maximum. Nothing was imported. Start this one when another has finished.
change = Change the columns

## profile

profile = Profile
profile-attributes = Attributes
no-attributes = No attributes.
since = Created
changed = Last changed
history = Messages
no-history = No message was sent to this person directly, and they opened none that was sent to everyone.
inbox = Inbox of this person
inbox-text = What they see now, in their language and your theme. Nothing is marked as read.
see = See what this person sees
export = Export
profile-erase = Erase
sent = Sent
delivered = Delivered
saw = Seen
read = Read
read-all = Read by “mark all as read”
clicked = Clicked
archived = Archived
deleted = Deleted by the reader
recalled = Recalled
unread = Not read yet
everyone = to everyone

## progress

past = Past imports
running = Importing contacts
over = Import finished
given-up = Import failed
given-up-text = The stored rows could not be read. Rows already imported stay; import the table again.
done-of =
    { $total ->
        [one] { $done } of { $total } row
       *[other] { $done } of { $total } rows
    }
leave = You can leave this page; the import continues in the background.
problems = Problems
download = Download as CSV
progress-first = Showing the first { $count }; the file has up to 1,000.
contacts = Go to the contacts
again = Import another table
when = Started
state = State
rows = Rows
state-waiting = waiting
state-running = running
state-done = finished
state-error = failed
progress-empty = No imports yet
progress-empty-text = Imports are listed here with their results.
