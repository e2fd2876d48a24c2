-- Categories, and the apps that are made from them.

CREATE TABLE category (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    place BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('hidden', 'open', 'closed')),
    audience TEXT NOT NULL CHECK (audience IN ('self_developer', 'commercial', 'individual')),
    needs_company BIGINT NOT NULL CHECK (needs_company IN (0, 1)),
    review_days BIGINT NOT NULL CHECK (review_days BETWEEN 1 AND 60),
    two_person BIGINT NOT NULL CHECK (two_person IN (0, 1)),
    form BYTEA NOT NULL REFERENCES form (hash),
    -- What an app of it inherits, as JSON.
    terms TEXT NOT NULL,
    -- Counted up whenever it is published.
    version BIGINT NOT NULL,
    -- What is being edited and is not published, as JSON, and how often anything here was written.
    draft TEXT,
    edits BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) STRICT;

CREATE TABLE category_text (
    category_id TEXT NOT NULL REFERENCES category (id),
    lang TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (category_id, lang)
) STRICT;

-- Groups that its apps have from the start, and those that they may ask for.
CREATE TABLE category_group (
    category_id TEXT NOT NULL REFERENCES category (id),
    group_id TEXT NOT NULL REFERENCES api_group (id),
    how TEXT NOT NULL CHECK (how IN ('given', 'open')),
    PRIMARY KEY (category_id, group_id)
) STRICT;

CREATE TABLE app (
    id TEXT NOT NULL PRIMARY KEY,
    app_key TEXT NOT NULL UNIQUE,
    developer_id TEXT NOT NULL REFERENCES developer (id),
    category_id TEXT NOT NULL REFERENCES category (id),
    -- The approved application that it was made from.
    request_id TEXT NOT NULL REFERENCES request (id),
    name TEXT NOT NULL,
    -- How the name looks: no two apps look alike.
    name_key TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('test', 'online', 'offline', 'suspended', 'hibernating', 'deleted')),
    -- Where it goes back to.
    stage_before TEXT CHECK (stage_before IN ('test', 'online', 'offline', 'hibernating')),
    -- Released settings and, if any, the draft of the next, as JSON.
    settings TEXT NOT NULL,
    draft TEXT,
    release BIGINT NOT NULL,
    logo TEXT REFERENCES file (id),
    -- What it inherited, and what was raised for it since, as JSON.
    terms TEXT NOT NULL,
    raised TEXT NOT NULL,
    category_version BIGINT NOT NULL,
    ip_rules TEXT NOT NULL,
    -- Counted up whenever the seller whitelist is replaced.
    whitelist_version BIGINT NOT NULL DEFAULT 0,
    -- Seats that grants take.
    seats BIGINT NOT NULL DEFAULT 0 CHECK (seats >= 0),
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- From when on idle days count, and how often its team was warned.
    active_at BIGINT NOT NULL,
    idle_warnings BIGINT NOT NULL DEFAULT 0,
    warned_at BIGINT NOT NULL DEFAULT 0,
    CHECK ((stage IN ('suspended', 'hibernating')) = (stage_before IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX app_one_an_approval ON app (request_id) WHERE stage <> 'deleted';
CREATE UNIQUE INDEX app_name ON app (name_key) WHERE stage <> 'deleted';
CREATE INDEX app_of ON app (developer_id, id) WHERE stage <> 'deleted';
CREATE INDEX app_by_category ON app (category_id, id) WHERE stage <> 'deleted';
CREATE INDEX app_by_stage ON app (stage, id) WHERE stage <> 'deleted';
CREATE INDEX app_idle ON app (active_at) WHERE stage IN ('test', 'online', 'offline');

CREATE TABLE app_release (
    app_id TEXT NOT NULL REFERENCES app (id),
    release BIGINT NOT NULL,
    settings TEXT NOT NULL,
    by_account TEXT NOT NULL REFERENCES account (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (app_id, release)
) STRICT;

-- At most two live secrets: there are two places.
CREATE TABLE app_secret (
    app_id TEXT NOT NULL REFERENCES app (id),
    place BIGINT NOT NULL CHECK (place IN (1, 2)),
    id TEXT NOT NULL UNIQUE,
    sealed BYTEA NOT NULL,
    hint TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at BIGINT NOT NULL,
    -- The newest never ends by itself.
    expires_at BIGINT,
    used_at BIGINT,
    used_from TEXT,
    PRIMARY KEY (app_id, place)
) STRICT;
CREATE UNIQUE INDEX app_secret_one_newest ON app_secret (app_id) WHERE expires_at IS NULL;
CREATE INDEX app_secret_over ON app_secret (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE app_group (
    app_id TEXT NOT NULL REFERENCES app (id),
    group_id TEXT NOT NULL REFERENCES api_group (id),
    how TEXT NOT NULL CHECK (how IN ('given', 'granted')),
    since BIGINT NOT NULL,
    PRIMARY KEY (app_id, group_id)
) STRICT;

-- The seller whitelist. What was typed is kept for the eye; the id is what counts.
CREATE TABLE app_seller (
    app_id TEXT NOT NULL REFERENCES app (id),
    seller_id TEXT NOT NULL REFERENCES seller (id),
    typed TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_account TEXT NOT NULL REFERENCES account (id),
    PRIMARY KEY (app_id, seller_id)
) STRICT;
CREATE INDEX app_seller_of ON app_seller (seller_id);

CREATE TABLE app_penalty (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES app (id),
    step TEXT NOT NULL CHECK (step IN ('warning', 'no_new_grants', 'limited', 'stopped', 'offline')),
    reason TEXT NOT NULL,
    until_at BIGINT,
    at BIGINT NOT NULL,
    by_account TEXT NOT NULL REFERENCES account (id),
    lifted_at BIGINT,
    lifted_by TEXT REFERENCES account (id)
) STRICT;
CREATE INDEX app_penalty_of ON app_penalty (app_id, id);
CREATE UNIQUE INDEX app_penalty_one ON app_penalty (app_id, step) WHERE lifted_at IS NULL;
CREATE INDEX app_penalty_over ON app_penalty (until_at) WHERE lifted_at IS NULL AND until_at IS NOT NULL;

-- Calls of an app, day by day of the platform's zone.
CREATE TABLE app_day (
    app_id TEXT NOT NULL REFERENCES app (id),
    day BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    fine BIGINT NOT NULL,
    PRIMARY KEY (app_id, day)
) STRICT;
