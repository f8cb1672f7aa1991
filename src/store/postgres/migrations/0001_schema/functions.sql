-- Functions and operators that statements of the common subset use, and that only SQLite has built in.
-- With STRICT, the result is NULL if an argument is.

-- The elements of an array, as text: a number in it has to be cast. The planner takes it for short, so that
-- it looks up each element by an index rather than compare all rows with the array.
CREATE FUNCTION json_each(input TEXT, OUT key BIGINT, OUT value TEXT) RETURNS SETOF RECORD
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 2 AS
    $$ SELECT ordinality - 1, item FROM json_array_elements_text(input::json) WITH ORDINALITY AS e (item, ordinality) $$;

-- The key that a path names: `a` of `$.a` and of `$."a"`. Any other text is a key itself.
CREATE FUNCTION json_key(path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT CASE WHEN left(path, 2) = '$.' THEN trim('"' FROM substr(path, 3)) ELSE path END $$;

CREATE FUNCTION json_item(input TEXT, place INTEGER) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT input::json ->> place $$;
CREATE FUNCTION json_item(input TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT input::json ->> json_key(path) $$;
CREATE FUNCTION json_part(input TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT (input::json -> json_key(path))::text $$;
CREATE OPERATOR ->> (LEFTARG = TEXT, RIGHTARG = INTEGER, FUNCTION = json_item);
CREATE OPERATOR ->> (LEFTARG = TEXT, RIGHTARG = TEXT, FUNCTION = json_item);
CREATE OPERATOR -> (LEFTARG = TEXT, RIGHTARG = TEXT, FUNCTION = json_part);

-- `json(…)` in a statement.
CREATE FUNCTION json_of(input TEXT) RETURNS JSON LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT input::json $$;
CREATE FUNCTION json_of(input JSON) RETURNS JSON LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT input $$;

CREATE FUNCTION json_array_length(input TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT json_array_length(input::json)::bigint $$;

-- `[]` for no rows.
CREATE FUNCTION json_array_text(input anycompatiblearray) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT coalesce(array_to_json(input)::text, '[]') $$;
CREATE AGGREGATE json_group_array(anycompatible) (
    SFUNC = array_append, STYPE = anycompatiblearray, FINALFUNC = json_array_text
);

CREATE FUNCTION hex(input BYTEA) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT upper(encode(input, 'hex')) $$;
CREATE FUNCTION unhex(input TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT decode(input, 'hex') $$;
CREATE FUNCTION unhex(input TEXT, ignored TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT decode(translate(input, ignored, ''), 'hex') $$;
CREATE FUNCTION zeroblob(length INTEGER) RETURNS BYTEA LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT decode(repeat('00', length), 'hex') $$;
-- Up to 32 bytes.
CREATE FUNCTION randomblob(length INTEGER) RETURNS BYTEA LANGUAGE sql VOLATILE STRICT PARALLEL SAFE AS
    $$ SELECT substring(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')) FROM 1 FOR length) $$;

CREATE FUNCTION instr(input TEXT, part TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT strpos(input, part)::bigint $$;
