## phrases

title = Conversations
back = Back to the list
tabs = Conversations by assignee
mine = Mine
unassigned = Unassigned
all = All
status = Status
any-status = Any status
open = Open
pending = Pending
snoozed = Snoozed
resolved = Resolved
inbox = Inbox
any-inbox = All inboxes
label = Label
search = Search conversations
search-hint = Search people and messages
apply = Apply
notify = Notify me
notify-blocked = Your browser blocks notifications from this site. Allow them in its settings, then try again.
list = List of conversations
unread = { $count } unread
assigned-to = Assigned to { $name }
note-mark = Note
file-mark = File
priority = Priority
priority-mark = Priority: { $priority }
no-priority = None
no-inbox = No inboxes yet
no-inbox-owner = Conversations arrive in inboxes. Create one, then connect your backend or your shop’s page to it.
no-inbox-agent = You answer conversations in the inboxes you are a member of. Ask an owner of the site to add you to one.
create-inbox = New inbox
connect = Connect your site
empty = No conversations yet
empty-text = A conversation starts when someone writes to you. Your page or backend delivers their message here with three calls.
empty-call = Try it
none-fit = No conversations found
none-fit-text = No conversation matches these filters.
none-mine = You have answered everything
none-mine-text = No open conversation is assigned to you. There may be unassigned ones.
see-unassigned = See unassigned
clear = Show all open
choose = Choose a conversation
choose-text = Its messages and the reply box appear here.
key-move = Next and previous conversation
retried = Sent again.
send-keys = Ctrl+Enter
snooze = Snooze
snooze-until = Snooze until
an-hour = For an hour
tomorrow = For a day
next-week = For a week
until-reply = Until they reply
at-time = Until
pend = Mark as pending
snoozed-until = Snoozed until
in-past = must be in the future
assignee = Assignee
nobody = Nobody
me = { $name } (you)
labels = Labels
labels-hint = Separated by commas
done-resolved = Resolved.
done-reopened = Reopened.
done-snoozed = Snoozed.
done-pending = Marked as pending.
contact = Contact
close = Close
online = Online
phone = Phone
identifier = Customer ID
verified = Identity verified
blocked = Blocked
attributes = Attributes
earlier = Other conversations
no-earlier = No other conversations.
app-inbox = In their app inbox
app-inbox-none = No message was sent to them directly.
profile = Open the profile
message-read = Read
message-unread = Not read yet
keys = Keyboard shortcuts
key-next = Next conversation
key-previous = Previous conversation
key-reply = Reply
key-note = Write a note
key-resolve = Resolve or reopen
key-assign = Assign to me
key-search = Search
key-help = Keyboard shortcuts
key-all = All shortcuts
key-canned = In a reply: insert a canned response
key-send = Send
key-leave = Leave the field

## canned

canned-title = Canned responses
add = New canned response
short-code = Short code
content = Content
teaching = Save answers you give often. In a reply, type / and the first letters of a short code to insert one.

## canned/delete

ask = Delete this canned response?
text = “{ $code }” can no longer be inserted. Replies already sent with it are not changed.
deleted = Canned response deleted.

## canned/insert

show = Canned responses
manage = All canned responses
found = Canned responses: { $count }. Arrow keys choose, Enter inserts.

## canned/list

canned-list-empty = No canned responses yet
example = “Hello { "{{contact.first_name}}" }!” greets each person by name.
changed = Changed
canned-list-search = Search canned responses
canned-list-search-hint = Short code or text
find = Search
canned-list-none-fit = No canned responses found
canned-list-none-fit-text = No canned response has “{ $text }” in its short code or text.
show-all = Show all
more = Showing the first { $count }. Search to find others.

## canned/write

short-code-hint = What agents type after /, such as order-late. Keep it short and without spaces.
content-hint = Inserted into the reply, where it can still be edited. **Bold**, *italic*, lists and links are Markdown.
variables-title = Variables
variables-text = Each is replaced when the response is inserted. The text after | is used when there is no value: { $example }.
variables-more = For attributes, use { $contact } and { $conversation }.
done = Canned response saved. Type / and its short code in a reply.
