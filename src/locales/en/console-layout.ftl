## chart

as-table = Show as table
count = Count

## edit conflict

changed = Someone else saved changes while you were editing, so yours were not saved. What you typed is still here; fields that now differ are marked. Choose “Save anyway” to overwrite them.
now = currently saved: “{ $value }”
now-none = currently saved: nothing
anyway = Save anyway

## page

skip = Skip to content
menu = Menu
sign-out = Sign out
you-are-here = You are here
overview = Overview
conversations = Conversations
messages = Messages
inboxes = Inboxes
contacts = Contacts
segments = Segments
themes = Themes
webhooks = Webhooks
settings = Settings
install = Installation
members = Members
record = Audit log
not-found = Page not found
not-found-text = The address is wrong, or the page belongs to a site you have no access to.
forbidden = Your role does not allow this
forbidden-text = Ask an owner of the site to do it, or to change your role.
stale = This form has expired
stale-text = Open the page again and repeat the change. Nothing was saved.
insecure = This server’s address is { $public }. Over plain http, browsers keep nobody signed in except on the machine itself: put an https proxy in front and start Belfry with its address as --public-url, or open http://localhost on the machine where it runs.
elsewhere = You opened { $asked }, but this server’s address is { $public }, and you can only sign in there. Start Belfry with an address that browsers reach over https as --public-url, or open { $public } on the machine where it runs.
clock-minutes = The clock of this server has jumped ahead. Nothing is deleted until it has been stable for an hour: expired messages and sessions stay in the database, and readers are not affected. Check the server’s time; if it is right, no action is needed.
clock-days = The clock of this server has jumped ahead by more than a day. Until it has been stable for an hour, nothing is deleted, and no scheduled message is published or expires. Check the server’s time; if it is right, everything catches up automatically.
too-many = Too many attempts
too-many-text =
    { $seconds ->
        [one] Wait { $seconds } second, then try again.
       *[other] Wait { $seconds } seconds, then try again.
    }
unreadable = The request could not be completed
broken = Something went wrong on our side
broken-text = Try again in a moment. See the server log for details.
outside = You followed a link from another site
outside-go = Continue to Belfry
home = Go to your sites

## timestamp

skipped = does not exist in the time zone { $zone }: clocks are set forward then; enter another time
