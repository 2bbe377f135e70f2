//! The messages. Numbered by position: add at the end only.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// The board introduces itself after it started.
    Hello {
        protocol: u8,
        firmware: u16,
        reset: Reset,
        boots: u16,
    },
    /// The node is alive; `work` counts what it has really done since it started, so that a node
    /// that only beats is noticed.
    Heartbeat { uptime_s: u32, boot: u16, work: u32 },
    /// What the board measures, every second.
    Battery {
        millivolts: u16,
        milliamps: i16,
        charge_percent: u8,
    },
    /// The node asks for the uplink's power for so long.
    RequestUplink { window_s: u16, urgency: Urgency },
    /// The node has nothing more to send: the window may close early.
    UplinkDone,
    /// The board will cut the node's power after this many seconds.
    ShutdownRequest { grace_s: u8 },
    /// The node has closed its files.
    ShutdownReady,
}

/// Why the board started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reset {
    PowerOn,
    BrownOut,
    Watchdog,
    Asked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Urgency {
    Ordinary,
    /// Opens a window at once, within the day's small number of such windows.
    Emergency,
}
