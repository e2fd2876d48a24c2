//! The library of reasons as configuration files hold it.

store::statements! {
    ALL_REASONS = "SELECT id, key, decision, kind, place, retired FROM reason ORDER BY place, key LIMIT 1000";
    REASON_BY_KEY = "SELECT id, key, decision, kind, place, retired FROM reason WHERE key = $1";
    TEXTS_OF_REASON = "SELECT lang, title, body FROM reason_text WHERE reason_id = $1 LIMIT 20";
    BRING_REASON = "INSERT INTO reason (id, key, decision, kind, place, retired) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (key) DO UPDATE SET decision = excluded.decision, kind = excluded.kind, place = excluded.place,
        retired = excluded.retired RETURNING id";
    DROP_REASON_TEXTS = "DELETE FROM reason_text WHERE reason_id = $1";
    BRING_REASON_TEXT = "INSERT INTO reason_text (reason_id, lang, title, body) VALUES ($1, $2, $3, $4)";
}
