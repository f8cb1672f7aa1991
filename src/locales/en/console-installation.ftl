## page

title = Installation
paste = 1. Paste this into your pages
paste-text = Add both lines before the end of the body on every page that should show the bell. Replace yourImplementationOfAuthCallback with your own function: it asks your backend for a token of the signed-in user.
snippet = Snippet
ask = 2. Request a token from your backend
ask-text = The call identifies the signed-in user and returns a token for their browser. The key stays on your server.
languages = Language of the example
call = Call in { $language }
working = 3. Check that it works
allowed = { $origin } can show the bell now.

## install events

empty = No activity yet
empty-text = Open a page with the snippet, then come back and reload this page.
reload = Check again
works = Works
problem = Action needed
noticed = Info
an-origin = a page
script = { $origin } loads the script.
widget = { $origin } shows the bell.
token = Your backend gets tokens.
not-allowed = { $origin } is not one of the site’s allowed addresses, so the bell does not show there.
not-allowed-do = If the page is yours, allow it.
allow = Allow { $origin }
allowed-now = { $origin } was blocked before you allowed it.
bad-token = { $origin } sent a token that is expired, invalid or belongs to another site.
bad-token-do = The callback must request a token from your backend each time it is called; don’t store tokens in the page. Check that the backend uses an API key of this site.
unknown-contact = Your backend requested a token for a contact that this site does not have, and received an empty token.
unknown-contact-do = Add the contact first (POST /v1/contact) or import your contacts; the ID must be the same in both calls.
