//! What arrives by itself: the event stream, and getting back to it whenever it is lost.

use super::{actions, dom, list, net, take, texts};
use js_sys::{Array, JSON, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventSource, MessageEvent};

/// First and longest wait before another try, in milliseconds; each is stretched at random by up to as much again.
const FIRST_WAIT: i32 = 1_000;
const LONGEST_WAIT: i32 = 30_000;
/// After a recall each reader looks at the counts at a moment of their own within so many milliseconds.
const SPREAD: i32 = 1_500;

thread_local! {
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    static WAIT: Cell<i32> = const { Cell::new(FIRST_WAIT) };
    static WAITING: Cell<bool> = const { Cell::new(false) };
    /// Whether the list is being fetched anew.
    static SYNCING: Cell<bool> = const { Cell::new(false) };
    /// The last change that the list holds. The counts may be ahead of it: an answer to a mark overtakes the stream.
    static CURSOR: Cell<i64> = Cell::new(dom::number("version"));
}

/// Opens the stream, and opens it again at once when the network or the reader comes back.
pub(super) fn start() {
    open();
    let (Some(window), Some(document)) = (dom::window(), dom::document()) else { return };
    dom::listen(&window, "online", |_| wake());
    dom::listen(&document, "visibilitychange", |_| wake());
}

fn wake() {
    let closed = SOURCE.with_borrow(|source| source.as_ref().is_none_or(|source| source.ready_state() == EventSource::CLOSED));
    if closed {
        WAIT.set(FIRST_WAIT);
        recover();
    }
}

fn open() {
    spawn_local(async {
        let mut address = [
            dom::attribute("base").unwrap_or_default(),
            "/events?reader=".to_owned(),
            dom::attribute("reader").unwrap_or_default(),
            "&language=".to_owned(),
            dom::attribute("language").unwrap_or_default(),
            "&since=".to_owned(),
            CURSOR.get().to_string(),
        ]
        .concat();
        if net::without_cookie() {
            match net::post("/ticket", "{}").await {
                Ok(answer) => address = [address, "&ticket=".to_owned(), net::string(&answer, "ticket").unwrap_or_default()].concat(),
                Err(_) => return retry_later(),
            }
        }
        match EventSource::new(&address) {
            Ok(source) => follow(source),
            Err(_) => retry_later(),
        }
    });
}

fn follow(source: EventSource) {
    let on = |name: &str, handler: fn(&JsValue)| {
        dom::listen(&source, name, move |event| {
            if let Some(data) = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string()).and_then(|text| JSON::parse(&text).ok()) {
                handler(&data);
            }
        });
    };
    on("message", arrived);
    on("edited", edited);
    on("removed", removed);
    on("counts", counted);
    on("resync", |_| resync());
    on("ended", |_| ended());
    dom::listen(&source, "open", |_| {
        WAIT.set(FIRST_WAIT);
        connected(true);
    });
    let failing = source.clone();
    dom::listen(&source, "error", move |_: Event| {
        connected(false);
        // The browser tries again by itself after a lost connection, but not after an answer it did not expect.
        if failing.ready_state() == EventSource::CLOSED {
            retry_later();
        }
    });
    if let Some(old) = SOURCE.replace(Some(source)) {
        old.close();
    }
}

fn connected(yes: bool) {
    let offline = dom::by_id("offline");
    if let Some(offline) = offline {
        let _ = if yes { offline.set_attribute("hidden", "") } else { offline.remove_attribute("hidden") };
    }
    dom::set_attribute("stream", if yes { "open" } else { "lost" });
}

fn retry_later() {
    if WAITING.replace(true) {
        return;
    }
    let wait = WAIT.get();
    WAIT.set((wait * 2).min(LONGEST_WAIT));
    dom::later(stretched(wait), || {
        WAITING.set(false);
        recover();
    });
}

/// Proves the session, with a new token if it must be, and opens the stream again.
fn recover() {
    spawn_local(async {
        match net::get("/counts").await {
            Ok(_) => open(),
            Err(net::Failure::Refused(409)) => {}
            Err(_) => retry_later(),
        }
    });
}

fn ended() {
    if let Some(source) = SOURCE.take() {
        source.close();
    }
    connected(false);
    // All streams of a site may end at one moment; their readers come back spread over a little time.
    dom::later(stretched(0), recover);
}

#[expect(clippy::cast_possible_truncation, reason = "versions stay below 2^53")]
fn version(data: &JsValue) -> i64 {
    net::number(data, "version").unwrap_or_default() as i64
}

/// Moves the cursor along the stream. The list takes every event, in the order of the stream; the counts only what is news to them.
fn step(data: &JsValue) -> i64 {
    let version = version(data);
    CURSOR.set(CURSOR.get().max(version));
    version
}

fn arrived(data: &JsValue) {
    let (Some(id), Some(html)) = (net::string(data, "id"), net::string(data, "html")) else { return };
    let version = step(data);
    if list::put(&id, &html, pinned(data)) {
        actions::announce(&id);
    }
    actions::arrived(version);
}

fn edited(data: &JsValue) {
    step(data);
    let id = net::string(data, "id").unwrap_or_default();
    match list::item(&id).map(|item| list::is_pinned(&item)) {
        Some(shown) if shown == pinned(data) => list::replace(&id, &net::string(data, "html").unwrap_or_default()),
        None if !pinned(data) => {}
        // Its place has changed, too.
        _ => resync(),
    }
}

fn pinned(data: &JsValue) -> bool {
    Reflect::get(data, &"pinned".into()).is_ok_and(|value| value.is_truthy())
}

fn removed(data: &JsValue) {
    step(data);
    list::remove(&net::string(data, "id").unwrap_or_default());
    // Whether it was unread is not known for what is further down than what is shown.
    dom::later(stretched(0), || spawn_local(recount()));
}

fn counted(data: &JsValue) {
    step(data);
    take(data);
    if Reflect::get(data, &"all".into()).is_ok_and(|value| value.is_truthy()) {
        list::read_all();
    }
    let read = Reflect::get(data, &"read".into()).ok().and_then(|read| read.dyn_into::<Array>().ok()).unwrap_or_default();
    for id in read.iter().filter_map(|id| id.as_string()) {
        if let Some(item) = list::item(&id) {
            list::set_unread(&item, false);
        }
    }
}

async fn recount() {
    if let Ok(answer) = net::get("/counts").await {
        take(&answer);
    }
}

/// Something was missed: the first part of the list is fetched anew, again and again until it comes.
fn resync() {
    if !SYNCING.replace(true) {
        spawn_local(look_again(FIRST_WAIT));
    }
}

async fn look_again(wait: i32) {
    let path = ["/messages?language=", &dom::attribute("language").unwrap_or_default()].concat();
    let wait = match net::get(&path).await {
        Ok(answer) if version(&answer) >= CURSOR.get() => {
            SYNCING.set(false);
            dom::notice("");
            CURSOR.set(version(&answer));
            take(&answer);
            list::reset(&net::string(&answer, "html").unwrap_or_default(), net::number(&answer, "next"));
            if actions::is_open() {
                actions::seen();
            }
            return;
        }
        // The stream has overtaken this answer; taking it would lose what the stream brought.
        Ok(_) => 0,
        Err(_) => {
            dom::notice(&texts::text("offline"));
            wait
        }
    };
    dom::later(stretched(wait), move || spawn_local(look_again((wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT))));
}

#[expect(clippy::cast_possible_truncation, reason = "at most a minute of milliseconds")]
fn stretched(wait: i32) -> i32 {
    wait + (f64::from(wait.max(SPREAD)) * js_sys::Math::random()) as i32
}
