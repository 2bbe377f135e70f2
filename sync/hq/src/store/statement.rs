//! Every statement of the crate is a named constant made by [`statements!`], and the transaction
//! takes nothing else. So one test can run all of them on both databases, and no text that
//! somebody typed can ever become SQL.

/// The text of one statement, in the dialect that SQLite and PostgreSQL share: parameters are
/// `$1`, `$2`…, sums are `cast(sum(…) as bigint)`, orders say where nulls go.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    pub name: &'static str,
    pub text: &'static str,
}

/// Declares the statements of one feature and `STATEMENTS`, the list of them for the test.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$doc])* const $name: $crate::store::Sql =
            $crate::store::Sql { name: stringify!($name), text: $text };)+
        pub(crate) const STATEMENTS: &[$crate::store::Sql] = &[$($name),+];
    };
}

/// The values for `$1`, `$2`… of a statement.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}

pub(crate) use {params, statements};
