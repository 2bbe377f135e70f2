//! What was measured: a table for people, then a line a figure for machines.

/// Rows for the table and figures for the end.
#[derive(Default)]
pub(crate) struct Figures {
    title: String,
    rows: Vec<[String; 3]>,
    lines: Vec<String>,
}

impl Figures {
    pub(crate) fn new(title: &str) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A row of the table: what, how much, and what it means.
    pub(crate) fn row(&mut self, what: &str, value: impl ToString, remark: &str) {
        self.rows
            .push([what.into(), value.to_string(), remark.into()]);
    }

    /// A named figure, printed at the very end.
    pub(crate) fn figure(&mut self, name: &str, value: f64, unit: &str) {
        let digits = if value.fract() == 0.0 { 0 } else { 2 };
        self.lines.push(format!("{name}\t{value:.digits$}\t{unit}"));
    }

    #[expect(clippy::print_stdout, reason = "printing is what a measurement is for")]
    pub(crate) fn print(&self) {
        println!("\n{}\n", self.title);
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let (what, value) = (width(0), width(1));
        for [left, middle, right] in &self.rows {
            println!("  {left:<what$}  {middle:>value$}  {right}");
        }
        println!();
        for line in &self.lines {
            println!("{line}");
        }
    }
}
