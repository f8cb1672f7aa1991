//! A reader's list and marks beside those of django-notifications-hq, which stores notifications in the
//! same `PostgreSQL` server, under gunicorn. `BELFRY_BENCH_DJANGO` names a Python that has both.

use super::{Scale, by_reader, list_call, serve};
use crate::{
    Outcome,
    client::Call,
    databases,
    fixtures::Fixture,
    load::{self, Measured, Plan},
    report::{Table, Verdict, thousands},
    server::{TermGuard, wait_until_ready},
};
use serde::Deserialize;
use serde_json::json;
use std::{
    env,
    ffi::OsString,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Command, Stdio},
};

const CONNECTIONS: usize = 16;
const PROGRAM: &str = "src/tests/bench/peers";
const DATABASE: &str = "belfry_bench_django";
/// How many times as many requests Belfry answers.
const MIN_RATIO: f64 = 20.0;

/// Its readers, and the ids of what each of them has not read.
#[derive(Deserialize)]
struct Readers {
    cookies: Vec<String>,
    unread: Vec<Vec<u64>>,
}

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    let Some(python) = env::var_os("BELFRY_BENCH_DJANGO") else {
        table.information(
            "beside django-notifications-hq",
            "not measured",
            "BELFRY_BENCH_DJANGO names no Python with it",
        );
        return Ok(());
    };
    eprintln!("== django-notifications-hq");
    let [its_list, its_marks] = django(folder, &python, scale).await?;
    eprintln!("== the same requests to Belfry");
    let server = serve(stock, table).await?;
    let lists = stock.cookies.iter().map(|cookie| list_call(stock, cookie)).collect();
    let list = run(folder, server.address, server.id, lists, scale.requests)?;
    let mut calls = Vec::new();
    for message in stock.broadcasts().take((scale.requests / stock.cookies.len()).max(1)) {
        let body = json!({ "read": [message] }).to_string();
        let path = format!("/embed/{}/marks", stock.site);
        let mark = Call::post(path, "application/json", body);
        calls.extend(stock.cookies.iter().map(|cookie| by_reader(mark.clone(), cookie)));
    }
    let total = calls.len();
    let marks = run(folder, server.address, server.id, calls, total)?;
    for (name, ours, theirs) in [
        ("list of 20 unread messages", list, its_list),
        ("mark one message as read", marks, its_marks),
    ] {
        let (rate, reference) = (ours.report.rate(), theirs.report.rate());
        table.row(
            name,
            format!("{:.0} × its rate: {}/s, {}", rate / reference, thousands(rate), ours.cost()),
            &format!("≥ {MIN_RATIO:.0} ×"),
            format!(
                "django-notifications-hq: {}/s, {:.0} µs of PostgreSQL each",
                thousands(reference),
                theirs.database_micros()
            ),
            Verdict::of(rate >= reference * MIN_RATIO),
        );
    }
    Ok(())
}

async fn django(folder: &Path, python: &OsString, scale: &Scale) -> Outcome<[Measured; 2]> {
    databases::create(DATABASE).await?;
    let command = |program: &OsString| {
        let mut command = Command::new(program);
        command
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(PROGRAM))
            .env("BELFRY_BENCH_PEER_DATABASE", DATABASE)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stderr(Stdio::null());
        command
    };
    let filled = command(python).args(["django_notifications.py", "fill"]).output()?;
    let readers: Readers = serde_json::from_slice(&filled.stdout)
        .map_err(|_| "django-notifications-hq could not be set up")?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    // As many workers as its documentation advises for two cores.
    let bind = address.to_string();
    let server = command(python)
        .args(["-m", "gunicorn", "--bind", &bind, "--workers", "5", "--threads", "2"])
        .args(["--worker-class", "gthread", "--keep-alive", "60"])
        .arg("django_notifications:application")
        .stdout(Stdio::null())
        .spawn()?;
    let server = TermGuard(server);
    wait_until_ready(address, &Call::get("/ready")).await?;
    let by = |path: String, cookie: &String| Call::get(path).header("cookie", cookie);
    let list = |cookie| by("/inbox/api/unread_list/?max=20".to_owned(), cookie);
    // It is slow: a fifth of the requests.
    let requests = scale.requests / 5;
    let lists: Vec<Call> = readers.cookies.iter().map(list).collect();
    let id = server.0.id();
    let lists = run(folder, address, id, lists, requests)?;
    // Each reader marks a different one each time, so that every request writes.
    let each = (requests / readers.cookies.len()).max(1);
    let marks: Vec<Call> = (0..each)
        .flat_map(|place| readers.cookies.iter().zip(&readers.unread).map(move |of| (place, of)))
        .filter_map(|(place, (cookie, unread))| {
            Some(by(format!("/mark/{}", unread.get(place)?), cookie))
        })
        .collect();
    let total = marks.len();
    let marks = run(folder, address, id, marks, total)?;
    Ok([lists, marks])
}

fn run(
    folder: &Path,
    address: SocketAddr,
    server: u32,
    calls: Vec<Call>,
    total: usize,
) -> Outcome<Measured> {
    load::run(folder, &Plan { address, connections: CONNECTIONS, total, calls }, server)
}
