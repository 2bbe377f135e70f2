//! All shelters, silence first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::officer::Right;
use crate::store::{Row, StoreError, params, statements};
use crate::web::{App, Frame, Page, Signed, page};

statements! {
    /// Shelters with a node come first, by the moment when the longest silent of their nodes was
    /// last heard; a node that was never heard is the most silent of all.
    LIST = "select s.shelter, s.name, s.nodes, s.silent, s.heard_s, s.differs,
                   (select count(distinct p.person) from person p
                     where p.place_shelter = s.shelter and p.place = 'shelter' and p.active = 1) as inside,
                   (select count(distinct p.person) from person p
                     where p.place_shelter = s.shelter and p.active = 1
                       and p.place in ('car', 'home', 'tent', 'relatives', 'elsewhere')) as outside,
                   (select count(*) from household h where h.shelter = s.shelter) as households,
                   (select count(*) from household h join disagreement d on d.doc = h.doc
                     where h.shelter = s.shelter) as disagreements
              from (select s.shelter, s.name, count(n.node) as nodes,
                           case when count(n.node) = 0 then 2 when count(n.node) > count(n.last_contact_s) then 0
                                else 1 end as silent,
                           min(n.last_contact_s) as heard_s,
                           cast(sum(case when n.last_digest = 'differs' then 1 else 0 end) as bigint) as differs
                      from shelter s left join node n on n.shelter = s.shelter and n.revoked_s is null
                     group by s.shelter, s.name
                     order by silent, heard_s asc nulls first, s.shelter
                     limit $1 offset $2) s
             order by s.silent, s.heard_s asc nulls first, s.shelter";
    TOTALS = "select (select count(*) from shelter) as shelters,
                     (select count(distinct shelter) from node where revoked_s is null) as with_node,
                     (select count(distinct person) from person where active = 1) as people,
                     (select count(*) from household) as households,
                     (select count(*) from disagreement) as disagreements";
}

/// A screen that scrolls for a while; the silent ones are on the first.
const ROWS_MAX: i64 = 100;

struct Line {
    id: String,
    name: String,
    nodes: i64,
    heard_s: Option<i64>,
    differs: bool,
    inside: i64,
    outside: i64,
    households: i64,
    disagreements: i64,
}

struct Totals {
    shelters: i64,
    with_node: i64,
    people: i64,
    households: i64,
    disagreements: i64,
}

#[derive(Template)]
#[template(path = "shelter/list.html")]
struct ListPage {
    frame: Frame,
    totals: Totals,
    lines: Vec<Line>,
    next: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    from: i64,
}

/// Also the first page; for who may not see shelters, that is the read log.
pub(super) async fn show(
    State(app): State<App>,
    signed: Signed,
    Query(asked): Query<Asked>,
) -> Page {
    if !signed.frame.may_work() && signed.frame.path == "/" {
        return Ok(Redirect::to("/read-log").into_response());
    }
    signed.needs(Right::Work)?;
    let from = asked.from.max(0);
    let (totals, lines) = app
        .hq
        .db
        .read(|tx| async move {
            let totals = totals(&tx.one(TOTALS, params![]).await?)?;
            let rows = tx.rows(LIST, params![ROWS_MAX, from]).await?;
            let lines = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>((totals, lines))
        })
        .await?;
    let next = (lines.len() as i64 == ROWS_MAX).then_some(from + ROWS_MAX);
    page(&ListPage {
        frame: signed.frame,
        totals,
        lines,
        next,
    })
}

fn totals(row: &Row) -> Result<Totals, StoreError> {
    Ok(Totals {
        shelters: row.get("shelters")?,
        with_node: row.get("with_node")?,
        people: row.get("people")?,
        households: row.get("households")?,
        disagreements: row.get("disagreements")?,
    })
}

fn line(row: &Row) -> Result<Line, StoreError> {
    Ok(Line {
        id: row.get("shelter")?,
        name: row.get("name")?,
        nodes: row.get("nodes")?,
        heard_s: if row.get::<i64>("silent")? == 0 {
            None
        } else {
            row.get("heard_s")?
        },
        differs: row.get::<i64>("differs")? > 0,
        inside: row.get("inside")?,
        outside: row.get("outside")?,
        households: row.get("households")?,
        disagreements: row.get("disagreements")?,
    })
}
