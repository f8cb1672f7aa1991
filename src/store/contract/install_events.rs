//! Install events and onboarding.

use super::test_store::{NOW, TestStore, after};
use belfry_domain::{
    ContactId, InstallEvent, InstallIssue, InstallStep, Onboarding, ReaderAction, Timestamp,
};

fn sighting(
    step: InstallStep,
    host: &str,
    issue: Option<InstallIssue>,
    at: Timestamp,
) -> InstallEvent {
    let origin = (!host.is_empty()).then(|| format!("https://{host}").parse().unwrap());
    InstallEvent { step, origin, issue, at }
}

pub async fn event_is_stored_once_with_its_last_time(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let first = sighting(InstallStep::Widget, "shop.example", None, NOW);
    let later = InstallEvent { at: after(60), ..first.clone() };
    let refused =
        sighting(InstallStep::Widget, "evil.example", Some(InstallIssue::Origin), after(30));
    for install_event in [&later, &first, &refused] {
        world.store.record_install_event(site, install_event).await.unwrap();
    }
    assert_eq!(world.store.install_events(site).await.unwrap(), [later, refused]);
    assert_eq!(world.store.install_events(other).await.unwrap(), []);
}

pub async fn newest_events_of_a_site_are_kept(world: &TestStore) {
    let (site, _) = world.site("a").await;
    for number in 0..60 {
        world
            .store
            .record_install_event(
                site,
                &sighting(InstallStep::Widget, &format!("{number}.example"), None, after(number)),
            )
            .await
            .unwrap();
    }
    let install_events = world.store.install_events(site).await.unwrap();
    assert_eq!(
        (install_events.len(), install_events[0].at, install_events[49].at),
        (50, after(59), after(10))
    );
}

pub async fn onboarding_progresses_step_by_step(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let reader: ContactId = world.contact(site, "reader").await;
    let expect = async |widget, token, message, read| {
        assert_eq!(
            world.store.onboarding(site).await.unwrap(),
            Onboarding { widget, token, message, read }
        );
    };
    expect(false, false, false, false).await;
    world
        .store
        .record_install_event(
            site,
            &sighting(InstallStep::Token, "", Some(InstallIssue::Contact), NOW),
        )
        .await
        .unwrap();
    expect(false, false, false, false).await;
    world
        .store
        .record_install_event(site, &sighting(InstallStep::Token, "", None, NOW))
        .await
        .unwrap();
    world
        .store
        .record_install_event(site, &sighting(InstallStep::Widget, "shop.example", None, NOW))
        .await
        .unwrap();
    expect(true, true, false, false).await;
    let message = world.publish(site, None).await;
    expect(true, true, true, false).await;
    world.act(site, reader, ReaderAction::Read(vec![message])).await;
    expect(true, true, true, true).await;
    assert_eq!(world.store.onboarding(other).await.unwrap(), Onboarding::default());
}
