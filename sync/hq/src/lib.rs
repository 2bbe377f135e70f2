//! Headquarters: intake, central database, console.
//!
//! A node's changes come in through [`intake`], are kept by [`ground`] and drawn into rows by
//! [`registry`] and [`aid`]; the console shows the rows. All state is in the database ([`store`]):
//! several processes may run side by side over one PostgreSQL.

pub mod clock;
mod i18n;
pub mod officer;
mod readlog;
pub mod store;
#[cfg(test)]
mod testing;
mod web;

/// Every statement of the crate, for the test that tries them all on both databases.
pub fn statements() -> impl Iterator<Item = store::Sql> {
    officer::statements()
        .chain(readlog::STATEMENTS.iter().copied())
        .chain(web::STATEMENTS.iter().copied())
}
