//! `powercut-writer FOLDER COUNT`: a node's store with several desks registering at once. It says
//! on its output of each registration, in one line, that it is kept. Power cuts are made from
//! its system calls.

use std::path::PathBuf;
use std::process::ExitCode;

use futures_util::StreamExt;
use yadori_edge::store::Commits;
use yadori_tests::people::Families;
use yadori_tests::store;

/// As many desks as make groups in one commit.
const DESKS: usize = 6;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(count)) = (arguments.next().map(PathBuf::from), arguments.next())
    else {
        return ExitCode::from(2);
    };
    let Ok(count) = count.parse() else {
        return ExitCode::from(2);
    };
    let store = store::open(&folder, Commits::Grouped).expect("the folder is empty and writable");
    let families = Families::new(1).zip(store::doc_ids(1)).take(count);
    futures_util::stream::iter(families)
        .for_each_concurrent(DESKS, async |(family, doc)| {
            let card = store::register(&store, &family, doc)
                .await
                .expect("the disk has room");
            tell(&format!("{doc} {card}"));
        })
        .await;
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn tell(kept: &str) {
    println!("{kept}");
}
