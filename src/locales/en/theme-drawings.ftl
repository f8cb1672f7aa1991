### Problems of a theme’s drawings. They follow an excerpt of the upload.

## The file.

packed = is a compressed file: unpack it and upload the SVG in it
document = is a document: export the drawing as SVG
bytes-not-utf8 = are not UTF-8: save the file as UTF-8
repeated-byte-order-mark = stands at the beginning more than once: save the file as UTF-8 without a byte order mark
control-character = is a control character, which no drawing needs: remove it
other-encoding = names another encoding: save the file as UTF-8
unknown-entity = is no character that XML knows, and entities of a document type are not read: write the character itself, or save as SVG without “Preserve Illustrator Editing Capabilities”
entity = is not allowed: write the character itself
declaration = is not allowed in a drawing: remove the declaration
foreign-doctype = is not that of a drawing: remove it
unclosed-doctype = is not closed: remove it
doctype-loads = fetches a part of the file from elsewhere, and a picture must not: remove the document type
doctype-declarations = has declarations, which are left out: they change nothing in a picture
stylesheet-instruction = is not allowed: put the rules into a <style> element of the drawing
late-xml-declaration = stands behind the beginning of the file: remove it
instruction = is left out: it is an instruction for another program
root-without-namespace = is in no namespace: the file must begin with <svg xmlns="http://www.w3.org/2000/svg">
root = is not a drawing: the file must begin with <svg xmlns="http://www.w3.org/2000/svg">
size-out-of-range = is { $width } by { $height } large: between 1 and { $most } are allowed
aspect-ratio = is { $width } by { $height } large: one side may be { $most } times the other at most
printed-too-large = becomes too large when it is written out safely; simplify the drawing

## Elements.

html = is HTML and not allowed: export text as text, not as HTML
page-element = is part of a web page and not allowed: draw it with shapes
rare = is left out, as browsers do not show it: export it as plain shapes and gradients
misspelled = is left out, as browsers do not know it with these capital letters: export the drawing again
foreign-text = is not allowed: export text as text, not as HTML
included = brings something from elsewhere into the file, and a picture must not load anything: remove it
image-step = is not allowed: put the picture into the drawing as an <image>
flowed-text = is left out, as browsers do not show it: convert the flowed text to plain text
view = is left out: a picture is always shown whole
discard = is left out: nothing in a picture goes away
text-reference = is left out, as browsers do not show it: write the text itself
cursor = is left out: a picture has no mouse pointer of its own
colour-profile = is left out: colours are those of the screen
animate-colour = is left out, as browsers do not show it: use <animate>
no-namespace = is left out: it is in no namespace, so it is no element of SVG
link = is left out: a picture has no links; what is in it stays
in-style = cannot be in a <style>: only rules can
in-title = is left out: only words can be here
backdrop = is left out: an effect on what lies behind is nothing that a picture can have
for-other-programs = is left out: it is for other programs, and what stands beside it is shown
one-language = is for one language, and a picture is the same for all: what is for none or for English is shown, or else the first
outside = is outside of the file: remove it
alternative-runs = could run or load something, where it is shown: remove it
link-address = is no address of a page: remove the link
no-style-sheet = is no style sheet that a browser reads, so it is left out: only text/css is one
no-condition = is no condition of a style sheet

## Attributes and their values.

looks-like-loading = is not on the list of what a picture may have, and looks as if it loads something: remove it
foreign-notation = holds what belongs in no number or word: remove it
too-many-numbers = has more than { $most } numbers: simplify the drawing
out-of-range = is not between { $least } and { $most }: use a smaller effect
too-many-path-steps = has more than { $most } steps: simplify the path
too-many-transform-steps = has more than { $most } steps: simplify the transform
reference-runs = runs or loads something, and a picture must not: remove it
reference-outside = is outside of the file, and a picture must not load anything: put it into the drawing

## Animations.

animation-left-out = is left out: it { $reason }
animation-place = cannot be here: put the animation into the shape that it moves
animation-without-transform = does not say that it moves the `transform`: export the drawing again
animation-without-target = does not say what it changes: give it an attributeName
animation-of-transform = cannot change a transform: use <animateTransform>
animation-target = changes what must not change in a picture: animate shapes, colours and places only
animation-timing = waits for a press or for another, and an animation in a picture begins by the clock
animation-runs = changes what could run or load something: remove it
animation-of-other = is left out: put the animation into the element that it moves
animation-reference = is not allowed: put the animation into the element that it moves
too-many-values = has more than { $most } values: simplify the animation
unreadable-animation = cannot be read: export the animation again, with plain values
invalid-animation-value = has a value that is not allowed: export it again
too-short-animation = is no time of at least { $least } seconds: slow the animation down

## Embedded pictures.

picture-kind = is not allowed: put the picture into the drawing as PNG, JPEG, GIF or WebP data
picture-base64 = is not valid base64 data: export the drawing again
picture-bytes = is larger than { $size } KiB: use a smaller picture
picture-mislabelled = is not the kind of picture that it says it is: export the drawing again
picture-unreadable = is not a picture that can be read: export the drawing again
picture-pixels = is { $width } by { $height } pixels, and { $most } by { $most } are allowed: use a smaller picture

## Limits.

too-many-elements = is one of more than { $most } elements: simplify the drawing
too-deep = is nested more than { $most } deep: ungroup some layers
too-many-attributes = has more than { $most } attributes: remove those that are not needed
too-many-namespaces = is one of more than { $most } namespaces: export the drawing again as plain SVG
too-long-value = is longer than { $size } KiB: simplify this shape, or use a smaller picture
too-many-compound-rules = has too many rules that ask for several things at once: give each kind of shape one class
too-many-reference-rules = has too many rules that refer to something: set fewer of them
hidden-reference = refers to something by the rule `{ $selector }`, which is no plain one: name the shape by a class
cycle = leads back to itself through its references: remove one of them
expanded-elements = asks for more than { $most } elements through references: use fewer copies, patterns and masks
marker-elements = asks for more than { $most } elements of markers: use fewer markers, or simpler paths
filter-steps = asks for more than { $most } steps of filters: use fewer filters
reference-chain = is a chain of more than { $most } references: refer to the last one directly
layer-depth = is in more than { $most } masks, clip paths and filters: ungroup some layers
filter-primitives = has more than { $most } steps: use a simpler effect
gradient-stops = has more than { $most } colours: use fewer
too-many-sheets = is one of more than { $most } style sheets: put the rules into one
too-many-animations = is one of more than { $most } animations: use fewer
too-many-words = brings the words of the drawing over { $size } KiB: shorten them
filter-region = reaches more than { $most } times as far as what it is for: make its region smaller
tile-size = has tiles smaller than a { $most }th of the drawing: make them larger
dash-length = has dashes too short to be seen: make them longer, or the line solid

## Bells and cards.

card-height = is { $height } pixels high when it is as wide as the panel: a card may have { $most } at most
no-title = is missing: name the text that stands for a message's title `title` (by its layer's name, its id or data-slot)
stretched-sideways = has no plain part behind the title and body where it could be stretched to the sides; what is drawn there will be stretched
stretched-downward = has no plain part behind the title and body where it could be stretched downward; what is drawn there will be stretched
contrast-light = has a contrast of { $contrast } on what is behind it on a light page; { $least } is the least that everyone can read
contrast-dark = has a contrast of { $contrast } on what is behind it on a dark page; { $least } is the least that everyone can read
mixed-current-colour = is black in a drawing that has other colours, too; only a drawing in nothing else follows the page
