-- Requests, whatever they are about, and the desk where they are decided.

-- Forms never change: another text is another form.
CREATE TABLE form (
    hash BYTEA NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE request (
    id TEXT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    -- What it is about: one open Request of a kind about one thing for one developer.
    about TEXT NOT NULL,
    title TEXT NOT NULL,
    developer_id TEXT NOT NULL REFERENCES developer (id),
    app_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'pending', 'needs_changes', 'approved', 'rejected', 'withdrawn')),
    -- How often it was sent in.
    round BIGINT NOT NULL DEFAULT 0,
    form BYTEA NOT NULL REFERENCES form (hash),
    answers TEXT NOT NULL,
    lang TEXT NOT NULL,
    days BIGINT NOT NULL,
    two_person BIGINT NOT NULL CHECK (two_person IN (0, 1)),
    -- Whether an approved one stands in the way of another.
    once BIGINT NOT NULL CHECK (once IN (0, 1)),
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    submitted_by TEXT REFERENCES account (id),
    submitted_at BIGINT,
    due_at BIGINT,
    assignee TEXT REFERENCES account (id),
    assigned_at BIGINT,
    snoozed_until BIGINT NOT NULL DEFAULT 0,
    -- The first of two who must agree.
    first_yes TEXT REFERENCES account (id),
    escalated_at BIGINT,
    -- How many of the machine's checks warn.
    flags BIGINT NOT NULL DEFAULT 0,
    decided_by TEXT REFERENCES account (id),
    decided_at BIGINT,
    CHECK (state = 'draft' OR state = 'withdrawn' OR (submitted_at IS NOT NULL AND due_at IS NOT NULL AND submitted_by IS NOT NULL)),
    CHECK ((state IN ('approved', 'rejected')) = (decided_at IS NOT NULL AND decided_by IS NOT NULL)),
    -- Nobody decides what they asked for.
    CHECK (decided_by IS NULL OR (decided_by <> made_by AND decided_by <> submitted_by)),
    CHECK (first_yes IS NULL OR (first_yes <> made_by AND first_yes <> submitted_by)),
    CHECK (state <> 'approved' OR two_person = 0 OR (first_yes IS NOT NULL AND first_yes <> decided_by))
) STRICT;
CREATE UNIQUE INDEX request_one_open ON request (developer_id, kind, about)
    WHERE state IN ('draft', 'pending', 'needs_changes') OR (state = 'approved' AND once = 1);
CREATE INDEX request_queue ON request (due_at, id) WHERE state = 'pending';
CREATE INDEX request_queue_kind ON request (kind, due_at, id) WHERE state = 'pending';
CREATE INDEX request_queue_mine ON request (assignee, due_at, id) WHERE state = 'pending';
CREATE INDEX request_queue_free ON request (due_at, id) WHERE state = 'pending' AND assignee IS NULL;
CREATE INDEX request_queue_flagged ON request (due_at, id) WHERE state = 'pending' AND flags > 0;
CREATE INDEX request_queue_lang ON request (lang, due_at, id) WHERE state = 'pending';
CREATE INDEX request_to_escalate ON request (due_at, id) WHERE state = 'pending' AND escalated_at IS NULL;
CREATE INDEX request_of ON request (developer_id, id);
CREATE INDEX request_of_app ON request (app_id, id) WHERE app_id IS NOT NULL;
CREATE INDEX request_decided ON request (decided_at, id) WHERE decided_at IS NOT NULL;
CREATE INDEX request_drafts ON request (changed_at) WHERE state = 'draft';

-- By what the desk finds a Request: its reference, its title in each language, its developer's name, all in
-- small letters.
CREATE TABLE request_word (
    word TEXT NOT NULL,
    request_id TEXT NOT NULL REFERENCES request (id),
    PRIMARY KEY (word, request_id)
) STRICT;

-- What was sent in, each time.
CREATE TABLE request_round (
    request_id TEXT NOT NULL REFERENCES request (id),
    round BIGINT NOT NULL,
    answers TEXT NOT NULL,
    by_account TEXT NOT NULL REFERENCES account (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (request_id, round)
) STRICT;

-- What the reviewer says about one field of one round.
CREATE TABLE request_remark (
    request_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    field TEXT NOT NULL,
    text TEXT NOT NULL,
    by_account TEXT NOT NULL REFERENCES account (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (request_id, round, field),
    FOREIGN KEY (request_id, round) REFERENCES request_round (request_id, round)
) STRICT;

-- Its history, and the conversation about it.
CREATE TABLE request_entry (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES request (id),
    at BIGINT NOT NULL,
    account_id TEXT REFERENCES account (id),
    what TEXT NOT NULL,
    round BIGINT NOT NULL,
    text TEXT NOT NULL,
    -- Notes among staff are not the applicant's.
    for_applicant BIGINT NOT NULL CHECK (for_applicant IN (0, 1))
) STRICT;
CREATE INDEX request_entry_of ON request_entry (request_id, id);

-- Files that a Request holds.
CREATE TABLE request_file (
    request_id TEXT NOT NULL REFERENCES request (id),
    file_id TEXT NOT NULL REFERENCES file (id),
    PRIMARY KEY (request_id, file_id)
) STRICT;
CREATE INDEX request_file_of ON request_file (file_id);

-- What the machine found out about a round.
CREATE TABLE request_check (
    request_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- 'waiting' until somebody looked.
    verdict TEXT NOT NULL CHECK (verdict IN ('waiting', 'fine', 'warns', 'unknown')),
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (request_id, round, name),
    FOREIGN KEY (request_id, round) REFERENCES request_round (request_id, round)
) STRICT;
CREATE INDEX request_check_waiting ON request_check (at) WHERE verdict = 'waiting';

CREATE TABLE reason (
    id TEXT NOT NULL PRIMARY KEY,
    -- As configuration files name it.
    key TEXT NOT NULL UNIQUE,
    decision TEXT NOT NULL CHECK (decision IN ('needs_changes', 'reject')),
    -- Of one kind of Request, or of any.
    kind TEXT,
    place BIGINT NOT NULL,
    retired BIGINT NOT NULL CHECK (retired IN (0, 1))
) STRICT;

CREATE TABLE reason_text (
    reason_id TEXT NOT NULL REFERENCES reason (id),
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (reason_id, lang)
) STRICT;

CREATE TABLE saved_view (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    UNIQUE (account_id, name)
) STRICT;

-- The last day of which a digest went out, so that one does however many processes there are.
CREATE TABLE digest (
    name TEXT NOT NULL PRIMARY KEY,
    day BIGINT NOT NULL
) STRICT;
INSERT INTO digest (name, day) VALUES ('desk', 0);
