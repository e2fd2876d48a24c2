//! Companies that were verified, and the sellers that belong to them.

use crate::model::Company;
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for Company {
    fn from_row(row: &mut Row<'_>) -> Result<Company, Fault> {
        Ok(Company {
            name: row.take()?,
            country: row.take()?,
            licence_number: row.take()?,
            verified_at: row.take()?,
        })
    }
}

store::statements! {
    FIND_COMPANY = "SELECT name, country, licence_number, verified_at FROM company WHERE developer_id = $1";
    PUT_COMPANY = "INSERT INTO company (developer_id, name, country, licence_number, licence_key, verified_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (developer_id) DO UPDATE SET name = excluded.name,
            country = excluded.country, licence_number = excluded.licence_number, licence_key = excluded.licence_key,
            verified_at = excluded.verified_at";
    DROP_COMPANY_SELLERS = "DELETE FROM company_seller WHERE developer_id = $1";
    ADD_COMPANY_SELLER = "INSERT INTO company_seller (developer_id, seller_id) VALUES ($1, $2)
        ON CONFLICT (developer_id, seller_id) DO NOTHING";
    LIST_COMPANY_SELLERS = "SELECT s.id, s.short_code, s.name, s.country, s.state, s.test_of, s.made_at, s.changed_at
        FROM company_seller c JOIN seller s ON s.id = c.seller_id WHERE c.developer_id = $1 ORDER BY s.short_code LIMIT 500";
    // Whose sellers these are already.
    FIND_COMPANY_OF_SELLER = "SELECT d.name FROM company_seller c JOIN developer d ON d.id = c.developer_id
        WHERE c.seller_id = $1 AND c.developer_id <> $2 ORDER BY d.id LIMIT 1";
    SAME_LICENCE = "SELECT name FROM developer WHERE licence_number = $1 AND id <> $2 ORDER BY id LIMIT 3";
    SAME_VERIFIED = "SELECT d.name FROM company c JOIN developer d ON d.id = c.developer_id
        WHERE c.licence_key = $1 AND c.developer_id <> $2 ORDER BY d.id LIMIT 3";
}
