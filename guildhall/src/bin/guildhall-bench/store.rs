//! The statements that build a crowd: whole tables at once, the same text on both databases. Verbs would
//! take an hour for what these do in seconds; what is measured afterwards is the verbs' own reading.

store::statements! {
    CROWD_ACCOUNTS = "INSERT INTO account (id, email, email_key, name, lang, state, password, made_at, verified_at)
        WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT))
        SELECT 'acc_00000000000000000' || CAST(100000000 + i AS TEXT), 'crowd' || CAST(i AS TEXT) || '@crowd.example',
            'crowd' || CAST(i AS TEXT) || '@crowd.example', 'Person ' || CAST(i AS TEXT), 'en', 'active', CAST($3 AS TEXT),
            CAST($2 AS BIGINT) + i, CAST($2 AS BIGINT) + i FROM n";
    CROWD_DEVELOPERS = "INSERT INTO developer (id, kind, name, country, contact_name, mobile, email, company, licence_number, state, made_at)
        WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT))
        SELECT 'dev_00000000000000000' || CAST(100000000 + i AS TEXT), 'organisation', 'Works ' || CAST(i AS TEXT), 'ES',
            'Person ' || CAST(i AS TEXT), '+34600111222', 'crowd' || CAST(i AS TEXT) || '@crowd.example',
            'Works ' || CAST(i AS TEXT) || ' S.L.', 'B' || CAST(10000000 + i AS TEXT), 'active', CAST($2 AS BIGINT) + i FROM n";
    CROWD_MEMBERS = "INSERT INTO member (developer_id, account_id, role, since)
        WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT))
        SELECT 'dev_00000000000000000' || CAST(100000000 + i AS TEXT), 'acc_00000000000000000' || CAST(100000000 + i AS TEXT),
            'owner', CAST($2 AS BIGINT) + i FROM n";
    // Three for each developer, what is left over for the first. `about` differs by the number, because that
    // one asked for very many.
    CROWD_REQUESTS = "INSERT INTO request (id, reference, kind, about, title, developer_id, state, round, form, answers, lang, days,
            two_person, once, made_by, made_at, changed_at, submitted_by, submitted_at, due_at, decided_by, decided_at)
        WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($2 AS BIGINT)),
        m (i, d, state) AS (SELECT i, CASE WHEN i > CAST($8 AS BIGINT) * 3 THEN 1 ELSE (i - 1) / 3 + 1 END,
            CASE WHEN i % 15 = 2 THEN 'pending' WHEN i % 15 = 5 THEN 'rejected' WHEN i % 15 = 8 THEN 'withdrawn' ELSE 'approved' END FROM n)
        SELECT 'rq_00000000000000000' || CAST(100000000 + i AS TEXT), 'R-' || CAST(i AS TEXT), CAST($3 AS TEXT),
            'about-' || CAST(i AS TEXT), CAST($4 AS TEXT), 'dev_00000000000000000' || CAST(100000000 + d AS TEXT), state, 1,
            (SELECT hash FROM form ORDER BY hash LIMIT 1), CAST($5 AS TEXT), 'en', 2, 0, 1, 'acc_00000000000000000' || CAST(100000000 + d AS TEXT),
            CAST($6 AS BIGINT) + i, CAST($6 AS BIGINT) + i, 'acc_00000000000000000' || CAST(100000000 + d AS TEXT),
            CAST($6 AS BIGINT) + i, CAST($6 AS BIGINT) + i + 172800000,
            CASE WHEN state IN ('approved', 'rejected') THEN CAST($7 AS TEXT) END,
            CASE WHEN state IN ('approved', 'rejected') THEN CAST($6 AS BIGINT) + i + 100000000 END FROM m";
    CROWD_ROUNDS = "INSERT INTO request_round (request_id, round, answers, by_account, at)
        SELECT id, 1, answers, submitted_by, submitted_at FROM request WHERE id LIKE 'rq_00000000000000000%'";
    CROWD_ENTRIES = "INSERT INTO request_entry (id, request_id, at, account_id, what, round, text, for_applicant)
        SELECT 'ent' || substr(id, 3), id, submitted_at, submitted_by, 'submitted', 1, '', 1
        FROM request WHERE id LIKE 'rq_00000000000000000%'";
    // An app for each developer, and very many for the first.
    CROWD_APPS = "INSERT INTO app (id, app_key, developer_id, category_id, request_id, name, name_key, stage, settings, release, terms,
            raised, category_version, ip_rules, made_by, made_at, changed_at, active_at)
        SELECT 'app' || substr(id, 3), substr(reference, 3), developer_id, CAST($1 AS TEXT), id, 'App_' || substr(reference, 3),
            'app_' || substr(reference, 3), 'online', CAST($2 AS TEXT), 1, CAST($3 AS TEXT), CAST($4 AS TEXT), 1, CAST($5 AS TEXT),
            made_by, made_at, made_at, made_at
        FROM request WHERE id LIKE 'rq_00000000000000000%' AND state = 'approved'
            AND (CAST(substr(reference, 3) AS BIGINT) % 3 = 1 OR CAST(substr(reference, 3) AS BIGINT) > CAST($6 AS BIGINT) * 3)";
    CROWD_CATEGORY = "SELECT id FROM category ORDER BY id LIMIT 1";
    CROWD_ANALYZE = "ANALYZE";
    CROWD_DEEPEST = "SELECT id FROM request WHERE state = 'pending' ORDER BY due_at DESC, id DESC LIMIT 1";
}
