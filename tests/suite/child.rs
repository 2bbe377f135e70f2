//! Another program: started in a group of its own, read line by line, bounded by time, and
//! never left behind.

use std::io::{self, BufRead, BufReader};
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// How long a program may take to tidy up when it is asked to stop.
const STOP_WAITS_MAX: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChildError {
    #[error("`{0}` could not be started")]
    NotStarted(String, #[source] io::Error),
    #[error("`{0}` took longer than {1:?} and was stopped")]
    TooSlow(String, Duration),
}

/// Runs a program to its end and hands over each line that it writes to either output.
pub(crate) async fn run(
    mut command: Command,
    limit: Duration,
    each_line: impl FnMut(&str),
) -> Result<ExitStatus, ChildError> {
    let name = command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let start = || -> io::Result<(Group, mpsc::UnboundedReceiver<String>)> {
        let (reader, writer) = io::pipe()?;
        command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0);
        let group = Group(command.spawn()?);
        // The command holds the writing end; the reader sees the end only when it is gone.
        drop(command);
        Ok((group, lines(reader)))
    };
    let (mut group, lines) =
        start().map_err(|error| ChildError::NotStarted(name.clone(), error))?;
    let done = tokio::time::timeout(limit, to_the_end(&mut group, lines, each_line)).await;
    match done {
        Ok(status) => status.map_err(|error| ChildError::NotStarted(name, error)),
        Err(_) => Err(ChildError::TooSlow(name, limit)),
    }
}

/// Reads until the program itself ends; a grandchild that keeps the pipe open is not waited for.
async fn to_the_end(
    group: &mut Group,
    mut lines: mpsc::UnboundedReceiver<String>,
    mut each_line: impl FnMut(&str),
) -> io::Result<ExitStatus> {
    let status = loop {
        tokio::select! {
            biased;
            line = lines.recv() => match line {
                Some(line) => each_line(&line),
                None => break group.0.wait().await?,
            },
            status = group.0.wait() => break status?,
        }
    };
    // What it wrote last may still be on its way.
    while let Ok(Some(line)) = tokio::time::timeout(Duration::from_millis(200), lines.recv()).await
    {
        each_line(&line);
    }
    Ok(status)
}

fn lines(reader: io::PipeReader) -> mpsc::UnboundedReceiver<String> {
    let (line, lines) = mpsc::unbounded_channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        while let Ok(1..) = reader.read_until(b'\n', &mut bytes) {
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if line.send(text).is_err() {
                return;
            }
        }
    });
    lines
}

/// A program and all that it started.
struct Group(Child);

impl Group {
    fn signal(&self, signal: &str, group: u32) {
        let target = format!("-{group}");
        drop(
            std::process::Command::new("kill")
                .args([signal, "--", &target])
                .stderr(Stdio::null())
                .status(),
        );
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(group) = self.0.id() else { return };
        self.signal("-TERM", group);
        let began = Instant::now();
        while began.elapsed() < STOP_WAITS_MAX {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        self.signal("-KILL", group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn both_outputs_are_read_and_the_end_is_told() {
        let mut heard = Vec::new();
        let script = shell("echo one; echo two >&2; exit 3");
        let status = run(script, Duration::from_secs(10), |line| {
            heard.push(line.to_owned())
        })
        .await
        .unwrap();
        assert_eq!(
            (heard, status.code()),
            (vec!["one".to_owned(), "two".to_owned()], Some(3))
        );
    }

    #[tokio::test]
    async fn a_program_that_takes_too_long_is_stopped_with_all_it_started() {
        let mut pids = Vec::new();
        let script = shell("sleep 60 & echo $!; wait");
        let limit = Duration::from_millis(300);
        let answer = run(script, limit, |line| pids.push(line.to_owned())).await;
        assert!(matches!(answer, Err(ChildError::TooSlow(..))));
        thread::sleep(Duration::from_millis(200));
        let alive = std::fs::read_to_string(format!("/proc/{}/stat", pids[0]));
        assert!(
            alive.is_err() || alive.unwrap().contains(") Z"),
            "the grandchild lives on"
        );
    }
}
