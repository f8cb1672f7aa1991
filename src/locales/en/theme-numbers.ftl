### Problems of numbers in a theme’s style sheets. They follow the name of the property.

## Any number.

not-finite = is no finite number
beyond-view = is more than the whole view: 100 is the most
long-length = is too long: 10,000 px are the most
large-percentage = is too much: 1,000% are the most
long-time = is too long: 60 s are the most
large-number = is too large a number
flicker = must last 0 or 100 ms to 60 s, so that nothing flickers

## Lengths and places.

moved-100 = moves a part too far: 100 px (or %) are the most
margin = moves a part too far: -48 px to 100 px (or %) are the limits
space-200 = is too much space: 200 px are the most
space-100 = is too much space: 100 px are the most
space-percentage = is too much space: 100% are the most
size-1000 = is too large: 1,000 px are the most
size-600 = is too large: 600 px are the most
size-percentage = is too large: 100% are the most
wide-64-px = is too wide: 64 px are the most
wide-32-px = is too wide: 32 px are the most
wide-16-px = is too wide: 16 px are the most
wide-8-px = is too wide: 8 px are the most
wide-64 = is too wide: 64 is the most
wide-2 = is too wide: 2 is the most
column-width = is no width of a column: 40 px to 1,000 px are the limits
columns = are too many columns: 8 are the most
grid-line = is too far: 100 is the most
decoration = is too far: 32 px are the most
vertical-align = moves text too far: 64 px are the most
order = is too large: 99 is the most
stacking = lifts a part over others: -1, 0 and 1 are allowed
repetitions = repeats too often: 24 times are the most

## Effects.

shadow = is too large for a shadow: 64 px are the most
blur-100 = blurs too much: 100 px are the most
blur-40 = blurs too much: 40 px are the most
filter-strength = is too strong: 10 is the most
transform = transforms too much: use `translate()`, `rotate()` and `scale()`
scale = scales too much: 4 is the most
scale-percentage = scales too much: 400% are the most
origin = is too far away: 200 px (or %) are the most

## Text.

font-pixels = is no size to read: 6 px to 64 px (4 em) are the limits
font-percentage = is no size to read: 40% to 400% are the limits
font-adjustment = is no size to read: 0.2 to 1.2 are the limits
font = is no size, weight or line height to read
line-pixels = is no line height to read: 8 px to 120 px are the limits
line-percentage = is no line height to read: 80% to 400% are the limits
line-number = is no line height to read: 0.8 to 4 are the limits
letter-spacing = is no spacing to read: -4 px to 16 px are the limits
text-indent = moves text too far: -16 px to 64 px (or %) are the limits
tab-size = is too much: 16 is the most
