//! An officer, for tests of the intake.

use yadori_ledger::id::DocId;
use yadori_ledger::registry::{Disagreement, Household};

use super::settle::{Choice, choose};
use crate::ground;
use crate::hq::Hq;

pub(crate) async fn disputed_count(hq: &Hq, id: DocId) -> usize {
    disagreements(hq, id).await.len()
}

/// Settles the first disagreement on its first answer, and tells that answer.
pub(crate) async fn choose_first(hq: &Hq, id: DocId) -> String {
    let first = disagreements(hq, id).await.remove(0);
    let answer = first.answers[0].value.clone();
    let choice = Choice {
        subject: first.subject,
        question: first.question,
        answer: answer.clone(),
    };
    assert!(choose(hq, id, &choice, 7).await.unwrap());
    assert!(
        !choose(hq, id, &choice, 7).await.unwrap(),
        "it is settled now"
    );
    answer
}

async fn disagreements(hq: &Hq, id: DocId) -> Vec<Disagreement> {
    let read = hq
        .db
        .read(|tx| async move { ground::document(&tx, id, hq.ours.actor).await });
    let document = read.await.unwrap().expect("it is stored");
    Household::read(&document).unwrap().disagreements()
}
