-- What people hand in. The bytes lie in a folder or a bucket under the id.

CREATE TABLE file (
    id TEXT NOT NULL PRIMARY KEY,
    -- Whose it is; the house's own has none.
    developer_id TEXT REFERENCES developer (id),
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL CHECK (media IN ('image/png', 'image/jpeg', 'application/pdf', 'text/plain')),
    -- Of what is kept.
    size BIGINT NOT NULL CHECK (size >= 0),
    -- Of what was sent: the same file is known again.
    sha256 BYTEA NOT NULL,
    -- 'coming' while its bytes are being stored, 'loose' until something holds it, then 'kept'.
    state TEXT NOT NULL CHECK (state IN ('coming', 'loose', 'kept')),
    loose_since BIGINT NOT NULL
) STRICT;
CREATE INDEX file_orphan ON file (loose_since) WHERE state <> 'kept';
CREATE INDEX file_of ON file (developer_id, id);
CREATE INDEX file_same ON file (sha256);

-- What a developer's files take up, counted up only while it stays within the quota.
CREATE TABLE file_use (
    developer_id TEXT NOT NULL PRIMARY KEY REFERENCES developer (id),
    files BIGINT NOT NULL CHECK (files >= 0),
    bytes BIGINT NOT NULL CHECK (bytes >= 0)
) STRICT;

-- Rows that nothing names any more and that are gone already; their bytes may still lie there. What they
-- took up is given back with the row.
CREATE TABLE file_gone (
    id TEXT NOT NULL PRIMARY KEY,
    developer_id TEXT REFERENCES developer (id),
    size BIGINT NOT NULL CHECK (size >= 0)
) STRICT;
