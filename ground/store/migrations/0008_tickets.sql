-- Conversations between developers and the operator's staff.

CREATE TABLE ticket (
    id TEXT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    developer_id TEXT NOT NULL REFERENCES developer (id),
    app_id TEXT REFERENCES app (id),
    -- From where it was opened: a page, a request id.
    page TEXT NOT NULL,
    trace TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Who is to act: 'open' the staff, 'waiting' the developer.
    state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'solved', 'closed')),
    assignee TEXT REFERENCES account (id),
    -- Counts what both sides can read: who answers says what was answered.
    turn BIGINT NOT NULL,
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) STRICT;
CREATE INDEX ticket_of ON ticket (developer_id, id);
CREATE INDEX ticket_queue ON ticket (changed_at, id) WHERE state = 'open';
CREATE INDEX ticket_mine ON ticket (assignee, changed_at, id) WHERE state IN ('open', 'waiting');
CREATE INDEX ticket_by_state ON ticket (state, changed_at, id);

CREATE TABLE ticket_entry (
    id TEXT NOT NULL PRIMARY KEY,
    ticket_id TEXT NOT NULL REFERENCES ticket (id),
    at BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    is_staff BIGINT NOT NULL CHECK (is_staff IN (0, 1)),
    -- Notes among staff are not the developer's.
    internal BIGINT NOT NULL CHECK (internal IN (0, 1)),
    text TEXT NOT NULL
) STRICT;
CREATE INDEX ticket_entry_of ON ticket_entry (ticket_id, id);

CREATE TABLE ticket_file (
    entry_id TEXT NOT NULL REFERENCES ticket_entry (id),
    file_id TEXT NOT NULL REFERENCES file (id),
    PRIMARY KEY (entry_id, file_id)
) STRICT;
CREATE INDEX ticket_file_of ON ticket_file (file_id);
