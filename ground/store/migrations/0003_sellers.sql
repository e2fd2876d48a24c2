-- Sellers, companies that were verified, messages in the portal, keys of the management API.

CREATE TABLE seller (
    id TEXT NOT NULL PRIMARY KEY,
    short_code TEXT NOT NULL,
    -- The short code in its one spelling: by it sellers are listed and told apart.
    code_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'closed')),
    -- Of a test seller: the developer that asked for it.
    test_of TEXT REFERENCES developer (id),
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) STRICT;
CREATE INDEX seller_test_of ON seller (test_of) WHERE test_of IS NOT NULL;

-- By what a seller is found: the short code and the login addresses, each folded to one spelling.
CREATE TABLE seller_key (
    key TEXT NOT NULL PRIMARY KEY,
    -- A login address, as it was given; of the short code nothing.
    email TEXT,
    seller_id TEXT NOT NULL REFERENCES seller (id)
) STRICT;
CREATE INDEX seller_key_of ON seller_key (seller_id, key);

-- Who acts for a seller.
CREATE TABLE seller_account (
    seller_id TEXT NOT NULL REFERENCES seller (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (seller_id, account_id)
) STRICT;
CREATE INDEX seller_account_of ON seller_account (account_id);

-- A developer whose company was verified, and the sellers that belong to it.
CREATE TABLE company (
    developer_id TEXT NOT NULL PRIMARY KEY REFERENCES developer (id),
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    licence_number TEXT NOT NULL,
    licence_key TEXT NOT NULL,
    verified_at BIGINT NOT NULL
) STRICT;
CREATE INDEX company_by_licence ON company (licence_key);

CREATE TABLE company_seller (
    developer_id TEXT NOT NULL REFERENCES company (developer_id),
    seller_id TEXT NOT NULL REFERENCES seller (id),
    PRIMARY KEY (developer_id, seller_id)
) STRICT;
CREATE INDEX company_seller_of ON company_seller (seller_id);

-- Who brings many sellers at once waits for whoever does so already: what they compare with stands still.
CREATE TABLE turn (
    name TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
) STRICT;
INSERT INTO turn (name, at) VALUES ('sellers', 0);

CREATE TABLE notice (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    at BIGINT NOT NULL,
    -- The name of a letter; its words are made when it is read, in the reader's language.
    what TEXT NOT NULL,
    args TEXT NOT NULL,
    path TEXT NOT NULL,
    read_at BIGINT
) STRICT;
CREATE INDEX notice_of ON notice (account_id, id);
CREATE INDEX notice_unread ON notice (account_id) WHERE read_at IS NULL;

-- Keys of the management API. Only the hash is kept.
CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) STRICT;
CREATE INDEX api_key_of ON api_key (account_id);
