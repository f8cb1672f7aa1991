//! File descriptor exhaustion while the server runs.

use super::{
    compare,
    fixture::{FaultFixture, message},
    history::{Action, Outcome, WAIT_TIMEOUT},
    load::Load,
    work,
};
use crate::server::process::{DataDir, Server, ask};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// How long the processor time of the waiting server is observed.
const OBSERVATION: Duration = Duration::from_secs(2);

/// Sends one request on a persistent connection; returns the status.
fn ask_on(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap()
        .parse()
        .unwrap();
    stream.read_exact(&mut vec![0; length]).unwrap();
    head[9..12].to_owned()
}

/// Processor time that the server has used.
fn used(server: &Server) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.child.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // In hundredths of a second (proc(5), USER_HZ).
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

#[test]
fn server_recovers_from_descriptor_exhaustion() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    let (shop, mut load) = (FaultFixture::open(&home, &server), Load::new(41));
    work(&mut load, &shop, &server, 40, || {});
    let process = i32::try_from(server.child.id()).unwrap();
    let (mut soft, mut hard) = (0, 0);
    rlimit::prlimit(process, rlimit::Resource::NOFILE, None, Some((&mut soft, &mut hard))).unwrap();
    let limit = |files: u64| {
        rlimit::prlimit(process, rlimit::Resource::NOFILE, Some((files, hard)), None).unwrap();
    };

    let mut open = server.connect();
    let authorization = shop.authorization();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n{authorization}\r\n\r\n");
    assert_eq!(ask_on(&mut open, &get("/v1/messages")), "200");
    // With this limit no further descriptor can be opened.
    limit(3);

    // New connections wait, or are refused.
    let body = message("meanwhile", None);
    let publish = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\n{authorization}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let address = server.address;
    let waiting: Vec<_> =
        (0..8).map(|_| thread::spawn(move || ask(address, "GET", "/healthz", &[], ""))).collect();
    let (begun, before) = (Instant::now(), used(&server));
    let mut asked = 0;
    while begun.elapsed() < OBSERVATION
        || !server.log().contains("connections could not be accepted")
    {
        assert!(begun.elapsed() < WAIT_TIMEOUT, "{}", server.log());
        // Established connections are served.
        assert_eq!(ask_on(&mut open, &get("/v1/messages")), "200");
        asked += 1;
        thread::sleep(Duration::from_millis(100));
    }
    let (passed, used) = (begun.elapsed(), used(&server).saturating_sub(before));
    assert!(
        used < passed / 2,
        "{used:?} of {passed:?}, and {asked} requests, while nothing could be accepted"
    );
    let published = shop.history.begin();
    assert_eq!(ask_on(&mut open, &publish), "201");
    limit(soft);

    for waited in waiting {
        assert!(waited.join().unwrap().is_none_or(|answer| answer.status == 200));
    }
    let begun = Instant::now();
    while ask(server.address, "GET", "/healthz", &[], "").is_none_or(|answer| answer.status != 200)
    {
        assert!(begun.elapsed() < WAIT_TIMEOUT, "no connection is accepted afterwards");
    }
    let found =
        shop.as_backend(server.address, "GET", "messages?q=meanwhile", None, "").unwrap().json();
    let made = found["items"][0]["id"].as_str().unwrap().to_owned();
    shop.history.end(
        published,
        Action::Publish { title: "meanwhile".to_owned(), to: None },
        Outcome::Done(made),
    );
    work(&mut load, &shop, &server, 40, || {});
    compare(&home, &server, &shop, &mut load, &[409, 429]);
}
