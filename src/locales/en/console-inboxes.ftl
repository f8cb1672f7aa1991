## page

title = Inboxes
add = New inbox
empty = No inboxes yet
empty-text = An inbox receives what visitors write to you from your site, your app, or anything that can make HTTP calls. Create one, connect it with four calls, and answer under Conversations.
empty-others = An owner of the site can create one.
callback = Callback URL
no-callback = none
proof = Identity
proof-needed = HMAC required
proof-optional = HMAC optional
made = Created

## connect

connect = Connect
token-title = 1. An access token
token-text = Programs send it in the api_access_token header, and act as the agent it belongs to. Keep it on your server, never in a page.
token-make = Create an access token
token-former = It is your token on this site. A token you created before stops working.
token-viewer = Viewers can’t answer conversations and have no token. Ask an owner for another role.
token-ready = Your access token is ready
token = Access token
once = Copy it now: it won’t be shown again. Store it like a password.
back = Back to the calls
backend = 2. From your backend
backend-text = A contact, a conversation, the customer’s message, and an answer. Put the token into BELFRY_AGENT.
client = 3. From your customer’s browser or app
client-text = No token is needed: the inbox_identifier is public, and the device stores the source_id that the first call returns.
languages = Language of the examples
calls = Calls in { $language }

## create

create = Create inbox
created = Inbox created. Choose its agents, and connect your site.

## delete

ask = Delete { $name }?
delete-text = All conversations of this inbox are deleted with their messages and files, and everything that uses its inbox_identifier stops working. This can’t be undone. Type the inbox’s name to confirm.
other = does not match the name of this inbox, { $name }
deleted = Inbox deleted.

## deliveries

deliveries-title = Recent deliveries
deliveries-text = What was sent to the callback URL, and the response. A failed delivery is tried three times; a message that could not be delivered is marked as failed in its conversation, where it can be sent again.
none = Nothing sent yet. Messages in this inbox appear here.
no-url = This inbox has no callback URL, so your backend is not notified. Set one above to receive each message.
save-to-turn-on = Save the settings to turn it on again.

## form

name-hint = What your team sees, such as “Shop” or “Support”.
callback-hint = Belfry sends each message and each change of a conversation there, signed. Leave empty to send nothing.
upstream = Also send the X-Chatwoot-… headers
upstream-hint = For receivers that expect them. The values are those of the X-Belfry-… headers.
visitors = Visitors
form-proof = Require identity verification (HMAC)
proof-hint = Each contact then needs an identifier and the hash that your backend computes from it with the HMAC token.
lock = One conversation per visitor
lock-hint = When a visitor writes again, their previous conversation continues.
automatic = Greeting
greeting = Greet contacts on their first message
greeting-text = Greeting text
greeting-hint = Sent automatically after the first message of a conversation.

## hours

hours = Working hours
hours-enabled = Reply automatically outside working hours
message = Out-of-office message
message-hint = Sent instead of the greeting outside working hours, once a day.
zone = Time zone
zone-hint = The hours below are in this time zone, with its daylight saving time.
zone-of-browser = Use this browser’s:
week = Days
state = { $day }: when
from = { $day }: from
to = { $day }: to
open = From – to
closed = Closed
all-day = All day
sunday = Sunday
monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday

## members

members-title = Agents
members-text = Agents see the conversations of this inbox and answer them. Owners of the site see every inbox.
nobody = Only owners so far. Invite people with the role agent or editor under Members, then choose them here.
members = Go to members
always = always
save = Save agents
gone = includes someone who is no longer an agent of this site; choose again

## outbound conversations

initiate = Conversations started by agents
outbound-conversations-enabled = Agents can start conversations here
enabled-hint = In the Inbox SDK. The first message is sent to the callback URL like any other, and your program delivers it.
kind = Channel
kind-hint = Its name for programs: whatsapp, sms, email or another word.
address = Contacts are reached by
phone = Phone number
email = E-mail address
region = Country
region-hint = Two letters, such as NL: phone numbers of this country need no country code. Leave empty to require it for all numbers.

## show

settings = Settings
show-connect = Connect
names = Identifiers and secrets
identifier = inbox_identifier (public: identifies the inbox in the URLs of the client API)
secrets-text = The HMAC token proves a visitor’s identity; the callback secret signs requests to the callback URL. Keep both on your server.
hmac = HMAC token
secret = Callback secret
show = Show the secrets
hide = Hide the secrets

## test delivery

tested = Test sent. Reload this page to see the response of your receiver.
not-sent = No test was sent: the inbox has no callback URL, it is turned off, or its queue is full.
