//! Signatures over batches: who stands for these changes.
//!
//! A batch is signed once by its author, over the ordered list of (document, hash): 64 bytes for
//! any number of changes. The key is the node's one identity key, which also proves its TLS
//! certificate; the context string keeps the two uses apart.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::id::{ActorId, ChangeKey};

const BATCH_CONTEXT: &[u8] = b"yadori batch 1";

/// A node is restored or replaced a few times in its life; more epochs than this is a fault or an
/// attempt to make others compute.
pub const EPOCH_MAX: u32 = 64;

/// The author's word for these changes, in this order.
pub fn sign(author: &SigningKey, epoch: u32, keys: &[ChangeKey]) -> [u8; 64] {
    author.sign(&digest(epoch, keys)).to_bytes()
}

/// Whether `author` gave its word for exactly these changes, in this order.
pub fn verify(author: &VerifyingKey, epoch: u32, keys: &[ChangeKey], signature: &[u8; 64]) -> bool {
    author
        .verify_strict(&digest(epoch, keys), &Signature::from_bytes(signature))
        .is_ok()
}

/// Whether an actor belongs to a key, in any epoch up to the one that its owner is in.
pub fn owns(author: &VerifyingKey, epoch: u32, actor: &ActorId) -> bool {
    epoch <= EPOCH_MAX && (0..=epoch).any(|past| ActorId::of(author, past) == *actor)
}

fn digest(epoch: u32, keys: &[ChangeKey]) -> [u8; 32] {
    let mut hash = Sha256::new()
        .chain_update(BATCH_CONTEXT)
        .chain_update(epoch.to_le_bytes());
    for key in keys {
        hash.update(key.doc.as_bytes());
        hash.update(key.hash.as_bytes());
    }
    hash.finalize().into()
}
