//! Agents who view a conversation: what they receive, and who learns of them.

use super::*;

#[tokio::test]
async fn viewer_receives_only_its_conversation() {
    let hub = hub();
    let (mut here, _here) = listen(&hub, viewer(1, 1));
    let (mut elsewhere, _elsewhere) = listen(&hub, viewer(2, 2));
    announce(&hub, said(false));
    assert_eq!(
        (heard(&mut here), heard(&mut elsewhere)),
        (vec!["message.created".to_owned()], Vec::new())
    );
}

#[tokio::test]
async fn viewers_are_notified_of_each_other() {
    let hub = hub();
    let (mut first, place) = listen(&hub, viewer(1, 1));
    let (mut second, other) = listen(&hub, viewer(2, 1));
    let (mut again, third) = listen(&hub, viewer(1, 1));
    let names = |place: &ConversationSubscription| {
        place.viewers().into_iter().map(|viewer| viewer.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&place), ["agent 1", "agent 2", "agent 1"]);
    drop(third);
    drop(other);
    assert_eq!(
        heard(&mut first),
        ["agent 2 joined", "agent 1 joined", "agent 1 left", "agent 2 left"]
    );
    assert_eq!(
        heard(&mut second),
        ["agent 1 joined", "agent 1 left"],
        "an ended subscription receives nothing"
    );
    assert_eq!(heard(&mut again), Vec::<String>::new());
    assert_eq!(names(&place), ["agent 1"]);
    // A connection that was aborted has left as well.
    let (slow, cut) = listen(&hub, viewer(3, 1));
    drop(slow);
    announce(&hub, said(false));
    drop(cut);
    assert_eq!(heard(&mut first), ["agent 3 joined", "message.created", "agent 3 left"]);
}
