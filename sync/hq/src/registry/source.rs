//! Where an answer came from, in words: the shelter, the moment, who wrote it.

use std::collections::HashMap;

use yadori_ledger::clock::TimeQuality;
use yadori_ledger::document::Source;
use yadori_ledger::id::{ActorId, DocId};

use crate::ground::Ours;
use crate::officer;
use crate::store::{StoreError, Tx, params, statements};
use crate::web::Frame;

statements! {
    WRITERS = "select distinct c.actor, n.shelter, n.name, s.name as shelter_name
                 from change c
                 left join node n on n.node = c.origin
                 left join shelter s on s.shelter = n.shelter
                where c.doc = $1 and c.actor is not null and c.origin is not null and c.state = 0";
}

/// Who writes under which actor, as far as one document's changes tell, and officers' names.
pub(super) struct Writers {
    nodes: HashMap<ActorId, String>,
    officers: HashMap<i64, String>,
    ours: ActorId,
}

impl Writers {
    pub(super) async fn of(tx: &Tx, ours: &Ours, doc: DocId) -> Result<Self, StoreError> {
        let mut nodes = HashMap::new();
        for row in tx.rows(WRITERS, params![doc.as_bytes()]).await? {
            let shelter: Option<String> = row.get("shelter_name")?;
            let shelter = shelter.or(row.get("shelter")?).unwrap_or_default();
            // A shelter with one node often gives it its own name.
            let node = row
                .get::<Option<String>>("name")?
                .filter(|name| *name != shelter);
            let place = [Some(shelter), node].into_iter().flatten();
            nodes.insert(
                ActorId::new(row.get("actor")?),
                place.collect::<Vec<_>>().join(" "),
            );
        }
        Ok(Self {
            nodes,
            officers: HashMap::new(),
            ours: ours.actor,
        })
    }

    /// Looks up the officers behind these sources.
    pub(super) async fn add_officers(
        &mut self,
        tx: &Tx,
        tags: impl Iterator<Item = &str>,
    ) -> Result<(), StoreError> {
        for id in tags.filter_map(officer_number) {
            if !self.officers.contains_key(&id)
                && let Some(name) = officer::name_of(tx, id).await?
            {
                self.officers.insert(id, name);
            }
        }
        Ok(())
    }

    pub(super) fn tell(&self, frame: &Frame, source: &Source) -> String {
        let at = self.place(frame, source);
        let when = self.moment(frame, source);
        match self.who(frame, source) {
            Some(who) => format!("{at} · {when} · {who}"),
            None => format!("{at} · {when}"),
        }
    }

    fn place(&self, frame: &Frame, source: &Source) -> String {
        match source.actor {
            Some(actor) if actor == self.ours => frame.t.say("headquarters"),
            Some(actor) => self
                .nodes
                .get(&actor)
                .cloned()
                .unwrap_or_else(|| frame.t.say("node-unknown")),
            None => frame.t.say("node-unknown"),
        }
    }

    /// A node that woke without a clock says so: its time is a guess.
    fn moment(&self, frame: &Frame, source: &Source) -> String {
        let moment = frame.moment(source.wall_s);
        match source.quality {
            TimeQuality::None => frame.t.say_n("time-unverified", moment),
            TimeQuality::Rtc | TimeQuality::Peer | TimeQuality::Network | TimeQuality::Hq => moment,
        }
    }

    fn who(&self, frame: &Frame, source: &Source) -> Option<String> {
        let tag = source.by.as_ref()?.as_str();
        let numbered = |prefix| tag.strip_prefix(prefix)?.parse::<i64>().ok();
        Some(match (tag, officer_number(tag), numbered("s")) {
            ("portal", _, _) => frame.t.say("by-family"),
            (_, Some(0), _) => frame.t.say("by-system"),
            (_, Some(id), _) => match self.officers.get(&id) {
                Some(name) => frame.t.say_n("by-officer", name.clone()),
                None => frame.t.say_n("by-officer", id),
            },
            (_, _, Some(number)) => frame.t.say_n("by-staff", number),
            _ => tag.to_owned(),
        })
    }
}

fn officer_number(tag: &str) -> Option<i64> {
    tag.strip_prefix('h')?.parse().ok()
}
