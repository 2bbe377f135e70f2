//! One shelter: its nodes and when each was heard, its numbers, what was handed out.

use askama::Template;
use axum::extract::{Path, State};

use yadori_ledger::aid::Slot;

use crate::officer::Right;
use crate::store::{Row, StoreError, Tx, params, statements};
use crate::web::{App, Frame, Page, PageError, Signed, page};

statements! {
    SHELTER = "select name, address from shelter where shelter = $1";
    NODES = "select code, name, last_contact_s, last_digest, digest_s, revoked_s from node
              where shelter = $1 order by code";
    PLACES = "select place, count(distinct person) as people from person
               where place_shelter = $1 and active = 1 and place is not null group by place order by place";
    EXPECTED = "select count(*) as households from membership m
                 where m.scope = $1 and m.why = 'sent'
                   and not exists (select 1 from person p where p.doc = m.doc and p.place_shelter = $1)";
    HAND_OUTS = "select day, slot, item, count(*) as shares from hand_out
                  where shelter = $1 group by day, slot, item
                  order by day desc, slot desc, item
                  limit $2";
}

/// Rounds of about a week.
const HAND_OUTS_MAX: i64 = 30;

struct NodeLine {
    code: String,
    name: String,
    heard_s: Option<i64>,
    digest: Option<String>,
    digest_s: Option<i64>,
    revoked_s: Option<i64>,
}

struct PlaceLine {
    place: String,
    people: i64,
}

struct HandOutLine {
    day: String,
    slot: &'static str,
    item: String,
    shares: i64,
}

#[derive(Template)]
#[template(path = "shelter/one.html")]
struct ShelterPage {
    frame: Frame,
    id: String,
    name: String,
    address: String,
    nodes: Vec<NodeLine>,
    /// The newest contact of any node: the age of the numbers below.
    as_of_s: Option<i64>,
    places: Vec<PlaceLine>,
    expected: i64,
    hand_outs: Vec<HandOutLine>,
}

pub(super) async fn show(State(app): State<App>, signed: Signed, Path(id): Path<String>) -> Page {
    signed.needs(Right::Work)?;
    if id.contains('\0') {
        return Err(PageError::NotFound);
    }
    let frame = signed.frame;
    let shown = app
        .hq
        .db
        .read(|tx| async move { draw(&tx, frame, id).await })
        .await?;
    page(&shown.ok_or(PageError::NotFound)?)
}

async fn draw(tx: &Tx, frame: Frame, id: String) -> Result<Option<ShelterPage>, StoreError> {
    let Some(shelter) = tx.row(SHELTER, params![&id]).await? else {
        return Ok(None);
    };
    let nodes = all(tx.rows(NODES, params![&id]).await?, node)?;
    let places = all(tx.rows(PLACES, params![&id]).await?, |row| {
        Ok(PlaceLine {
            place: row.get("place")?,
            people: row.get("people")?,
        })
    })?;
    let expected = tx.one(EXPECTED, params![&id]).await?.get("households")?;
    let hand_outs = all(
        tx.rows(HAND_OUTS, params![&id, HAND_OUTS_MAX]).await?,
        hand_out,
    )?;
    let as_of_s = nodes.iter().filter_map(|node| node.heard_s).max();
    let (name, address) = (shelter.get("name")?, shelter.get("address")?);
    Ok(Some(ShelterPage {
        frame,
        id,
        name,
        address,
        nodes,
        as_of_s,
        places,
        expected,
        hand_outs,
    }))
}

fn all<T>(
    rows: Vec<Row>,
    one: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(one).collect()
}

fn node(row: &Row) -> Result<NodeLine, StoreError> {
    Ok(NodeLine {
        code: row.get("code")?,
        name: row.get("name")?,
        heard_s: row.get("last_contact_s")?,
        digest: row.get("last_digest")?,
        digest_s: row.get("digest_s")?,
        revoked_s: row.get("revoked_s")?,
    })
}

fn hand_out(row: &Row) -> Result<HandOutLine, StoreError> {
    let code: i64 = row.get("slot")?;
    let slot = Slot::ALL
        .into_iter()
        .find(|slot| i64::from(*slot as u8) == code)
        .map_or("day", Slot::name);
    Ok(HandOutLine {
        day: row.get("day")?,
        slot,
        item: row.get("item")?,
        shares: row.get("shares")?,
    })
}
