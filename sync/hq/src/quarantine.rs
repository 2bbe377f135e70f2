//! Changes that were held back, each with its reason: shown, so that nothing disappears unseen.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use yadori_ledger::id::DocId;

use crate::officer::Right;
use crate::shelter;
use crate::store::{Row, StoreError, Tx, params, statements};
use crate::web::{App, Frame, Page, Signed, page};

statements! {
    LIST = "select c.doc, c.reason, c.arrived_s, c.state, n.shelter, n.code
              from change c left join node n on n.node = c.origin
             where c.state <> 0
             order by c.state desc, c.arrived_s desc, c.doc, c.hash
             limit $1";
}

/// What is held back should be few; when it is not, the newest show why.
const ROWS_MAX: i64 = 200;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/quarantine", get(list))
}

struct Line {
    doc: String,
    kind: &'static str,
    reason: String,
    arrived_s: i64,
    is_waiting: bool,
    shelter: String,
    node: String,
}

#[derive(Template)]
#[template(path = "quarantine.html")]
struct QuarantinePage {
    frame: Frame,
    lines: Vec<Line>,
}

impl QuarantinePage {
    /// Reasons of the policy are told in the officer's language; those of the guard are for
    /// technicians and stand as their key.
    fn reason(&self, key: &str) -> String {
        match key {
            "foreign-actor" | "outside-scope" | "hq-writes-this" => {
                self.frame.t.say_of("held", key)
            }
            _ => self.frame.t.say_n("held-guard", key.to_owned()),
        }
    }
}

async fn list(State(app): State<App>, signed: Signed) -> Page {
    signed.needs(Right::Work)?;
    let lines = app
        .hq
        .db
        .read(|tx| async move {
            let mut lines = Vec::new();
            for row in tx.rows(LIST, params![ROWS_MAX]).await? {
                lines.push(line(&tx, &row).await?);
            }
            Ok::<_, StoreError>(lines)
        })
        .await?;
    page(&QuarantinePage {
        frame: signed.frame,
        lines,
    })
}

async fn line(tx: &Tx, row: &Row) -> Result<Line, StoreError> {
    let doc = DocId::from_bytes(&row.get::<Vec<u8>>("doc")?)
        .map_err(|_| StoreError::Damaged("change.doc"))?;
    let shelter = match row.get::<Option<String>>("shelter")? {
        Some(id) => shelter::name_of(tx, &id).await?,
        None => String::new(),
    };
    Ok(Line {
        doc: doc.to_string(),
        kind: kind(doc),
        reason: row.get::<Option<String>>("reason")?.unwrap_or_default(),
        arrived_s: row.get("arrived_s")?,
        is_waiting: row.get::<i64>("state")? == 1,
        shelter,
        node: row.get::<Option<String>>("code")?.unwrap_or_default(),
    })
}

fn kind(doc: DocId) -> &'static str {
    use yadori_ledger::id::DocKind::{
        Finding, Household, Ledger, Link, Municipality, Notice, Request, Shelter,
    };
    match doc.kind() {
        Ok(Household) => "household",
        Ok(Ledger) => "ledger",
        Ok(Shelter) => "shelter",
        Ok(Notice) => "notice",
        Ok(Request) => "request",
        Ok(Finding) => "finding",
        Ok(Link) => "link",
        Ok(Municipality) => "municipality",
        Err(_) => "unknown",
    }
}
