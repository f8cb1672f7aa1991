## page

title = Themes
version = Version { $version }
versions = Versions
standard = Standard look
standard-text = Readers see the standard look. Start from a theme below, or upload your own SVG and CSS files.
now = Published
draft = Draft
former = Previous
now-text = Readers see version { $version }.
draft-text = Version { $version } is a draft. Only those with a preview link see it.
open-draft = Open the draft
look = Preview
editor = Edit CSS
files = Files
state = State
made = Uploaded
shown-since = Published

## acts

acts-published = Published. Readers see version { $version } now.
rolled-back = Readers see version { $version } again.
acts-standard = Readers see the standard look again.
no-draft = There is no draft to publish.
in-force = This version is published; roll back to another one first.
ask = Delete version { $version }?
ask-text = Its files and preview links are deleted permanently. Readers are not affected.
deleted = Version { $version } is deleted.

## editor

editor-title = Edit CSS
editor-css = theme.css
editor-css-hint = Styles for the parts of the widget. Saving creates a draft; readers see it after you publish.
save = Save draft
saved = The draft is saved.
open = Go to the draft
stored = Currently saved CSS of the draft
live = The preview updates as you type.

## problems

refused = The theme was rejected
refused-text = Nothing was changed. Fix the problems below and upload again.
warnings = Warnings
warnings-text = The theme works, but these parts were removed or may be hard to read.

## upload

upload = Upload a theme
upload-text = Upload any of the three files. They become a draft; readers see it only after you publish.
bell = bell.svg
bell-hint = the icon
card = card.svg
card-hint = a message
upload-css = theme.css
upload-css-hint = colours and type
keep = Keep the files of the current draft that are not chosen here
changed = Someone saved another draft while this page was open, so it was not replaced. Open that draft to review it. To replace it, choose your files again and press “Save anyway”, or start from a theme again.
send = Upload and check
start = Start from a theme
start-text = Complete themes. Each becomes your draft; publish it as it is, or change it first.
use = Start from { $name }
ready = The draft is ready. Readers don’t see it yet.
needed = choose at least one of the three files
fonts-too-large = is larger than { $kilobytes } kB because of its embedded fonts: export it without fonts
too-large = is larger than { $kilobytes } kB
quiet = Plenty of space, one muted accent, and a tint for unread messages.
midnight = A deep blue night sky in light and dark mode; only new messages glow.
paper = Letters on a desk: serif type, ink, a stamp, and a wax seal on unread messages.
terminal = A phosphor screen: square corners, monospaced type, and a prompt on unread messages.
festive = Strong colours in a few places: confetti in one corner, a ribbon on new messages, a swinging bell.
contrast = High contrast: black, white and yellow, thick lines, larger text, and a distinct shape for every state.

## version

publish = Publish
use-again = Use this version again
to-standard = Restore the standard look
edit = Edit CSS
preview = Preview
preview-text = The real widget with sample messages.
show = Show here
gallery = Open the gallery
gallery-text = The gallery shows every state next to the standard look. Its link works for a week, for anyone who has it.
sources = Files
download = Download { $name }
uploaded = Uploaded
version-published = Published
standing = State
