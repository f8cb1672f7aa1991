//! Conversations: open `/cable` connections, the latency of a message to its contact and an agent,
//! and the agent's list.

use super::{Scale, list::milliseconds};
use crate::{
    Outcome,
    cable_clients::{self, Plan, Report},
    client::Call,
    conversations::ConversationFixture,
    databases, load,
    report::{Table, Verdict, kilobytes, thousands},
    server::{ChildGuard, Lines, Process, with_many_files},
};
use std::{io::Write as _, path::Path, process::Stdio};

/// Connections that request the list.
const CONNECTIONS: usize = 16;
/// The minimum ratio of the request rate with many conversations to that with few.
const MIN_SHARE: f64 = 0.6;

/// Subscribed clients in a process of their own.
struct Clients {
    child: ChildGuard,
    lines: Lines,
}

impl Clients {
    fn open(folder: &Path, plan: &Plan) -> Outcome<Self> {
        let file = folder.join("cable.json");
        std::fs::write(&file, serde_json::to_vec(plan)?)?;
        let mut command = with_many_files(std::env::current_exe()?);
        let mut child = ChildGuard(
            command
                .arg(cable_clients::ROLE)
                .arg(&file)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?,
        );
        let mut lines = Lines::of(&mut child.0)?;
        if lines.next()? != "open" {
            return Err("the clients could not subscribe; `ulimit -n` must allow them".into());
        }
        Ok(Self { child, lines })
    }

    fn measure(mut self) -> Outcome<Report> {
        self.child.0.stdin.take().ok_or("no input")?.write_all(b"go\n")?;
        Ok(serde_json::from_str(&self.lines.next()?)?)
    }
}

/// Measures the memory of each idle connection.
pub async fn idle(folder: &Path, count: usize, table: &mut Table) -> Outcome<()> {
    let stock = ConversationFixture::fill(folder, i64::try_from(count)?, count).await?;
    eprintln!("== {count} connections of /cable");
    let server = Process::belfry(&stock.file).await?;
    server.settle().await?;
    // Memory that the first connections allocate once must not be attributed to all of them.
    let some = stock.contacts.iter().take(count / 20).cloned().collect();
    drop(Clients::open(
        folder,
        &Plan { address: server.address, identifiers: some, messages: Vec::new() },
    )?);
    server.settle().await?;
    let before = server.resident()?;
    let plan =
        Plan { address: server.address, identifiers: stock.contacts.clone(), messages: Vec::new() };
    let clients = Clients::open(folder, &plan)?;
    server.settle().await?;
    let each = server.resident()?.saturating_sub(before) / count;
    drop(clients);
    let name = thousands(f64::from(u32::try_from(count)?));
    let reference = format!("{} in all before them", kilobytes(before));
    table.row(
        format!("{name} subscribed /cable connections, memory each"),
        kilobytes(each),
        "≤ 12 kB",
        reference,
        Verdict::of(each <= 12_000),
    );
    Ok(())
}

/// Many conversations, with each contact and an agent connected: half of the messages are the
/// agent's, half the contact's.
pub async fn messages(folder: &Path, count: usize, table: &mut Table) -> Outcome<()> {
    let stock = ConversationFixture::fill(folder, i64::try_from(count)?, count).await?;
    eprintln!("== {count} conversations at once");
    let server = Process::belfry(&stock.file).await?;
    server.settle().await?;
    let identifiers = std::iter::once(&stock.agent).chain(&stock.contacts).cloned().collect();
    let message = |number: usize| {
        let (account, inbox, number) = (stock.account, &stock.inbox, number + 1);
        if number.is_multiple_of(2) {
            let call = Call::post(
                format!("/api/v1/accounts/{account}/conversations/{number}/messages"),
                "application/json",
                "",
            );
            call.header("api_access_token", &stock.access_token)
        } else {
            let path = format!(
                "/public/api/v1/inboxes/{inbox}/contacts/s{number}/conversations/{number}/messages"
            );
            Call::post(path, "application/json", "")
        }
    };
    let plan =
        Plan { address: server.address, identifiers, messages: (0..count).map(message).collect() };
    let report = Clients::open(folder, &plan)?.measure()?;
    let name = thousands(f64::from(u32::try_from(count)?));
    for (who, (half, most)) in [("agent", report.agent), ("contact", report.contact)] {
        table.row(
            format!("{name} conversations, message to receipt at the {who}"),
            format!("p99 {:.0} ms (p50 {:.0})", milliseconds(most), milliseconds(half)),
            "p99 ≤ 1 s",
            format!(
                "8 write at once; the last receipt after {:.0} ms",
                milliseconds(report.last_millis)
            ),
            Verdict::of(most <= 1_000_000),
        );
    }
    Ok(())
}

/// The agent's list with each filter, with few conversations and with many.
pub async fn lists(folder: &Path, scale: &Scale, table: &mut Table) -> Outcome<()> {
    let filters = [
        ("open", "status=open"),
        ("mine", "status=open&assignee_type=me"),
        ("unassigned", "status=open&assignee_type=unassigned"),
        ("a label", "status=all&labels[]=vip"),
        ("a rare word", "status=all&q=rare"),
    ];
    let mut fewest: Vec<f64> = Vec::new();
    for count in &scale.conversations {
        let stock = ConversationFixture::fill(folder, *count, 0).await?;
        let size = thousands(f64::from(i32::try_from(stock.count)?));
        eprintln!("== list of conversations: {size} stored");
        let server = Process::belfry(&stock.file).await?;
        server.settle().await?;
        for (place, (name, filter)) in filters.iter().enumerate() {
            let call =
                Call::get(format!("/api/v1/accounts/{}/conversations?{filter}", stock.account))
                    .header("api_access_token", &stock.access_token);
            let mut plan = load::Plan {
                address: server.address,
                connections: CONNECTIONS,
                total: CONNECTIONS,
                calls: vec![call],
            };
            // A warm-up run, so that reads from disk aren't measured.
            load::run(folder, &plan, server.id)?;
            plan.total = scale.requests;
            let measured = load::run(folder, &plan, server.id)?;
            let rate = measured.report.rate();
            let figures = format!(
                "{}/s, p50 {:.1} ms, p99 {:.1} ms, {}",
                thousands(rate),
                milliseconds(measured.report.within(0, 0.5)),
                milliseconds(measured.report.within(0, 0.99)),
                measured.cost()
            );
            let title = format!("conversations, {size} stored: {name}");
            match fewest.get(place) {
                None => {
                    fewest.push(rate);
                    table.information(title, figures, "25 with their counts");
                }
                Some(fewest) => {
                    let budget =
                        format!("≥ {:.0} % of the rate with the fewest", MIN_SHARE * 100.0);
                    table.row(
                        title,
                        figures,
                        &budget,
                        format!("{:.0} % of it", 100.0 * rate / fewest),
                        Verdict::of(rate >= fewest * MIN_SHARE),
                    );
                }
            }
        }
        drop(server);
        databases::remove(&stock.file).await?;
    }
    Ok(())
}
