title = Segments
new = New segment
empty = No segments yet
empty-text = A segment is a group of contacts that match conditions: customers on a plan, speakers of a language, people inactive for a month. Contacts who match when they open the bell get what is sent to it.
who = Conditions
contacts-now = Contacts now
changed = Changed
used = In use
used-text = Messages sent to it:
not-used = None of the newest messages is sent to this segment.
name-hint = Must be unique on the site; the API can refer to the segment by it.
match = A contact matches when
match-all = all of these are true
match-any = any of these is true
condition = Condition { $number }
not = not
kind = Field
attribute = Attribute
language = Language
created = Created
last-seen = Last seen
named = Contact
path = Attribute name
operator = Comparison
equals = is
not-equals = is not
contains = contains
one-of = is one of
exists = is set
missing = is not set
greater = is greater than
less = is less than
before = before ({ $zone })
after = after ({ $zone })
within = in the last … days
value = Value
hints = Separate several values with commas. Numbers, true and false are taken as such; in quotation marks they are text. Enter contacts by customer ID or e-mail address. Write a day as 2026-12-01, a time as 2026-12-01T08:00.
add = Add a condition
count = Count
matches =
    { $count ->
        [one] Matches { $count } contact now
       *[other] Matches { $count } contacts now
    }
matches-more =
    { $count ->
        [one] Matches { $count } contact or more
       *[other] Matches { $count } contacts or more
    }
advanced = Advanced: JSON
advanced-hint = Replaces the conditions above when filled in. It has the format of the API, so conditions can be nested.
save-new = Create segment
save = Save changes
save-hint = The new conditions apply immediately, also to messages already sent to the segment.
created-done = Segment created.
write-to = Send a message to this segment
delete-title = Delete this segment?
delete-text = “{ $name }” is deleted permanently. Its contacts stay.
deleted = Deleted.
in-use = Messages are sent to this segment, so it can’t be deleted. Recall them first.
exists-already = the site already has a segment with this name
wrong = Check the marked fields. Nothing was saved.
nothing = add at least one condition
no-json = is not valid JSON; check for a missing bracket or quotation mark
counted-later = open to count
