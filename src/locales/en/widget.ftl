# Button: ends the session of a standalone inbox page.
sign-out = Sign out
# Standalone inbox page without a session; a link to the site follows.
open-from-site = To see your messages, open them on the site:
# Button and title: which categories of messages to show.
preferences = What to show
# Sentence above the list of categories.
preferences-sentence = Messages of the kinds that you leave out are neither listed nor counted. They come back when you choose them again.
# Button: saves the choice.
save = Save
# Title of the panel, and label of the bell without unread messages.
title = Notifications
# Label of the bell with unread messages.
bell = Notifications, { $count } unread
# Button: marks all as read.
mark-all-read = Mark all as read
# Button: marks a message as read.
mark-read = Mark as read
# Button: marks a message as unread.
mark-unread = Mark as unread
# Button: archives a message.
archive = Archive
# Button: moves a message out of the archive.
restore = Move to inbox
# Button: deletes a message.
delete = Delete
# Status: a message was archived.
archived = Archived
# Status: a message was deleted.
deleted = Deleted
# Status: all messages were marked as read.
all-read = All marked as read
# Button next to these statuses: undoes the action.
undo = Undo
# Screen reader label of the filter tabs.
filters = Show
# Filter: all messages.
filter-all = All
# Filter: unread ones.
filter-unread = Unread
# Filter: archived ones.
filter-archived = Archive
# Title of the list of keyboard shortcuts.
keys = Keyboard shortcuts
# Shortcut: next or previous message.
key-move = Next or previous message
# Shortcut: first or last message.
key-ends = First or last message
# Shortcut: opens the message.
key-open = Open
# Shortcut: marks as read or unread.
key-read = Read or unread
# Button: closes the panel.
close = Close
# Headline of the empty list.
empty-headline = You’re all caught up
# Headline of the empty list of unread messages.
empty-unread = Nothing unread
# Headline of the empty archive.
empty-archived = Nothing archived
# Sentence below the headline of the empty list.
empty-sentence = New messages will appear here.
# Shown while messages are loading.
loading = Loading…
# Button: loads the next page.
show-older = Show older
# Link: back to the beginning of the list.
show-newest = Back to the newest
# Status: the server could not respond.
unavailable = Messages are not available for the moment. Please try again soon.
# Status: messages arrived.
new-messages =
    { $count ->
        [one] { $count } new message
       *[other] { $count } new messages
    }
# Status: offline.
offline = You’re offline. New messages will appear when you’re back.
# Status: a change was rejected and has been undone.
failed = That didn’t work. Your change was put back.
# Screen reader label of the unread dot.
unread = Unread
# Screen reader label and tooltip of the pin.
pinned = Pinned
# Status: the session has ended.
signed-out = Your session has ended. Please sign in again to see your messages.
# Screen reader announcement of a new message.
announcement = New message: { $title }
# Title of the tab for conversations with the site, and of the button that opens it.
messages = Messages
# Headline without conversations.
write-headline = Write to us
# Sentence below that headline.
write-sentence = Ask us anything. Our answer will appear here.
# Headline of a reply to a message.
reply-headline = Your reply
# Before the title of the message that is replied to.
about = About
# Label and placeholder of the text box.
write-label = Your message
# Button: sends the text.
send = Send
# Status: the text could not be sent.
not-sent = Your message was not sent. Please try again.
# Button and headline: starts another conversation.
new-conversation = New conversation
# Button: back to the list of conversations.
all-conversations = All conversations
# Sender: the reader.
you = You
# Sender: the inbox's automatic reply.
automatic = Automatic reply
# Receipt: an agent has seen the reader’s message.
seen = Seen
# Receipt: the reader’s message is stored.
sent = Sent
# Status of a resolved conversation, short.
closed = Closed
# Sentence at the end of a resolved conversation.
closed-sentence = This conversation is closed. Write to open it again.
# Shown for a message whose type has no text.
not-shown = This message can’t be shown here.
# Suffix of the bell’s label, and label of the count of unread answers.
answers =
    { $count ->
        [one] { $count } unread answer
       *[other] { $count } unread answers
    }
# Typing indicator.
typing = { $name } is typing…
# Less than a minute ago.
just-now = just now
# Minutes ago, short. A script fills in the number, so it has no plural forms.
minutes = { $count } min
# Hours ago, short; likewise.
hours = { $count } h
# Yesterday.
yesterday = yesterday
# Days ago, short; likewise.
days = { $count } d

# Months in the form that follows a day: abbreviated and in full.
short-january = Jan
short-february = Feb
short-march = Mar
short-april = Apr
short-may = May
short-june = Jun
short-july = Jul
short-august = Aug
short-september = Sep
short-october = Oct
short-november = Nov
short-december = Dec
january = January
february = February
march = March
april = April
may = May
june = June
july = July
august = August
september = September
october = October
november = November
december = December
# Date in the current year.
date = { $day } { $month }
# Date in another year.
date-with-year = { $day } { $month } { $year }
# Date and time.
moment = { $day } { $month } { $year }, { $time } { $offset }
full-date = { $day } { $month } { $year }
