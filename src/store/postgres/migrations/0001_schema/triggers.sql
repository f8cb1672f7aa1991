-- The triggers, with the names of those in `sqlite/migrations/0001_schema.sql`, where they are explained.

CREATE FUNCTION site_origin_of_new_site() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO site_origin (origin, site_id) SELECT value, new.id FROM json_each(new.origins) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER site_origin_of_new_site AFTER INSERT ON site FOR EACH ROW EXECUTE FUNCTION site_origin_of_new_site();

CREATE FUNCTION site_origin_of_changed_site() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM site_origin WHERE site_id = new.id;
    INSERT INTO site_origin (origin, site_id) SELECT value, new.id FROM json_each(new.origins) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER site_origin_of_changed_site AFTER UPDATE OF origins ON site FOR EACH ROW EXECUTE FUNCTION site_origin_of_changed_site();

CREATE FUNCTION site_counter_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO site_counter (site_id) VALUES (new.id);
    RETURN NULL;
END $$;
CREATE TRIGGER site_counter_added AFTER INSERT ON site FOR EACH ROW EXECUTE FUNCTION site_counter_added();

CREATE FUNCTION idempotency_usage_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO idempotency_usage (site_id, bytes) VALUES (new.site_id, 256 + coalesce(length(new.body), 0))
        ON CONFLICT (site_id) DO UPDATE SET bytes = idempotency_usage.bytes + excluded.bytes;
    RETURN NULL;
END $$;
CREATE TRIGGER idempotency_usage_added AFTER INSERT ON idempotency FOR EACH ROW WHEN (new.kind = 0) EXECUTE FUNCTION idempotency_usage_added();

CREATE FUNCTION idempotency_usage_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE idempotency_usage SET bytes = bytes + coalesce(length(new.body), 0) - coalesce(length(old.body), 0) WHERE site_id = new.site_id;
    RETURN NULL;
END $$;
CREATE TRIGGER idempotency_usage_changed AFTER UPDATE OF body ON idempotency FOR EACH ROW WHEN (new.kind = 0) EXECUTE FUNCTION idempotency_usage_changed();

CREATE FUNCTION idempotency_usage_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE idempotency_usage SET bytes = bytes - 256 - coalesce(length(old.body), 0) WHERE site_id = old.site_id;
    RETURN NULL;
END $$;
CREATE TRIGGER idempotency_usage_removed AFTER DELETE ON idempotency FOR EACH ROW WHEN (old.kind = 0) EXECUTE FUNCTION idempotency_usage_removed();

CREATE FUNCTION webhook_pending_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE webhook_endpoint SET pending = pending + 1 WHERE number = new.endpoint;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_pending_added AFTER INSERT ON webhook_delivery FOR EACH ROW WHEN (new.state = 0) EXECUTE FUNCTION webhook_pending_added();

CREATE FUNCTION webhook_pending_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE webhook_endpoint SET pending = pending + (new.state = 0)::int - (old.state = 0)::int WHERE number = new.endpoint;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_pending_changed AFTER UPDATE OF state ON webhook_delivery FOR EACH ROW WHEN (old.state <> new.state) EXECUTE FUNCTION webhook_pending_changed();

CREATE FUNCTION webhook_pending_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE webhook_endpoint SET pending = pending - 1 WHERE number = old.endpoint;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_pending_removed AFTER DELETE ON webhook_delivery FOR EACH ROW WHEN (old.state = 0) EXECUTE FUNCTION webhook_pending_removed();

CREATE FUNCTION webhook_backlog_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO webhook_backlog (endpoint, contact, waiting) VALUES (new.endpoint, coalesce(new.contact_id, 0), 1)
        ON CONFLICT (endpoint, contact) DO UPDATE SET waiting = webhook_backlog.waiting + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_backlog_added AFTER INSERT ON webhook_delivery FOR EACH ROW WHEN (new.state = 0) EXECUTE FUNCTION webhook_backlog_added();

CREATE FUNCTION webhook_backlog_finished() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE webhook_backlog SET waiting = waiting - 1 WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0);
    DELETE FROM webhook_backlog WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0) AND waiting <= 0;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_backlog_finished AFTER UPDATE OF state ON webhook_delivery FOR EACH ROW WHEN (old.state = 0 AND new.state <> 0) EXECUTE FUNCTION webhook_backlog_finished();

CREATE FUNCTION webhook_backlog_requeued() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO webhook_backlog (endpoint, contact, waiting) VALUES (new.endpoint, coalesce(new.contact_id, 0), 1)
        ON CONFLICT (endpoint, contact) DO UPDATE SET waiting = webhook_backlog.waiting + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_backlog_requeued AFTER UPDATE OF state ON webhook_delivery FOR EACH ROW WHEN (old.state <> 0 AND new.state = 0) EXECUTE FUNCTION webhook_backlog_requeued();

CREATE FUNCTION webhook_backlog_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE webhook_backlog SET waiting = waiting - 1 WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0);
    DELETE FROM webhook_backlog WHERE endpoint = old.endpoint AND contact = coalesce(old.contact_id, 0) AND waiting <= 0;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_backlog_removed AFTER DELETE ON webhook_delivery FOR EACH ROW WHEN (old.state = 0) EXECUTE FUNCTION webhook_backlog_removed();
