//! A conversation with a node in memory.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use yadori_ledger::session::{Outcome, Party, Session};

use super::Towards;
use crate::ground::Peer;
use crate::hq::Hq;
use crate::testing::node::TestNode;

pub(crate) fn hq_key() -> SigningKey {
    SigningKey::from_bytes(&[200; 32])
}

pub(crate) async fn tell(hq: &Arc<Hq>, node: &TestNode) -> Outcome {
    let key = node.key.verifying_key();
    let peer = Peer {
        node: node.id(),
        key,
        shelter: node.shelter.clone(),
    };
    let session = Session::callee(
        Party {
            key: hq_key(),
            epoch: 0,
        },
        key,
    );
    node.meet(
        hq_key().verifying_key(),
        (
            session,
            Towards {
                hq: Arc::clone(hq),
                peer,
            },
        ),
    )
    .await
}
