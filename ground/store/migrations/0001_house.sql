-- What carries every room: the audit, the outbox, the built-in mailbox, the master keys in use.

CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id TEXT,
    address TEXT NOT NULL,
    request_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- Set once, when the entry is sealed into the chain.
    seq BIGINT UNIQUE,
    hash BYTEA,
    CHECK ((seq IS NULL) = (hash IS NULL))
) STRICT;
CREATE INDEX audit_unsealed ON audit (id) WHERE seq IS NULL;
CREATE INDEX audit_by_account ON audit (account_id, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_subject ON audit (subject, id);

CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
) STRICT;

-- only sqlite
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
WHEN OLD.seq IS NOT NULL OR OLD.id <> NEW.id OR OLD.at <> NEW.at OR OLD.account_id IS NOT NEW.account_id
    OR OLD.address <> NEW.address OR OLD.request_id IS NOT NEW.request_id OR OLD.action <> NEW.action
    OR OLD.subject <> NEW.subject OR OLD.detail <> NEW.detail
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- only postgres
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = '23514'; END $$;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit FOR EACH ROW
WHEN (OLD.seq IS NOT NULL OR OLD.id <> NEW.id OR OLD.at <> NEW.at
    OR OLD.account_id IS DISTINCT FROM NEW.account_id OR OLD.address <> NEW.address
    OR OLD.request_id IS DISTINCT FROM NEW.request_id OR OLD.action <> NEW.action
    OR OLD.subject <> NEW.subject OR OLD.detail <> NEW.detail)
EXECUTE FUNCTION audit_refuse();
-- both

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'dead')),
    -- While somebody brings it out, nobody else does.
    leased_until BIGINT NOT NULL DEFAULT 0,
    -- Sealed; erased when it is done.
    payload BYTEA,
    error TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (due) WHERE state = 'waiting';

CREATE TABLE mail (
    id TEXT NOT NULL PRIMARY KEY,
    outbox_id TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    lang TEXT NOT NULL,
    template TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL
) STRICT;

CREATE TABLE mail_template (
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (name, lang)
) STRICT;

-- A known text under each master key, so that a wrong key is noticed before it does harm.
CREATE TABLE master_key (
    kid TEXT NOT NULL PRIMARY KEY,
    proof BYTEA NOT NULL,
    at BIGINT NOT NULL
) STRICT;

-- Keys of the house's own, sealed under the master key.
CREATE TABLE house_key (
    name TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
) STRICT;
