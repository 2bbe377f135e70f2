//! Shelters, headquarters, what was acknowledged, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use yadori_edge::store::sync::Peer;
use yadori_ledger::clock::TimeQuality;
use yadori_ledger::id::{DocId, NodeId};
use yadori_ledger::registry::{self, Fact, Household, Step};
use yadori_ledger::session::Session;
use yadori_tests::shelters;

use super::faults::talk;
use super::hq::Hq;
use super::node::{Node, Numbers};
use super::ops::{Faults, Jump, NODES, Op, Told};

/// Visits of every node after the faults stop: one to bring everything, one to fetch what others
/// brought, and one that finds nothing new.
const CALM_VISITS: usize = 3;

pub(super) struct World {
    hq: Hq,
    nodes: Vec<Node>,
    numbers: Numbers,
    acknowledged: BTreeMap<DocId, Family>,
    /// Visits that found a difference which no cursor told of. No store forgets here, so there is
    /// no reason for one.
    streamed_all: usize,
}

/// What desks were told and said "saved" to.
#[derive(Default)]
struct Family {
    card: String,
    people: usize,
    answers: BTreeSet<(Fact, String)>,
}

impl World {
    pub(super) async fn open() -> Self {
        let shelters = shelters::all()
            .iter()
            .take(NODES)
            .map(|shelter| shelter.common_id.parse().expect("a national id"));
        let nodes: Vec<Node> = shelters
            .enumerate()
            .map(|(at, shelter)| Node::open(at, shelter))
            .collect();
        let hq = Hq::open(&nodes).await;
        Self {
            hq,
            nodes,
            numbers: Numbers::default(),
            acknowledged: BTreeMap::new(),
            streamed_all: 0,
        }
    }

    pub(super) async fn apply(&mut self, op: &Op) {
        match *op {
            Op::Register { node, people } => self.register(node, people).await,
            Op::Tell {
                node,
                pick,
                fact,
                value,
            } => self.tell(node, pick, fact, value).await,
            Op::Join { node, pick } => self.join(node, pick).await,
            Op::Move { node, pick, to } => {
                if let Some(id) = self.pick(node, pick).await {
                    let event = self.numbers.event();
                    self.nodes[node].move_to(id, event, to).await;
                }
            }
            Op::Settle { node, pick } => {
                if let Some(id) = self.pick(node, pick).await {
                    self.nodes[node].settle(id).await;
                }
            }
            Op::Send { pick, to } => self.hq.send(pick, &self.nodes[to].shelter).await,
            Op::Visit { node, faults } => {
                self.visit(node, faults).await;
            }
            Op::PowerCut { node } => self.nodes[node].power_cut(),
            Op::HqPowerCut => self.hq.power_cut().await,
            Op::Clock { node, to } => self.jump(node, to),
        }
    }

    async fn pick(&self, node: usize, pick: usize) -> Option<DocId> {
        let known = self.nodes[node].households().await;
        (!known.is_empty()).then(|| known[pick % known.len()])
    }

    async fn register(&mut self, node: usize, people: u8) {
        let id = self.numbers.household();
        let card = self.nodes[node]
            .register(id, &mut self.numbers, people)
            .await;
        let people = usize::from(people);
        let family = Family {
            card: card.to_string(),
            people,
            answers: BTreeSet::new(),
        };
        self.acknowledged.insert(id, family);
    }

    async fn tell(&mut self, node: usize, pick: usize, told: Told, value: u8) {
        let Some(id) = self.pick(node, pick).await else {
            return;
        };
        let fact = match told {
            Told::Name => Fact::Name,
            Told::Allergy => Fact::Allergy,
            Told::Medicine => Fact::Medicine,
            Told::Phone => Fact::Phone,
        };
        let value = format!("v{value}");
        if self.nodes[node].tell(id, fact, value.clone()).await {
            self.acknowledged
                .get_mut(&id)
                .expect("registered before")
                .answers
                .insert((fact, value));
        }
    }

    async fn join(&mut self, node: usize, pick: usize) {
        let Some(id) = self.pick(node, pick).await else {
            return;
        };
        self.nodes[node].join(id, self.numbers.person()).await;
        self.acknowledged
            .get_mut(&id)
            .expect("registered before")
            .people += 1;
    }

    async fn visit(&mut self, node: usize, faults: Faults) -> bool {
        let node = &self.nodes[node];
        let hq_key = self.hq.key().verifying_key();
        let caller = Session::caller(node.party(), hq_key);
        let callee = Session::callee(self.hq.party(), node.key.verifying_key());
        let ours = Peer::new(node.store().clone(), NodeId::of(&hq_key));
        let theirs = self.hq.peer(node).await;
        let outcome = talk(caller, &ours, callee, &theirs, faults).await;
        self.streamed_all += usize::from(outcome.streamed_all);
        outcome.agreed
    }

    fn jump(&mut self, node: usize, to: Jump) {
        let clock = &self.nodes[node].clock;
        match to {
            Jump::To1970 => clock.set(0, TimeQuality::None),
            Jump::TenYearsOn => clock.advance(10 * 365 * 86_400),
            Jump::AnHourBack => clock.advance(-3_600),
        }
    }

    /// The faults stop; everyone talks until there is nothing new.
    pub(super) async fn calm(&mut self) -> Result<(), String> {
        let mut agreed = vec![false; NODES];
        for _ in 0..CALM_VISITS {
            for (node, agreed) in agreed.iter_mut().enumerate() {
                *agreed = self.visit(node, Faults::NONE).await;
            }
        }
        match agreed.iter().position(|agreed| !agreed) {
            Some(node) => Err(format!(
                "node {node} and headquarters do not agree after {CALM_VISITS} clear visits"
            )),
            None => Ok(()),
        }
    }

    /// What must be true. Says how many people there are.
    pub(super) async fn check(&mut self) -> Result<usize, String> {
        let at_hq: BTreeSet<DocId> = self.hq.households().await.into_iter().collect();
        let expected: BTreeSet<DocId> = self.acknowledged.keys().copied().collect();
        if at_hq != expected {
            let (lost, strange) = (
                expected.difference(&at_hq).count(),
                at_hq.difference(&expected).count(),
            );
            return Err(format!(
                "headquarters lacks {lost} acknowledged households and has {strange} that nobody registered"
            ));
        }
        for (id, family) in &self.acknowledged {
            self.check_family(*id, family).await?;
        }
        for (at, node) in self.nodes.iter().enumerate() {
            for id in node.households().await {
                if node.document(id).await.heads() != self.hq.document(id).await.heads() {
                    return Err(format!("node {at} and headquarters tell {id} differently"));
                }
            }
        }
        if self.streamed_all > 0 {
            return Err(format!(
                "{} visits streamed everything: a cursor went wrong",
                self.streamed_all
            ));
        }
        let people = self.acknowledged.values().map(|family| family.people).sum();
        let (rows, quarantined) = (self.hq.people_rows().await, self.hq.quarantined().await);
        if rows != people || quarantined != 0 {
            return Err(format!(
                "{people} people, {rows} at headquarters, {quarantined} changes quarantined"
            ));
        }
        Ok(people)
    }

    async fn check_family(&self, id: DocId, family: &Family) -> Result<(), String> {
        let document = self.hq.document(id).await;
        let household = Household::read(&document).map_err(|error| error.to_string())?;
        let card = household.card().map(|card| card.to_string());
        if card.as_deref() != Some(&family.card) || household.active().count() != family.people {
            return Err(format!(
                "{id}: card {card:?} and {} people, not {} and {}",
                household.active().count(),
                family.card,
                family.people
            ));
        }
        let steps = registry::history(&document)
            .into_iter()
            .flat_map(|entry| entry.steps);
        let told: BTreeSet<(Fact, String)> = steps
            .filter_map(|step| match step {
                Step::Told { fact, value, .. } => Some((fact, value)),
                Step::Happened(_) | Step::Unreadable => None,
            })
            .collect();
        match family.answers.difference(&told).next() {
            Some((fact, _)) => Err(format!(
                "{id}: an acknowledged {} is in no history",
                fact.name()
            )),
            None => Ok(()),
        }
    }
}
