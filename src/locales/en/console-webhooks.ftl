## page

title = Webhooks
add = Add webhook
empty = No webhooks yet
empty-text = A webhook notifies your backend of events: a message was read, a link was clicked, a contact was erased. Each request is signed, and retried until it is accepted.
empty-viewer = An owner of the site can add one.
address = Address
hears = Events
state = State
waiting = Pending
on = On
off = Off
failing = failing
messages = whole messages
count =
    { $count ->
        [one] { $count } event
       *[other] { $count } events
    }

## acts

tested = Test sent. It appears below as soon as your receiver responds.
turned-on = The webhook is on.
turned-off = The webhook is off. Events are not sent meanwhile.
acts-replayed =
    { $count ->
        [one] { $count } delivery is being sent again.
       *[other] { $count } deliveries are being sent again.
    }
ask = Delete this webhook?
ask-text = { $url } receives no more events, and pending deliveries are dropped. This can’t be undone.
deleted = Webhook deleted.
acts-rotate = Rotate the secret?
rotate-text = For 24 hours, requests are signed with both the new and the previous secret, so your receiver can switch without missing any.
rotate-verb = Rotate the secret
rotated = New secret
until = The previous secret is valid until

## deliveries

delivery = Delivery { $number }
deliveries-state = State
last = Last attempt
outcome = Result
again = Next attempt
contact = Contact
request = Request
deliveries-answer = Response
no-answer = No response.
replay = Send again
deliveries-replayed = The delivery is being sent again, with the same ID.

## endpoint

test = Send a test
endpoint-rotate = Rotate secret
enable = Turn on
disable = Turn off
since = Added
failing-since = Every attempt has failed since
stopped = Turned off automatically: { $reason }
deliveries = Deliveries
all = All
pending = Pending
done = Delivered
dead = Failed
none = Nothing sent yet. Send a test to check your receiver.
none-such = No deliveries in this state.
event = Event
endpoint-answer = Response
attempts = Attempts
happened = Time
replay-all = Send all failed again
millis = { $millis } ms

## write

edit = Edit
kind = Format
standard = Signed events
standard-hint = Small JSON events, signed according to Standard Webhooks. For new integrations.
whole = Whole messages
whole-hint = Each message for a contact with a customer ID, as existing clients of such products expect.
address-hint = A full https address, reachable from the internet.
description = Description
description-hint = Optional, for your own use.
events-hint = For signed events.
username = User name
access = Authentication
access-hint = For whole messages: sent as HTTP Basic. Leave empty to send none.
access-kept = Leave the password empty to keep it. If the address moves to another host, port or scheme, enter it again; with an empty user name, too, it is removed.
anew = is required again, since the address leads to another receiver; or clear the user name, too
dropped = Saved. The previous password was removed, since the address leads to another receiver.
delivered = Message delivered to the reader’s browser
seen = Message seen on screen
read = Message read
clicked = Link clicked
archived = Message archived
created = Contact added
erased = Contact erased
ready = The webhook is ready
secret = Signing secret
secret-once = Your receiver verifies signatures with this secret. Copy it now: it won’t be shown again. Store it like a password.
go-on = Go to the webhook
