-- The time zone of an account's console, by its IANA name. NULL: that of the browser.
ALTER TABLE account ADD COLUMN time_zone TEXT;
