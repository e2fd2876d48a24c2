-- API groups and the methods in them.

CREATE TABLE api_group (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    place BIGINT NOT NULL,
    retired BIGINT NOT NULL CHECK (retired IN (0, 1)),
    -- Whether an application for it must bring a document.
    wants_document BIGINT NOT NULL CHECK (wants_document IN (0, 1)),
    review_days BIGINT NOT NULL CHECK (review_days BETWEEN 1 AND 60),
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) STRICT;

CREATE TABLE api_group_text (
    group_id TEXT NOT NULL REFERENCES api_group (id),
    lang TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (group_id, lang)
) STRICT;

CREATE TABLE method (
    name TEXT NOT NULL PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES api_group (id),
    summary TEXT NOT NULL,
    needs_seller BIGINT NOT NULL CHECK (needs_seller IN (0, 1))
) STRICT;
CREATE INDEX method_of ON method (group_id, name);
