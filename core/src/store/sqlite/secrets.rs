//! What somebody proves a right with. Only digests are kept.

use rusqlite::OptionalExtension;

use super::Sqlite;
use crate::store::StoreError;

/// The right of operators.
const OPERATOR: &str = "operator";

impl Sqlite {
    /// The SHA-256 of the operators' token, if there is one yet.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn operator(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let sql = "SELECT digest FROM secret WHERE what = ?1";
        Ok(self.connection.query_row(sql, (OPERATOR,), |row| row.get(0)).optional()?)
    }

    /// From now on this is the SHA-256 of the operators' token.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub fn set_operator(&self, digest: &[u8; 32]) -> Result<(), StoreError> {
        let sql = "INSERT INTO secret (what, digest) VALUES (?1, ?2)
                   ON CONFLICT (what) DO UPDATE SET digest = excluded.digest";
        self.connection.execute(sql, (OPERATOR, digest))?;
        Ok(())
    }
}
