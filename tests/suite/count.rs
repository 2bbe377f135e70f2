//! Counting what really ran, from the closing lines of cargo's and Node's test runners.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    pub(crate) fn one_failed() -> Self {
        Self {
            passed: 0,
            failed: 1,
        }
    }

    /// A run in which nothing ran has shown nothing.
    pub(crate) fn is_good(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// `test result: ok. 5 passed; 0 failed; 0 ignored; …`
    pub(crate) fn of_cargo(line: &str) -> Option<Self> {
        let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let number = |word| {
            numbers
                .split("; ")
                .find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
        };
        Some(Self {
            passed: number(" passed")?,
            failed: number(" failed")?,
        })
    }

    /// `ℹ pass 5`, `ℹ fail 0`, `ℹ cancelled 1`: three lines, each a part of the count.
    pub(crate) fn of_node(line: &str) -> Option<Self> {
        let (word, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
        let number = number.parse().ok()?;
        match word {
            "pass" => Some(Self {
                passed: number,
                failed: 0,
            }),
            "fail" | "cancelled" => Some(Self {
                passed: 0,
                failed: number,
            }),
            _ => None,
        }
    }

    /// A runner that ended badly without naming a failed test (it did not build, it crashed)
    /// counts as one failure.
    pub(crate) fn ended(self, well: bool) -> Self {
        if well || self.failed > 0 {
            self
        } else {
            Self { failed: 1, ..self }
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_cargo_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.31s";
        assert_eq!(
            Count::of_cargo(line),
            Some(Count {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(Count::of_cargo("test a_test ... ok"), None);
    }

    #[test]
    fn the_closing_lines_of_node_are_counted() {
        let lines = [
            "ℹ tests 4",
            "ℹ suites 0",
            "ℹ pass 2",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ duration_ms 9.5",
        ];
        let mut count = Count::default();
        for part in lines.into_iter().filter_map(Count::of_node) {
            count += part;
        }
        assert_eq!(
            count,
            Count {
                passed: 2,
                failed: 2
            }
        );
    }

    #[test]
    fn a_runner_that_crashed_is_a_failure_and_nothing_run_is_no_success() {
        assert_eq!(
            Count {
                passed: 9,
                failed: 0
            }
            .ended(false)
            .failed,
            1
        );
        assert_eq!(
            Count {
                passed: 9,
                failed: 2
            }
            .ended(false)
            .failed,
            2
        );
        assert!(
            Count {
                passed: 9,
                failed: 0
            }
            .ended(true)
            .is_good()
        );
        assert!(!Count::default().is_good());
    }
}
