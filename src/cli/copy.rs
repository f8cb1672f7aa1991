//! `belfry copy`.

use super::{Common, Failure, output};
use belfry_domain::ValidationError;
use belfry_store::{CopyError, CopyProgress, DatabaseOptions, SqlStore, copy_database};
use clap::Args;
use serde_json::json;
use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// The time between two messages about the progress, without a terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// The same on a terminal, where one replaces the other.
const BAR_EVERY: Duration = Duration::from_millis(100);
/// The characters of the bar.
const BAR_WIDTH: u64 = 24;

const EXAMPLES: &str = "\
From a file to a server, while `belfry serve` runs on the file:
  export BELFRY_COPY_TO=postgres://belfry:…@db.example/inbox
  belfry copy --from sqlite://belfry.db
Then stop `belfry serve`, and take over what has changed since:
  belfry copy --from sqlite://belfry.db
Then start it with DATABASE_URL=postgres://… and the same secret key file.

A copy that was interrupted goes on when the same command is given again.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Copy {
    /// URL of the database to copy, which is only read [default: that of --database-url]
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// URL of the database to copy to: a new one, or a copy of the same database that nobody has
    /// opened yet. In the environment nobody else on the machine can read its password
    #[arg(long, env = "BELFRY_COPY_TO", hide_env_values = true, value_name = "URL")]
    to: String,
}

pub(super) async fn run(common: &Common, copy: Copy) -> Result<(), Failure> {
    let from = copy.from.as_deref().unwrap_or_else(|| common.database_url());
    let from = parse("from", from)?;
    let to = parse("to", &copy.to)?.with_secret_key_file(common.secret_key_file.clone());
    let mut display = Display::new();
    let report = copy_database(&from, &to, &mut |progress| display.show(progress)).await;
    display.end();
    let report = report?;
    output::print_json(&json!({
        "from": from.place(),
        "to": to.place(),
        "rows": report.rows,
        "written": report.written(),
        "seconds": display.began.elapsed().as_secs_f64(),
        "tables": report.tables,
    }))?;
    if let Some(table) = report.differing().first() {
        return Err(Failure::failed(format!(
            "the table {table} of {} is not the same as in {}; give the same command again",
            to.place(),
            from.place()
        )));
    }
    let file = to.secret_key_path();
    if !SqlStore::secret_key_fits(&from, &file).await.unwrap_or(false) {
        output::print_note(&format!(
            "belfry: the secret key file was not copied, and {} is not that of this database: give the copy the same file as before, with --secret-key-file",
            file.display()
        ));
    }
    Ok(())
}

fn parse(flag: &'static str, url: &str) -> Result<DatabaseOptions, Failure> {
    DatabaseOptions::parse(url)
        .map_err(|invalid| Failure::invalid_flag(ValidationError::new(flag, invalid.reason)))
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        Self::failed(error.to_string())
    }
}

/// The progress on standard error: a bar on a terminal, lines otherwise.
struct Display {
    began: Instant,
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Display {
    fn new() -> Self {
        Self { began: Instant::now(), shown: None, is_terminal: std::io::stderr().is_terminal() }
    }

    fn show(&mut self, progress: &CopyProgress) {
        let every = if self.is_terminal { BAR_EVERY } else { LINE_EVERY };
        // A copy that takes a moment needs no lines.
        if self.shown.unwrap_or(self.began).elapsed() < every {
            return;
        }
        self.shown = Some(Instant::now());
        let text = describe(progress, self.began.elapsed());
        if self.is_terminal {
            let full = BAR_WIDTH * progress.done / progress.total.max(1);
            let bar: String =
                (0..BAR_WIDTH).map(|place| if place < full { '#' } else { '.' }).collect();
            // There is nowhere to report that standard error can't be written.
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K[{bar}] {text}");
        } else {
            output::print_note(&text);
        }
    }

    /// Removes the bar.
    fn end(&mut self) {
        if self.is_terminal && self.shown.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}

/// `message: 250000 of 1000000 rows, 25 %, 50000 rows/s, 15 s left`.
fn describe(progress: &CopyProgress, elapsed: Duration) -> String {
    let CopyProgress { table, done, total } = progress;
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = done.saturating_mul(1_000) / millis;
    let left = match total.saturating_sub(*done).checked_div(rate) {
        Some(seconds) => format!(", {seconds} s left"),
        None => String::new(),
    };
    let percent = done * 100 / total.max(&1);
    format!("{table}: {done} of {total} rows, {percent} %, {rate} rows/s{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_names_rows_rate_and_time_left() {
        let progress =
            CopyProgress { table: "message".to_owned(), done: 250_000, total: 1_000_000 };
        assert_eq!(
            describe(&progress, Duration::from_secs(5)),
            "message: 250000 of 1000000 rows, 25 %, 50000 rows/s, 15 s left"
        );
        let begun = CopyProgress { done: 0, total: 0, ..progress };
        assert_eq!(describe(&begun, Duration::ZERO), "message: 0 of 0 rows, 0 %, 0 rows/s");
    }
}
