-- Accounts and how they sign in; developers and their members; agreements; staff.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unverified', 'active', 'closed')),
    password TEXT,
    totp BYTEA,
    -- Set when the first code proved that the authenticator holds the secret.
    totp_since BIGINT,
    -- The last step that was used: a code is good once.
    totp_step BIGINT NOT NULL DEFAULT 0,
    made_at BIGINT NOT NULL,
    verified_at BIGINT,
    CHECK (state <> 'active' OR (password IS NOT NULL AND verified_at IS NOT NULL))
) STRICT;

CREATE TABLE recovery_code (
    account_id TEXT NOT NULL REFERENCES account (id),
    hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, hash)
) STRICT;

-- What a mail asks somebody to open. Only the hash is kept.
CREATE TABLE link (
    hash BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('verify', 'reset', 'email', 'setup')),
    account_id TEXT REFERENCES account (id),
    email TEXT,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CHECK ((kind = 'setup') = (account_id IS NULL)),
    CHECK ((kind = 'email') = (email IS NOT NULL))
) STRICT;
CREATE INDEX link_by_account ON link (account_id);
CREATE INDEX link_expired ON link (expires_at);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    -- 'half' has shown the password and still owes the second factor.
    stage TEXT NOT NULL CHECK (stage IN ('half', 'full')),
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    sudo_until BIGINT NOT NULL DEFAULT 0,
    -- Wrong second factors; a half session ends at the limit.
    misses BIGINT NOT NULL DEFAULT 0,
    developer_id TEXT,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account_id);
CREATE INDEX session_expired ON session (expires_at);

-- A browser that an account signed in with before; it is not throttled with strangers.
CREATE TABLE device (
    hash BYTEA NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (hash, account_id)
) STRICT;

-- Theoretical arrival time of each key: a bucket in one number.
CREATE TABLE throttle (
    key TEXT NOT NULL PRIMARY KEY,
    tat BIGINT NOT NULL
) STRICT;
CREATE INDEX throttle_over ON throttle (tat);

CREATE TABLE agreement (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (kind, version)
) STRICT;

CREATE TABLE agreement_text (
    agreement_id TEXT NOT NULL REFERENCES agreement (id),
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (agreement_id, lang)
) STRICT;

CREATE TABLE acceptance (
    id TEXT NOT NULL PRIMARY KEY,
    agreement_id TEXT NOT NULL REFERENCES agreement (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    at BIGINT NOT NULL,
    address TEXT NOT NULL,
    UNIQUE (agreement_id, account_id)
) STRICT;
CREATE INDEX acceptance_by_account ON acceptance (account_id);

CREATE TABLE developer (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'individual')),
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    mobile TEXT NOT NULL,
    email TEXT NOT NULL,
    company TEXT,
    licence_number TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'closed')),
    made_at BIGINT NOT NULL,
    CHECK (kind <> 'organisation' OR (company IS NOT NULL AND licence_number IS NOT NULL))
) STRICT;
CREATE INDEX developer_by_licence ON developer (licence_number) WHERE licence_number IS NOT NULL;

CREATE TABLE member (
    developer_id TEXT NOT NULL REFERENCES developer (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'engineer', 'viewer')),
    since BIGINT NOT NULL,
    PRIMARY KEY (developer_id, account_id)
) STRICT;
CREATE UNIQUE INDEX member_one_owner ON member (developer_id) WHERE role = 'owner';
-- An account activates one developer, however often the button is pressed.
CREATE UNIQUE INDEX member_owns_one ON member (account_id) WHERE role = 'owner';
CREATE INDEX member_by_account ON member (account_id);

CREATE TABLE invite (
    id TEXT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    developer_id TEXT NOT NULL REFERENCES developer (id),
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'engineer', 'viewer')),
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'withdrawn'))
) STRICT;
CREATE UNIQUE INDEX invite_one_open ON invite (developer_id, email_key) WHERE state = 'open';

CREATE TABLE staff (
    account_id TEXT NOT NULL REFERENCES account (id),
    role TEXT NOT NULL CHECK (role IN ('reviewer', 'catalogue_manager', 'support', 'administrator')),
    since BIGINT NOT NULL,
    PRIMARY KEY (account_id, role)
) STRICT;

-- How many hold a role that must not become empty; counted down only while another is left.
CREATE TABLE headcount (
    role TEXT NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL CHECK (n >= 0)
) STRICT;
INSERT INTO headcount (role, n) VALUES ('administrator', 0);
