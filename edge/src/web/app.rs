//! What every handler is given: the store, the clock, this node's settings, and the few things
//! that live only in memory.

use std::ops::Deref;
use std::sync::Arc;

use super::status::Newest;
use crate::clock::Clock;
use crate::staff::pin::Hashing;
use crate::staff::tries::Tries;
use crate::store::Store;

/// What the pages need to know about this node.
#[derive(Clone)]
pub struct Setting {
    /// The shelter's name as people know it.
    pub shelter_name: String,
    /// Signs the state that the portal hands to a phone. Never leaves the node.
    pub secret: [u8; 32],
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
    /// Whether this door is served over TLS.
    pub https: bool,
}

/// The parts of [`App`].
pub struct Inner {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub setting: Setting,
    pub hashing: Hashing,
    pub tries: Tries,
    pub newest: Newest,
}

impl App {
    pub fn new(store: Store, clock: Arc<dyn Clock>, setting: Setting) -> Self {
        let (hashing, tries, newest) = (Hashing::new(), Tries::default(), Newest::default());
        Self {
            inner: Arc::new(Inner {
                store,
                clock,
                setting,
                hashing,
                tries,
                newest,
            }),
            https: false,
        }
    }

    /// The same node behind another door: wrong PINs and the ration of hashing count together. Over
    /// TLS, the desk's cookie is never sent without.
    pub fn over_tls(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            https: true,
        }
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}
