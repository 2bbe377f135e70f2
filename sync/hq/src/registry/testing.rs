//! An officer, for tests of the intake.

use yadori_ledger::document::Document;
use yadori_ledger::id::DocId;
use yadori_ledger::registry::{Disagreement, Household};

use super::settle::{Choice, choose};
use crate::ground;
use crate::hq::Hq;
use crate::store::StoreError;

pub(crate) async fn disputed_count(hq: &Hq, id: DocId) -> usize {
    disagreements(hq, id).await.len()
}

/// Settles the first disagreement on its first answer, and tells that answer.
pub(crate) async fn choose_first(hq: &Hq, id: DocId) -> String {
    let first = disagreements(hq, id).await.remove(0);
    let answer = first.answers[0].value.clone();
    let choice = Choice { subject: first.subject, question: first.question, answer: answer.clone() };
    assert!(choose(hq, id, &choice, 7).await.unwrap());
    assert!(!choose(hq, id, &choice, 7).await.unwrap(), "it is settled now");
    answer
}

async fn disagreements(hq: &Hq, id: DocId) -> Vec<Disagreement> {
    let stored = hq.db.read(|tx| async move { ground::of_document(&tx, id).await }).await;
    let changes: Vec<_> = stored.unwrap_or_else(|error: StoreError| panic!("{error}")).into_iter().map(|s| s.bytes).collect();
    let document = Document::open(id, hq.ours.actor, changes).unwrap();
    Household::read(&document).unwrap().disagreements()
}
