//! What a program told the kernel about the files of one folder, read from strace's record.
//!
//! Knows nothing of what a disk then does; that is [`super::disk`].

use std::path::{Path, PathBuf};
use std::process::Command;

/// The calls that change files or bring lines out. Those that the replay cannot do (see
/// [`UNKNOWN`]) are traced too, so that a store that began to use them would be noticed.
const TRACED: &str = "trace=openat,pwrite64,fsync,fdatasync,ftruncate,write,?unlink,?unlinkat,\
    ?rename,?renameat,?renameat2,?writev,?pwritev,?pwritev2,?fallocate,?copy_file_range,?sync_file_range";

/// The longest string that strace shows whole; no page or line is longer.
const STRING_BYTES_MAX: &str = "1048576";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Create {
        name: String,
    },
    Write {
        name: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        name: String,
        length: usize,
    },
    Sync {
        name: String,
    },
    SyncFolder,
    Unlink {
        name: String,
    },
    /// The program told its user that this line's promise is kept.
    Told(String),
}

/// A call, in the order in which calls returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) call: Call,
    /// How many events had returned when this one was made: a flush covers no more than those,
    /// and a told line may have been read from then on.
    pub(crate) began_at: usize,
}

/// Runs a program under strace and reads what it did in `folder`.
pub(crate) fn record(program: &Path, arguments: &[&str], folder: &Path) -> Vec<Event> {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("trace");
    let output = Command::new("strace")
        .args([
            "-f",
            "-xx",
            "-y",
            "-s",
            STRING_BYTES_MAX,
            "-e",
            TRACED,
            "-o",
        ])
        .arg(&file)
        .arg(program)
        .args(arguments)
        .output()
        .expect("strace is installed (apt-get install strace)");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the traced program failed: {errors}"
    );
    read(&std::fs::read_to_string(&file).unwrap(), folder)
}

/// A call that was interrupted by another thread's is in two lines; the first says when it began.
pub(crate) fn read(trace: &str, folder: &Path) -> Vec<Event> {
    let mut reader = Reader {
        folder: folder.to_owned(),
        events: Vec::new(),
        begun: Vec::new(),
    };
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        reader.line(thread, call.trim_start());
    }
    reader.events
}

struct Reader {
    folder: PathBuf,
    events: Vec<Event>,
    begun: Vec<Begun>,
}

struct Begun {
    thread: String,
    text: String,
    at: usize,
}

impl Reader {
    fn line(&mut self, thread: &str, call: &str) {
        let now = self.events.len();
        if let Some(text) = call.strip_suffix(" <unfinished ...>") {
            self.begun.push(Begun {
                thread: thread.to_owned(),
                text: text.to_owned(),
                at: now,
            });
            return;
        }
        let Some(rest) = call
            .strip_prefix("<... ")
            .and_then(|call| call.split_once(" resumed>"))
        else {
            self.call(call, now);
            return;
        };
        if let Some(at) = self.begun.iter().position(|begun| begun.thread == thread) {
            let begun = self.begun.swap_remove(at);
            self.call(&format!("{}{}", begun.text, rest.1), begun.at);
        }
    }

    fn call(&mut self, text: &str, began_at: usize) {
        if text.starts_with("+++") || text.starts_with("---") {
            return; // a thread ended, or a signal came
        }
        let parts = text.split_once('(').zip(text.rsplit_once(" = "));
        let ((name, _), (called, answer)) = parts.unwrap_or_else(|| panic!("strace wrote: {text}"));
        if answer == "?" {
            return; // the program ended in the middle of it
        }
        // Answers are aligned in columns, so there may be spaces between.
        let arguments = called.trim_end().strip_suffix(')').unwrap_or(called);
        let arguments = arguments
            .split_once('(')
            .map_or("", |(_, arguments)| arguments);
        let calls = match name {
            _ if answer.starts_with('-') => vec![],
            "openat" => self.opened(arguments, answer),
            "pwrite64" => self.written(arguments, answer),
            "ftruncate" => self.truncated(arguments),
            "fsync" | "fdatasync" => self.synced(arguments),
            "unlink" | "unlinkat" => self.unlinked(arguments),
            "write" => self.told(arguments),
            _ => self.unknown(name, arguments),
        };
        self.events
            .extend(calls.into_iter().map(|call| Event { call, began_at }));
    }

    fn opened(&self, arguments: &str, answer: &str) -> Vec<Call> {
        let Some(name) = self.name(answer) else {
            return vec![];
        };
        let created = arguments
            .contains("O_CREAT")
            .then(|| Call::Create { name: name.clone() });
        let emptied = arguments
            .contains("O_TRUNC")
            .then_some(Call::Truncate { name, length: 0 });
        created.into_iter().chain(emptied).collect()
    }

    /// `3<path>, "bytes", count, offset`
    fn written(&self, arguments: &str, answer: &str) -> Vec<Call> {
        let Some(name) = self.name(arguments) else {
            return vec![];
        };
        let mut bytes = string(arguments).expect("a write has bytes");
        bytes.truncate(answer.trim().parse().expect("a write answers with a count"));
        let offset = number(arguments).expect("a write has an offset");
        vec![Call::Write {
            name,
            offset,
            bytes,
        }]
    }

    fn truncated(&self, arguments: &str) -> Vec<Call> {
        let Some(name) = self.name(arguments) else {
            return vec![];
        };
        vec![Call::Truncate {
            name,
            length: number(arguments).expect("a length"),
        }]
    }

    fn synced(&self, arguments: &str) -> Vec<Call> {
        if path(arguments).is_some_and(|path| path == self.folder) {
            return vec![Call::SyncFolder];
        }
        self.name(arguments)
            .map(|name| Call::Sync { name })
            .into_iter()
            .collect()
    }

    fn unlinked(&self, arguments: &str) -> Vec<Call> {
        let path = string(arguments)
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(PathBuf::from);
        let name = path.as_deref().and_then(|path| self.inside(path));
        name.map(|name| Call::Unlink { name }).into_iter().collect()
    }

    fn told(&self, arguments: &str) -> Vec<Call> {
        if !arguments.starts_with("1<") {
            return self.unknown("write", arguments);
        }
        let line = string(arguments)
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default();
        vec![Call::Told(line.trim_end().to_owned())]
    }

    /// Nothing may change the store's files in a way that the replay leaves out.
    fn unknown(&self, name: &str, arguments: &str) -> Vec<Call> {
        let file = self.name(arguments);
        assert_eq!(file, None, "the replay does not know {name}; teach it");
        vec![]
    }

    /// The name of an open file in the folder: `3<path>`.
    fn name(&self, text: &str) -> Option<String> {
        self.inside(&path(text)?)
    }

    /// The index that SQLite keeps in shared memory is made anew at every start, so its file is
    /// left out.
    fn inside(&self, path: &Path) -> Option<String> {
        let name = path.strip_prefix(&self.folder).ok()?.to_str()?.to_owned();
        (!name.is_empty() && !name.ends_with("-shm")).then_some(name)
    }
}

fn path(text: &str) -> Option<PathBuf> {
    let (_, rest) = text.split_once('<')?;
    let (hex, _) = rest.split_once('>')?;
    Some(PathBuf::from(String::from_utf8(bytes(hex)?).ok()?))
}

fn string(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once('"')?;
    let (hex, after) = rest.split_once('"')?;
    assert!(!after.starts_with("..."), "strace cut a string short");
    bytes(hex)
}

/// The last argument.
fn number(arguments: &str) -> Option<usize> {
    arguments.rsplit_once(", ")?.1.parse().ok()
}

/// `\x41\x42`, all of it, because strace was told `-xx`.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    hex.as_bytes()
        .chunks(4)
        .map(|byte| {
            u8::from_str_radix(std::str::from_utf8(byte.strip_prefix(b"\\x")?).ok()?, 16).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> String {
        text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
    }

    #[test]
    fn a_record_is_read_in_the_order_of_returning_with_the_time_of_beginning() {
        let (db, folder, out) = (hex("/d/db"), hex("/d"), hex("/out"));
        let trace = format!(
            "1 openat(AT_FDCWD</>, \"{db}\", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3<{db}>\n\
             1 fdatasync(3<{db}> <unfinished ...>\n\
             2 pwrite64(3<{db}>, \"\\x41\\x42\", 2, 4096) = 2\n\
             1 <... fdatasync resumed>)      = 0\n\
             1 fsync(4<{folder}>) = 0\n\
             2 write(1<{out}>, \"{}\", 6) = 6\n\
             2 openat(AT_FDCWD</>, \"{db}\", O_RDONLY) = -1 ENOENT (No such file or directory)\n\
             2 unlink(\"{db}\") = 0\n",
            hex("ACK 7\n"),
        );
        let name = || "db".to_owned();
        let expected = [
            (Call::Create { name: name() }, 0),
            (
                Call::Write {
                    name: name(),
                    offset: 4096,
                    bytes: b"AB".to_vec(),
                },
                1,
            ),
            (Call::Sync { name: name() }, 1),
            (Call::SyncFolder, 3),
            (Call::Told("ACK 7".into()), 4),
            (Call::Unlink { name: name() }, 5),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(call, began_at)| Event { call, began_at })
            .collect();
        assert_eq!(read(&trace, Path::new("/d")), expected);
    }

    #[test]
    #[should_panic(expected = "the replay does not know rename")]
    fn a_call_that_cannot_be_replayed_is_not_passed_over() {
        let db = hex("/d/db");
        read(
            &format!("1 renameat(3<{db}>, \"{db}\", 4<{db}>, \"{db}\") = 0\n"),
            Path::new("/d"),
        );
    }
}
