//! Agreements, developers, members, invitations.

use crate::model::{Agreement, Developer, Invitation, Invite, Member};
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for Agreement {
    fn from_row(row: &mut Row<'_>) -> Result<Agreement, Fault> {
        Ok(Agreement {
            id: row.take()?,
            version: row.take()?,
            published_at: row.take()?,
            lang: row.take()?,
            title: row.take()?,
            body: row.take()?,
        })
    }
}

impl FromRow for Developer {
    fn from_row(row: &mut Row<'_>) -> Result<Developer, Fault> {
        Ok(Developer {
            id: row.take()?,
            kind: row.take()?,
            name: row.take()?,
            country: row.take()?,
            contact_name: row.take()?,
            mobile: row.take()?,
            email: row.take()?,
            company: row.take()?,
            licence_number: row.take()?,
            made_at: row.take()?,
        })
    }
}

impl FromRow for Member {
    fn from_row(row: &mut Row<'_>) -> Result<Member, Fault> {
        Ok(Member {
            account: row.take()?,
            name: row.take()?,
            email: row.take()?,
            role: row.take()?,
            since: row.take()?,
        })
    }
}

impl FromRow for Invite {
    fn from_row(row: &mut Row<'_>) -> Result<Invite, Fault> {
        Ok(Invite {
            id: row.take()?,
            email: row.take()?,
            role: row.take()?,
            made_at: row.take()?,
            expires_at: row.take()?,
        })
    }
}

impl FromRow for Invitation {
    fn from_row(row: &mut Row<'_>) -> Result<Invitation, Fault> {
        Ok(Invitation { developer: row.take()?, email: row.take()?, role: row.take()?, by: row.take()? })
    }
}

store::statements! {
    INSERT_AGREEMENT = "INSERT INTO agreement (id, kind, version, published_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (kind, version) DO NOTHING";
    INSERT_AGREEMENT_TEXT = "INSERT INTO agreement_text (agreement_id, lang, title, body) VALUES ($1, $2, $3, $4)";
    // The reader's language first, then English, then any.
    FIND_AGREEMENT = "SELECT a.id, a.version, a.published_at, t.lang, t.title, t.body
        FROM agreement a JOIN agreement_text t ON t.agreement_id = a.id WHERE a.kind = $1
        ORDER BY a.version DESC, CASE t.lang WHEN $2 THEN 0 WHEN 'en' THEN 1 ELSE 2 END, t.lang LIMIT 1";
    FIND_AGREEMENT_VERSION = "SELECT a.id, a.version, a.published_at, t.lang, t.title, t.body
        FROM agreement a JOIN agreement_text t ON t.agreement_id = a.id WHERE a.kind = $1 AND a.version = $3
        ORDER BY CASE t.lang WHEN $2 THEN 0 WHEN 'en' THEN 1 ELSE 2 END, t.lang LIMIT 1";
    // Only the version in force can be accepted.
    INSERT_ACCEPTANCE = "INSERT INTO acceptance (id, agreement_id, account_id, at, address)
        SELECT $1, a.id, $3, $4, $5 FROM agreement a WHERE a.id = $2
            AND a.version = (SELECT max(version) FROM agreement b WHERE b.kind = a.kind)
        ON CONFLICT (agreement_id, account_id) DO NOTHING";
    FIND_ACCEPTED = "SELECT c.at FROM acceptance c JOIN agreement a ON a.id = c.agreement_id
        WHERE c.account_id = $1 AND a.kind = $2
            AND a.version = (SELECT max(version) FROM agreement b WHERE b.kind = a.kind)";

    // Nobody becomes a developer who did not accept the agreement in force.
    INSERT_DEVELOPER = "INSERT INTO developer
        (id, kind, name, country, contact_name, mobile, email, company, licence_number, state, made_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10 FROM acceptance c JOIN agreement a ON a.id = c.agreement_id
        WHERE c.account_id = $11 AND a.kind = 'api_use'
            AND a.version = (SELECT max(version) FROM agreement b WHERE b.kind = a.kind)";
    INSERT_OWNER = "INSERT INTO member (developer_id, account_id, role, since) VALUES ($1, $2, 'owner', $3)
        ON CONFLICT (account_id) WHERE role = 'owner' DO NOTHING";
    INSERT_MEMBER = "INSERT INTO member (developer_id, account_id, role, since) VALUES ($1, $2, $3, $4)
        ON CONFLICT (developer_id, account_id) DO NOTHING";
    FIND_DEVELOPER = "SELECT id, kind, name, country, contact_name, mobile, email, company, licence_number, made_at
        FROM developer WHERE id = $1";
    SET_DEVELOPER = "UPDATE developer SET name = $2, country = $3, contact_name = $4, mobile = $5, email = $6,
        company = $7, licence_number = $8 WHERE id = $1 AND state = 'active' AND kind = $9";
    LIST_DEVELOPERS_OF = "SELECT d.id, d.name, m.role FROM member m JOIN developer d ON d.id = m.developer_id
        WHERE m.account_id = $1 ORDER BY m.since LIMIT 100";

    LIST_MEMBERS = "SELECT a.id, a.name, a.email, m.role, m.since FROM member m JOIN account a ON a.id = m.account_id
        WHERE m.developer_id = $1 ORDER BY m.since, a.id LIMIT 500";
    FIND_MEMBER = "SELECT a.id, a.name, a.email, m.role, m.since FROM member m JOIN account a ON a.id = m.account_id
        WHERE m.developer_id = $1 AND m.account_id = $2";
    SET_ROLE = "UPDATE member SET role = $3 WHERE developer_id = $1 AND account_id = $2 AND role <> 'owner'";
    DEMOTE_OWNER = "UPDATE member SET role = 'admin' WHERE developer_id = $1 AND account_id = $2 AND role = 'owner'";
    PROMOTE_OWNER = "UPDATE member SET role = 'owner' WHERE developer_id = $1 AND account_id = $2
        AND NOT EXISTS (SELECT 1 FROM member WHERE account_id = $2 AND role = 'owner')";
    DELETE_MEMBER = "DELETE FROM member WHERE developer_id = $1 AND account_id = $2 AND role <> 'owner'";
    LEAVE_SESSIONS = "UPDATE session SET developer_id = NULL WHERE developer_id = $1 AND account_id = $2";

    INSERT_INVITE = "INSERT INTO invite
        (id, hash, developer_id, email, email_key, role, made_by, made_at, expires_at, state)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'open' WHERE NOT EXISTS (
            SELECT 1 FROM member m JOIN account a ON a.id = m.account_id
            WHERE m.developer_id = $3 AND a.email_key = $5)
        ON CONFLICT (developer_id, email_key) WHERE state = 'open' DO NOTHING";
    EXPIRE_INVITES = "UPDATE invite SET state = 'withdrawn' WHERE developer_id = $1 AND state = 'open' AND expires_at <= $2";
    LIST_INVITES = "SELECT id, email, role, made_at, expires_at FROM invite
        WHERE developer_id = $1 AND state = 'open' AND expires_at > $2 ORDER BY made_at LIMIT 500";
    FIND_INVITATION = "SELECT d.name, i.email, i.role, a.name FROM invite i
        JOIN developer d ON d.id = i.developer_id JOIN account a ON a.id = i.made_by
        WHERE i.hash = $1 AND i.state = 'open' AND i.expires_at > $2";
    ACCEPT_INVITE = "UPDATE invite SET state = 'accepted'
        WHERE hash = $1 AND state = 'open' AND expires_at > $2 AND email_key = $3 RETURNING developer_id, role";
    WITHDRAW_INVITE = "UPDATE invite SET state = 'withdrawn' WHERE id = $1 AND developer_id = $2 AND state = 'open'
        RETURNING email";
}
