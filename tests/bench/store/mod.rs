//! Durable registrations a second: 64 desks at one node, over HTTP, until the node is killed.
//!
//! Every run has a node of its own in another process, so that its memory can be seen and its power
//! be cut; a registration counts when the desk was sent on to the card, and afterwards every one
//! that counted is looked for in what the disk holds.

mod desks;
mod node;

use std::time::Duration;

use crate::figures::Figures;
use desks::Counted;
use node::{Flush, Measured};
use yadori_edge::store::Commits;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Desks that register without a pause: more than any shelter has.
const DESKS: usize = 64;

/// Before counting, so that caches are warm and the file has grown.
const WARM_UP: Duration = Duration::from_secs(2);
const COUNT_FOR: Duration = Duration::from_secs(8);

/// A good SD card's flush.
const CARD: Flush = Flush {
    name: "20 ms more a flush",
    added_ms: 20,
};
const DISK: Flush = Flush {
    name: "this disk",
    added_ms: 0,
};

pub(crate) async fn measure() -> Result<Figures, Failure> {
    if let Some(asked) = node::asked() {
        return node::serve(asked).await;
    }
    let mut figures = Figures::new("Durable registrations on one node, 64 desks, over HTTP");
    let mut rss_bytes_max = 0;
    for flush in [DISK, CARD] {
        for commits in [Commits::Grouped, Commits::Each] {
            let run = run(flush, commits).await?;
            rss_bytes_max = rss_bytes_max.max(run.rss_bytes_max);
            tell(&mut figures, flush, commits, &run);
        }
    }
    figures.figure("store.rss_mb", rss_bytes_max as f64 / 1e6, "MB");
    Ok(figures)
}

struct Run {
    counted: Counted,
    rss_bytes_max: u64,
    lost_count: usize,
}

async fn run(flush: Flush, commits: Commits) -> Result<Run, Failure> {
    let node = Measured::start(flush, commits).await?;
    let (counted, acknowledged) = desks::register(node.desk, DESKS, WARM_UP, COUNT_FOR).await?;
    let rss_bytes_max = node.rss_bytes_max()?;
    let kept = node.cut_power().await?;
    let lost_count = acknowledged
        .iter()
        .filter(|household| !kept.contains(*household))
        .count();
    if lost_count > 0 {
        return Err(format!("{lost_count} acknowledged registrations are not on the disk").into());
    }
    Ok(Run {
        counted,
        rss_bytes_max,
        lost_count,
    })
}

fn tell(figures: &mut Figures, flush: Flush, commits: Commits, run: &Run) {
    let (mode, words) = match commits {
        Commits::Grouped => ("group", "what waits shares a commit"),
        Commits::Each => ("each", "a commit each"),
    };
    let Run {
        counted,
        rss_bytes_max,
        lost_count,
    } = run;
    let (rps, p50_ms, p99_ms) = (counted.per_second, counted.p50_ms, counted.p99_ms);
    let remark = format!(
        "p50 {p50_ms:.0} ms, p99 {p99_ms:.0} ms, {} told to try again, {lost_count} lost, {:.0} MB",
        counted.refused_count,
        *rss_bytes_max as f64 / 1e6
    );
    figures.row(
        &format!("{}, {words}", flush.name),
        format!("{rps:.0}/s"),
        &remark,
    );
    let prefix = if flush.added_ms == 0 {
        format!("store.{mode}")
    } else {
        format!("store.card.{mode}")
    };
    figures.figure(&format!("{prefix}.rps"), rps, "1/s");
    figures.figure(&format!("{prefix}.p99_ms"), p99_ms, "ms");
}
