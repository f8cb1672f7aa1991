use super::*;
use crate::contract::test_store::RecordingSink;
use belfry_domain::ContactId;

const CONTACT: ContactId = ContactId(1);

fn site() -> SiteId {
    SiteId::from_bytes([1; 16])
}

/// A batch with one event for each version.
fn batch(first: i64, last: i64) -> Batch {
    let event = |version| InboxEvent::Invalidated {
        site: site(),
        contact: Some(CONTACT),
        version: Version(version),
    };
    Batch {
        site: site(),
        versions: Some((Version(first), Version(last))),
        events: (first..=last).map(event).collect(),
    }
}

fn sequencer(published: i64) -> (Arc<Sequencer>, Arc<RecordingSink>) {
    let sink = Arc::new(RecordingSink::default());
    let versions = vec![(site(), Version(published))];
    (Arc::new(Sequencer::new(sink.clone(), CommitSignals::default(), versions)), sink)
}

/// The published versions; 0 for each event that has clients reload.
fn published(sink: &RecordingSink) -> Vec<i64> {
    let version = |event: InboxEvent| event.version().map_or(0, |version| version.0);
    sink.take().into_iter().map(version).collect()
}

const RELOAD: [i64; 2] = [0, 0];
const NOTHING: [i64; 0] = [];

#[test]
fn events_are_published_in_the_order_of_versions() {
    let (sequencer, sink) = sequencer(3);
    sequencer.publish(batch(4, 5), true);
    assert_eq!(published(&sink), [4, 5]);
    sequencer.publish(batch(9, 9), true);
    sequencer.publish(batch(7, 7), true);
    assert_eq!(published(&sink), NOTHING, "6 is missing");
    sequencer.publish(batch(6, 6), true);
    assert_eq!(published(&sink), [6, 7], "8 is missing");
    assert!(sequencer.expire(Instant::now()), "8 may still come");
    sequencer.publish(batch(8, 8), true);
    assert_eq!(published(&sink), [8, 9]);
    assert!(!sequencer.expire(Instant::now() + MAX_WAIT));
    assert_eq!(published(&sink), NOTHING);
}

#[test]
fn clients_reload_if_events_do_not_arrive() {
    let (sequencer, sink) = sequencer(3);
    sequencer.publish(batch(6, 6), true);
    assert!(sequencer.expire(Instant::now()));
    assert!(!sequencer.expire(Instant::now() + MAX_WAIT));
    assert_eq!(published(&sink), [0, 0, 6]);
    // Late ones are for sockets; streams skip what is older than their greeting.
    sequencer.publish(batch(5, 5), true);
    sequencer.publish(batch(7, 7), true);
    assert_eq!(published(&sink), [5, 7]);
    sequencer.drop_until(site(), Version(9));
    sequencer.drop_until(site(), Version(9));
    assert_eq!(published(&sink), RELOAD);
}

#[test]
fn write_of_an_unknown_process_is_not_waited_for() {
    let (sequencer, sink) = sequencer(3);
    sequencer.publish(batch(5, 5), false);
    assert_eq!(published(&sink), [0, 0, 5]);
}

#[test]
fn site_of_another_process_begins_with_its_first_version() {
    let (sequencer, sink) = sequencer(3);
    let other = SiteId::from_bytes([2; 16]);
    let events = vec![InboxEvent::MessageUnlisted { site: other }];
    sequencer
        .publish(Batch { site: other, versions: Some((Version(0), Version(0))), events }, true);
    assert_eq!(sink.take().len(), 1);
}

#[test]
fn events_without_a_version_do_not_wait() {
    let (sequencer, sink) = sequencer(3);
    sequencer.publish(batch(5, 5), true);
    let events = vec![InboxEvent::MessageUnlisted { site: site() }];
    sequencer.publish(Batch { site: site(), versions: None, events }, true);
    assert_eq!(sink.take().len(), 1);
}

#[test]
fn compared_versions_are_waited_for() {
    let (sequencer, sink) = sequencer(3);
    let before = sequencer.versions();
    sequencer.compare(&before, vec![(site(), Version(5))]);
    assert!(sequencer.expire(Instant::now()));
    sequencer.publish(batch(4, 5), true);
    assert!(!sequencer.expire(Instant::now()));
    assert_eq!(published(&sink), [4, 5], "they were on the way");
    // What was published after the versions were read is no restored backup.
    sequencer.compare(&before, vec![(site(), Version(4))]);
    assert_eq!(published(&sink), NOTHING);
    sequencer.compare(&sequencer.versions(), vec![(site(), Version(6))]);
    assert!(!sequencer.expire(Instant::now() + MAX_WAIT));
    assert_eq!(published(&sink), RELOAD);
    sequencer.compare(&sequencer.versions(), vec![(site(), Version(2))]);
    assert_eq!(published(&sink), RELOAD, "a backup was restored");
    sequencer.publish(batch(3, 3), true);
    assert_eq!(published(&sink), [3]);
}

#[tokio::test]
async fn gaps_are_closed_by_time() {
    let (sequencer, sink) = sequencer(3);
    let closing = tokio::spawn({
        let sequencer = Arc::clone(&sequencer);
        async move { sequencer.close_gaps().await }
    });
    let began = Instant::now();
    sequencer.publish(batch(5, 5), true);
    while sequencer.versions()[&site()] != Version(5) {
        assert!(began.elapsed() < MAX_WAIT * 20, "nobody gave up");
        sleep(STEP).await;
    }
    assert!(began.elapsed() >= MAX_WAIT);
    assert_eq!(published(&sink), [0, 0, 5]);
    closing.abort();
}
