//! What every handler is given: the store, the clock, this node's settings, and the few things
//! that live only in memory.

use std::ops::Deref;
use std::sync::Arc;

use crate::clock::Clock;
use crate::staff::pin::Hashing;
use crate::staff::tries::Tries;
use crate::store::Store;

/// What the pages need to know about this node.
#[derive(Clone)]
pub struct Setting {
    /// The shelter's name as people know it.
    pub shelter_name: String,
    /// Whether the desk is served over TLS; then its cookie is never sent without.
    pub https: bool,
    /// Signs the state that the portal hands to a phone. Never leaves the node.
    pub secret: [u8; 32],
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The parts of [`App`].
pub struct Inner {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub setting: Setting,
    pub hashing: Hashing,
    pub tries: Tries,
}

impl App {
    pub fn new(store: Store, clock: Arc<dyn Clock>, setting: Setting) -> Self {
        let (hashing, tries) = (Hashing::new(), Tries::default());
        Self(Arc::new(Inner { store, clock, setting, hashing, tries }))
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
