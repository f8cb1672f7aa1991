-- The lists of a segment are written in parts, beside those that count until the last part is there.

ALTER TABLE segment ADD COLUMN first_list INTEGER NOT NULL DEFAULT 0; -- its lists are numbered from here on; others are being written, or left over
