//! The report: measured values, budgets and baselines.

use std::fmt;

/// A value's relation to its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    WithinBudget,
    OverBudget,
    /// There is no budget.
    Informational,
}

impl Verdict {
    pub fn of(within: bool) -> Self {
        if within { Self::WithinBudget } else { Self::OverBudget }
    }

    fn label(self) -> &'static str {
        match self {
            Self::WithinBudget => "within",
            Self::OverBudget => "over",
            Self::Informational => "",
        }
    }
}

/// The rows so far.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<[String; 5]>,
    size_failures: bool,
}

impl Table {
    /// Adds a value with its budget and its baseline.
    pub fn row(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        budget: &str,
        reference: impl Into<String>,
        verdict: Verdict,
    ) {
        let row = [
            what.into(),
            measured.into(),
            budget.to_owned(),
            reference.into(),
            verdict.label().to_owned(),
        ];
        eprintln!("   {}", row.join(" | "));
        self.rows.push(row);
    }

    /// Adds a value without a budget.
    pub fn information(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        reference: impl Into<String>,
    ) {
        self.row(what, measured, "", reference, Verdict::Informational);
    }

    /// Adds a number of bytes, the only kind of value that fails the run.
    pub fn size(&mut self, what: &str, bytes: usize, max: usize, reference: &str) {
        self.size_failures |= bytes > max;
        self.row(
            what,
            exactly(bytes),
            &format!("≤ {}", exactly(max)),
            reference,
            Verdict::of(bytes <= max),
        );
    }

    pub fn check_sizes(&self) -> bool {
        !self.size_failures
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["what", "measured", "budget", "reference in the same run", "verdict"]
            .map(str::to_owned);
        let rule = head.each_ref().map(|_| String::new());
        let mut widths = [0; 5];
        for row in std::iter::once(&head).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for (number, row) in [&head, &rule].into_iter().chain(&self.rows).enumerate() {
            for (width, cell) in widths.iter().zip(row) {
                let fill = if number == 1 { '-' } else { ' ' };
                let missing = width.saturating_sub(cell.chars().count());
                write!(out, "| {cell}{} ", fill.to_string().repeat(missing))?;
            }
            writeln!(out, "|")?;
        }
        Ok(())
    }
}

/// Bytes for people; a kilobyte is 1,000 bytes.
#[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
pub fn kilobytes(bytes: usize) -> String {
    let thousands = bytes as f64 / 1_000.0;
    if thousands < 1_000.0 {
        format!("{thousands:.1} kB")
    } else {
        format!("{:.1} MB", thousands / 1_000.0)
    }
}

/// The exact number of bytes.
#[expect(clippy::cast_precision_loss, reason = "shown without digits after the point")]
fn exactly(bytes: usize) -> String {
    format!("{} B", thousands(bytes as f64))
}

/// A count with thousands separators.
pub fn thousands(count: f64) -> String {
    let digits = format!("{count:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
