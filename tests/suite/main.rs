//! `cargo suite`: everything that can be tested on one machine, from nothing.
//!
//! On a fresh Debian with Rust it installs what the tests need, starts a PostgreSQL of its own,
//! runs every Rust test and every browser test, stops what it started, and says at the end how
//! many passed. It knows nothing about what the tests say.

mod child;
mod count;
mod install;
mod run;

use std::process::ExitCode;

use clap::Parser;
use count::Count;
use run::Chosen;
use tokio::signal::unix::{SignalKind, signal};
use yadori_tests::postgres::{Cluster, URL_VARIABLE};

/// Tests everything.
#[derive(Parser)]
struct Asked {
    /// Many more seeds and cuts: hours instead of minutes.
    #[arg(long)]
    long: bool,
    /// Only one package (`edge`), one folder of tests (`tidy`, `browser`), or the tests whose
    /// names contain the word.
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
}

// One thread: a child that is told to end with its parent watches the thread that started it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let asked = Asked::parse();
    let count = tokio::select! {
        count = everything(&asked) => count,
        () = stopped() => {
            say("stopped; what was started is stopped too");
            Count::one_failed()
        }
    };
    say(&count.to_string());
    if count.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A step that cannot be taken counts as one failure, and the next one is taken all the same.
async fn everything(asked: &Asked) -> Count {
    let chosen = match Chosen::from_word(asked.only.as_deref()) {
        Ok(chosen) => chosen,
        Err(error) => return failed("choosing the tests", &error),
    };
    let mut count = Count::default();
    let tools = install::tools(&chosen).await.unwrap_or_else(|error| {
        count += failed("installing what the tests need", &error);
        install::Tools::as_found()
    });
    let settings = run::Settings {
        long: asked.long,
        postgres_url: None,
    };
    if chosen.has_rust() {
        count += rust(&chosen, settings).await;
    }
    if chosen.has_browser() {
        count += run::browser(&chosen, &tools)
            .await
            .unwrap_or_else(|error| failed("the browser tests", &error));
    }
    count
}

/// The cluster lives as long as the tests that use it; leaving this function, for whatever
/// reason, stops it.
async fn rust(chosen: &Chosen, mut settings: run::Settings) -> Count {
    say("starting a PostgreSQL of our own");
    let mut count = Count::default();
    let cluster = Cluster::start()
        .map_err(|error| count += failed(URL_VARIABLE, &error))
        .ok();
    settings.postgres_url = cluster.as_ref().map(|cluster| cluster.url().to_owned());
    count += run::rust(chosen, &settings)
        .await
        .unwrap_or_else(|error| failed("the Rust tests", &error));
    say("stopping PostgreSQL");
    count
}

fn failed(step: &str, error: &dyn std::error::Error) -> Count {
    let cause = error
        .source()
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    say(&format!("FAILED {step}: {error}{cause}"));
    Count::one_failed()
}

/// Ctrl-C, or the polite request of a CI machine.
async fn stopped() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn say(line: &str) {
    println!("{line}");
}
