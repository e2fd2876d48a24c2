//! Agreements as configuration files hold them.

store::statements! {
    LIST_KINDS = "SELECT kind, max(version) FROM agreement GROUP BY kind ORDER BY kind LIMIT 100";
    LIST_VERSION_TEXTS = "SELECT t.lang, t.title, t.body FROM agreement a JOIN agreement_text t ON t.agreement_id = a.id
        WHERE a.kind = $1 AND a.version = $2 ORDER BY t.lang LIMIT 20";
}
