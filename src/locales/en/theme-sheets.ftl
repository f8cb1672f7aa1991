### Problems of a theme’s style sheets: files, rules, conditions and selectors. They follow an excerpt of the upload.

## The file.

no-file = has no file: give at least one of bell.svg, card.svg and theme.css
not-utf8 = is not UTF-8: save the file in that encoding
sheet-too-large = is larger than 64 KiB: leave out what is not used, or use smaller pictures
byte-order-mark = is a byte order mark: save the file as UTF-8 without it
invisible-character = is an invisible character that changes how text reads: remove it
no-text-character = is no character of a text: save the file as UTF-8
control-character = is a control character: remove it
open-comment = begins a comment that does not end: close it with `*/`
open-string = begins a string that does not end on its line: close it with the same quote
open-address = does not end properly: put the address in quotes and close the bracket
open-bracket = is never closed: close this bracket
stray-bracket = closes a bracket that was never opened: remove it
other-bracket = closes a bracket that was opened with `{ $bracket }`: check the brackets before this place
unreadable-css = cannot be read as CSS ({ $detail }): check the signs around this place
unprintable = cannot be written anew: write it more plainly
unstable = has no one way to be written: write it more plainly
once-written-out = (once it is written out) { $reason }
forbidden-output = cannot stand in a style sheet that is printed here: write it without
left-out-in-brackets = { $reason } (left out)
html-comment = is a sign of HTML, so it is left out: a comment is written `/* … */`

## Rules.

import-in-drawing = loads another style sheet (often Google Fonts), and a drawing loads nothing: remove it, and convert text in that font to outlines
import-in-theme = loads another style sheet, and a theme loads nothing: copy what is needed into this file
namespace = names an XML namespace, which has no use here, so it is left out
font-loads = loads a font, and nothing is fetched for a theme: name fonts that readers have, or convert the text of a drawing to outlines
font-face = is left out: text is shown in fonts that the reader has, so name some, with a generic one at the end
rule-loads = holds an address, and nothing is fetched for a theme: remove it
charset = is not needed, since these files are UTF-8, so it is left out
registered-property = registers a property, which has no use here, so it is left out: set `--belfry-` properties directly
counter-style = writes text of its own, so it is left out: only messages have text
unlisted-rule = is no rule that can be used here, so it is left out: there are plain rules, `@media`, `@supports` and `@keyframes`
unknown-rule = is no rule that can be used here: leave it out
layer-order = orders layers, which a theme has none of: it is left out
layer-block = makes a layer, and the theme is in one already: its rules stand where they are, without it
not-for-the-page = cannot be set for the whole page: set `--belfry-` properties here, and name a part for the rest (left out)
root-with-others = stands with something else: write a rule for it alone
prefixed-keyframes = has a prefix of old browsers, so it is left out: write `@keyframes` as well
keyframes-name = is no plain name: use letters, digits, `-` and `_`
reserved-keyframes = is the name of a motion of the widget itself: choose another
keyframes-in-scheme = stands inside a scheme: write two `@keyframes` outside and choose one by its name
keyframes-scroll = follows scrolling: its steps are `from`, `to` and percentages

## Conditions.

opposite-schemes = asks for dark inside of light, which never holds: write them apart
scheme-values = can only be asked for `dark` or `light`, alone or joined with `and`
scheme-in-query = stands in a query with `,`, `or` or `not`: write a rule for each scheme
supports-value = cannot be asked for with `@supports` here: ask for a property and a plain value
two-declarations = stands twice in one bracket: ask for one property and its value
container-value = asks for more than a size: `@container` can ask for widths and heights, as `(width < 400px)`
unreadable-condition = is no condition that can be read
condition-sign = has no meaning in a condition here: ask for a property and a plain value, a size or a preference
unknown-feature = is nothing that can be asked for here: ask for a size, a scheme or a preference

## Selectors.

unreadable-selector = is no selector that can be read
selector-sign = has no meaning in a selector: remove it
selector-sign-place = has no meaning at this place of a selector: remove it
nested-selectors = nests selectors deeper than four times: write them apart
long-selector = is too long a selector: name the part alone
missing-id = is an id that this drawing does not have
needs-name = needs a name after it
two-pseudo-elements = stands behind another pseudo-element: use one
foreign-pseudo-element = reaches into something that is not the theme's: name a part
pseudo-class-words = has something in its brackets that has no meaning there
pseudo-class-name = is no name of a pseudo-class
escaped-name = is a name that needs an escape in a style sheet: use letters, digits, `-` and `_`
too-many-selectors = is one selector too many once nested rules are written out: nest less
nesting-outside = stands outside of a nested rule: name a part of the widget
nesting-in-brackets = has its `&` inside brackets: write it as a rule of its own
nesting-behind = has its `&` behind something else: begin it with `&`, or write it as a rule of its own
nested-in-pseudo-element = stands inside a rule for a pseudo-element: write it as a rule of its own
joined-elements = joins two elements into one: put a space after `&`

## Parts of the widget.

page-twice = asks twice for the page: ask once, before the first part
leading-combinator = begins with a sign between parts: begin with a part of the widget
after-pseudo-element = goes on behind a pseudo-element: end it there
has-twice = stands more than once in a selector: use one
page = is the page and not the theme's: name a part of the widget, as `.panel`
unknown-element = is no element of a message: name a part of the widget, as `.item`, or an element as `a`, `p`, `li`
id-in-theme = is an id, and the widget has none: name a part, as `.item`
attribute-in-theme = reads an attribute: only `[aria-current]` and `[aria-expanded="true"]` can be used
root-among-others = stands with something else: alone it sets `--belfry-` properties, otherwise name a part of the widget
unknown-state = is no state that a theme can use: use `:hover`, `:focus-visible`, `:first-child` and the like
in-has = cannot stand in `:has()`: one part alone can, as `:has(.picture)`
pseudo-element-in-brackets = cannot stand in brackets: write the pseudo-element behind them
pseudo-element-alone = needs a part of the widget before it, as `.item::before`
pseudo-element-on-bell = cannot stand on the bell: draw it in bell.svg
scrollbar = is known to some browsers alone: use `scrollbar-color` and `scrollbar-width`
unknown-pseudo-element = is no pseudo-element that a theme can use: use `::before`, `::after` or `::marker`
everything = is everything: name a part of the widget, as `.body *`
unknown-pseudo-class = is no pseudo-class that can be used here, or has something else in its brackets
similar-part = is no part of the widget; did you mean `.{ $part }`?
unknown-part = is no part of the widget: the documentation lists them, as `.panel`, `.item`, `.title`
attribute-in-drawing = reads an attribute: give the shape a class and name that
pseudo-element-in-drawing = has no meaning in a drawing: draw it as a shape
state-in-drawing = is no state that a drawing can use: remove it
has-in-drawing = is no pseudo-class that a drawing can use: give the shape a class and name that
