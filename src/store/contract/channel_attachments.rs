//! Attachments of messages: how long they are kept, and how many a message has.

use super::{
    channel::{ConversationFixture, SITE},
    test_store::{NOW, TestStore},
};
use belfry_domain::channel::{
    ChannelToken, FileType, MessageKind, NewAttachment, NewMessage, Performer, Rejection, Thumbnail,
};

fn file(world: &TestStore, bytes: &'static [u8]) -> NewAttachment {
    NewAttachment {
        file_type: FileType::Image,
        key: ChannelToken::generate(&world.rng),
        filename: "cat.png".to_owned(),
        content_type: "image/png".to_owned(),
        extension: Some("png".to_owned()),
        dimensions: Some((640, 480)),
        bytes: bytes.into(),
        thumbnail: Some(Thumbnail {
            content_type: "image/webp".to_owned(),
            bytes: b"small".as_slice().into(),
        }),
        coordinates: None,
        fallback_title: None,
    }
}

pub async fn attachments_live_as_long_as_their_message(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, number) = (&world.store, fixture.begin(world).await.conversation.number);
    let (one, two) = (file(world, b"picture"), file(world, b"picture"));
    let (first_key, second_key) = (one.key.reveal().to_owned(), two.key.reveal().to_owned());
    let post = |attachment| {
        let draft = NewMessage {
            content: None,
            attachments: vec![attachment],
            ..NewMessage::text(MessageKind::Incoming, "")
        };
        async move {
            store
                .post_message(fixture.site, SITE, number, &draft, &Performer::Contact, NOW)
                .await
                .unwrap()
                .unwrap()
        }
    };
    let first = post(one).await;
    let second = post(two).await;
    let shown = &first.message.attachments[0];
    assert_eq!(
        (first.message.content.as_ref(), shown.key.as_str(), shown.size, shown.width),
        (None, first_key.as_str(), 7, Some(640))
    );
    assert_eq!(
        (shown.file_type, shown.has_thumbnail, shown.filename.as_str()),
        (FileType::Image, true, "cat.png")
    );
    assert_eq!(second.view.last_message.as_ref(), Some(&second.message));
    assert_eq!(second.message.attachments[0].id.0, 2);
    let got = store.attachment_file(&first_key, false).await.unwrap().unwrap();
    assert_eq!(
        (got.site, &got.bytes[..], got.content_type.as_str()),
        (fixture.site, b"picture".as_slice(), "image/png")
    );
    let small = store.attachment_file(&first_key, true).await.unwrap().unwrap();
    assert_eq!(
        (&small.bytes[..], small.content_type.as_str()),
        (b"small".as_slice(), "image/webp")
    );
    assert_eq!(store.attachment_file("unknown", false).await.unwrap(), None);
    let deleted = store
        .delete_message(fixture.site, SITE, (number, first.message.id), &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(deleted.message.attachments, []);
    store.sweep_channel(NOW).await.unwrap();
    assert_eq!(store.attachment_file(&first_key, false).await.unwrap(), None);
    // The other one has the same bytes.
    assert!(store.attachment_file(&second_key, false).await.unwrap().is_some());
    store
        .delete_message(fixture.site, SITE, (number, second.message.id), &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    assert!(store.sweep_channel(NOW).await.unwrap() > 0);
    let back = file(world, b"picture");
    let key = back.key.reveal().to_owned();
    post(back).await;
    assert!(store.attachment_file(&key, false).await.unwrap().is_some());
}

pub async fn attachments_per_message_are_bounded(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let number = fixture.begin(world).await.conversation.number;
    let many = |count: usize| NewMessage {
        attachments: (0..count).map(|_| file(world, b"x")).collect(),
        ..NewMessage::text(MessageKind::Outgoing, "files")
    };
    let post = |draft| async move {
        world
            .store
            .post_message(fixture.site, SITE, number, &draft, &Performer::System, NOW)
            .await
            .unwrap()
    };
    assert_eq!(post(many(15)).await.unwrap().message.attachments.len(), 15);
    assert!(
        matches!(post(many(16)).await, Err(Rejection::Invalid(invalid)) if invalid.field == "attachments")
    );
}
