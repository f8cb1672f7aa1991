### Problems of an uploaded theme that have their own sentence. They follow an excerpt of the upload.

## Drawings.

no-script = is not allowed: a drawing cannot run anything; remove it
no-loading = is not allowed: a picture must not load anything; remove it
loads = loads something, and a picture must not: remove it
address = is an address, and a picture must not load anything: remove it
not-well-formed = is not well-formed ({ $detail }): export the drawing again
no-size = does not say how large the drawing is: add a viewBox
unlisted = is left out: it is not on the list of what a picture may have
foreign = is another program's, so all of it is left out
unreadable-value = is left out: browsers cannot read this value
id-taken = is left out: another element before has this id
refers-to-nothing = refers to nothing in this file and is left out
font = is left out: text is shown in the fonts of the page, or convert it to outlines
words-outside-text = is left out: words are only shown in <text>
drawing-too-large = is larger than { $size } KiB: simplify the drawing
drawing-too-large-by-fonts = is larger than { $size } KiB: its embedded fonts are the reason, and they are never used: export without fonts, or convert the text to outlines
no-utf8 = is not UTF-8: save the file as UTF-8
pixels = is a picture of pixels: export the drawing as SVG
compressed = is a compressed file (SVGZ): export it as plain SVG
second-layer = is the second layer that is called “{ $part }”: the first one is taken

## Parts of a card that a drawing may lack.

no-body = is not in the drawing: messages are shown without their text
no-time = is not in the drawing: it is not shown when a message came
no-image = is not in the drawing: pictures of messages are not shown
no-category = is not in the drawing: categories are not shown
no-unread = is not in the drawing: the standard dot marks unread messages
no-action = is not in the drawing: buttons look as they do without a theme, below the text
no-archive = is not in the drawing: the button appears with the others when one points at the card

## Style sheets.

important = is `!important`, which the widget keeps for itself: the declaration stays without it, and is enough
unknown-value = is no value that is known for `{ $name }`; a browser may ignore it
unknown-unit = has a unit that is not known, in `{ $property }`: use px, em, rem or %
not-in-property = cannot stand in `{ $property }`: write its value there
fetched = is fetched from elsewhere, which a theme cannot do: put a small picture in as `url("data:image/png;base64,…")`
could-load = could load something: nothing is fetched for a theme; put a small picture in as `url("data:image/png;base64,…")`
old-browsers = could run a script in old browsers: remove it
unknown-function = is not among the functions that can be used here
never-closed = is never closed
unfinished-value = cannot be read to its end: check its quotes and brackets
left-out = { $reason }; it is left out
