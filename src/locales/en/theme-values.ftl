### Problems of the properties and values in a theme’s style sheets. They follow an excerpt of the upload.

## Properties.

runs-code = could run or load something in old browsers: remove it
color-scheme = is the reader's choice, so it is left out: `light-dark()` and `@media (prefers-color-scheme: dark)` follow it
direction = decides how text reads, so it is left out: the language of the site says it
pointer-events = decides what can be pressed, so it is left out: every part of the widget stays usable
pointer-events-of-part = decides what can be pressed, and every part of the widget stays usable: only what is drawn can have it
float = takes parts out of their place, so it is left out: use flex or grid instead
counters = is for text that a style sheet writes, so it is left out: only messages have text
not-in-themes = is no property that a theme can set, so it is left out
not-in-drawings = has no meaning in a drawing here, so it is left out
escaped-name = is a name that needs an escape, so it is left out: use letters, digits, `-` and `_`
not-of-widget = is no property of the widget, so it is left out: custom properties begin with `--belfry-`
too-many-custom-properties = is too much for custom properties: 64 of at most 256 bytes each are allowed
absolute = takes a part out of its place: only `::before` and `::after` can be `absolute`
fixed = takes a part out of the widget: use one of static, relative, absolute

## Values.

no-meaning-in-attribute = has no meaning in the attribute `{ $name }`, so it is left out
unreadable-attribute = is no value that can be read for `{ $name }`, so it is left out
no-value = has no value
no-meaning = has no meaning in a value
in-property = in `{ $property }` { $reason }
unsupported = cannot stand in `{ $property }`
listed-values = is no value for `{ $property }` here: use one of { $values }
content-text = cannot stand in `content`: only `""` and signs of at most three characters can, since all text comes from messages
written-text = would write text into the widget: only signs of at most three characters can stand here, since all text comes from messages
no-cursor = hides what one points with: use another `cursor`
font-name = is no name of a font: use plain letters and digits
area-row = is no row of grid areas: use plain names, dots and spaces
string = is a string, which has no meaning in `{ $property }` here
factor = needs a plain number beside it: at most 2 to multiply by, at least 1 to divide by
transform-functions = has too many functions: one `scale()` and two `translate()` are the most
filter-functions = has too many functions: 12 are the most
shadows = has too many shadows: use a few
border-image-outset = reaches beyond the border: leave out what stands behind the second `/`
foreign-function = reads something that is not the theme's: write a plain value
transform-function = is not among the functions of a theme: use `translate()`, `rotate()`, `scale()` or a basic shape
too-many-operators = calculates too much: write a plainer value

## Custom properties.

too-long-expanded = becomes too long once its `var()` are written out: use fewer of them
variable-in-drawing = cannot stand in a custom property of a drawing: write its value there
variable-name = needs the name of a custom property: `var(--belfry-accent)`
foreign-variable = is no custom property of a theme: those begin with `--belfry-`
variable-cycle = names itself through other custom properties: write a plain value in one of them
variable-chain = is the end of too long a chain of custom properties: write a plain value

## Addresses and pictures.

fragment = names a part of a drawing, and nothing in the widget has such a name
picture-place = cannot stand in `{ $property }`: pictures may stand in backgrounds, borders, masks and lists
outside-drawing = leads out of the drawing: only parts of the same drawing can be named, as `url(#name)`
unknown-reference = names nothing in this drawing, so it is left out
picture-encoding = is no picture in base64: use `data:image/png;base64,…`, or jpeg, gif or webp
picture-kind = is no PNG, JPEG, GIF or WebP: save the picture as one of these
picture-base64 = is not plain base64: encode the picture again, without spaces
picture-bytes = is larger than 16 KiB: use a smaller picture
picture-mislabelled = is not the kind of picture that it says it is: name its real type
picture-pixels = is wider or higher than 1024 pixels: use a smaller picture
picture-broken = is no whole picture: save it again

## What a reader must be able to see.

hides-text = hides text, which a reader needs: use an opaque colour
affects-part = { $effect } `{ $part }`, which a reader needs: change its look, or adorn it with `::before`
hides = hides
draws-over = draws over
cuts = cuts
makes-unreadable = makes unreadable
moves-away = moves away
makes-too-small = makes too small
moves = moves
overlay = lays a surface over text, which a reader needs: put it behind with `z-index: -1`, make it thin, or let one see through it
colour-of-surface = is the colour of what is behind the text, so that nobody could read it: set a background beside it, or choose another
colour-of-background = is the colour of `{ $background }` beside it, so that nobody could read the text: choose one with a contrast of 4.5

## Counts.

bracket-depth = nests deeper than 24 brackets: write it flatter
too-many-rules = is one rule too many: 2,000 are the most
too-much = is too much: leave out what is not used
bracket-operators = calculates too much in one bracket: 24 operators are the most
data-too-long = is too long: a picture may have 16 KiB

## How a value is written.

two-addresses = holds more than one address: leave one string in it
escaped-id = is a name that needs an escape in a style sheet: give it a plain name of letters and digits
escaped-in-property = in `{ $property }` needs an escape to be written: use plain letters
escaped-value = needs an escape to be written: use plain letters
