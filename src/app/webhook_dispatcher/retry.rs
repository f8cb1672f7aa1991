//! Retry policy: what follows from an attempt.

use belfry_domain::{DueDelivery, EndpointKind, RetryDecision, Rng, Timestamp};
use std::time::Duration;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// Seconds before the second attempt, the third, and so on: fourteen attempts within about a day.
const RETRY_DELAYS_SECONDS: [u64; 13] =
    [5, 30, 120, 600, 1_800, 3_600, 10_800, 10_800, 10_800, 10_800, 10_800, 10_800, 10_800];
/// The same for callback URLs and account webhooks: three attempts.
const CONVERSATION_RETRY_DELAYS_SECONDS: [u64; 2] = [3, 10];
/// Upper bound for the `Retry-After` of a receiver.
const MAX_RETRY_DELAY: Duration = Duration::from_hours(6);
/// The same for conversations, whose next event waits for this one.
const MAX_CONVERSATION_RETRY_DELAY: Duration = Duration::from_mins(1);

/// The decision after a response with this status, or after none.
pub(super) fn retry_decision(
    delivery: &DueDelivery,
    status: Option<u16>,
    retry_after: Option<&str>,
    now: Timestamp,
    rng: &dyn Rng,
) -> RetryDecision {
    let in_conversation = matches!(delivery.kind, EndpointKind::Callback | EndpointKind::Account);
    match (status, delivery.kind) {
        (Some(200..300), _) => return RetryDecision::Delivered,
        // One answer about one event does not disable an inbox's callback.
        (Some(300..=428 | 430..500), _) if in_conversation => return RetryDecision::GiveUp,
        (Some(410), _) => return RetryDecision::Disable,
        // Receivers of message webhooks answer 400 to a message that they will never accept.
        (Some(400), EndpointKind::Message) => return RetryDecision::GiveUp,
        _ => {}
    }
    let (pauses, longest): (&[u64], Duration) = if in_conversation {
        (&CONVERSATION_RETRY_DELAYS_SECONDS, MAX_CONVERSATION_RETRY_DELAY)
    } else {
        (&RETRY_DELAYS_SECONDS, MAX_RETRY_DELAY)
    };
    let pause = usize::try_from(delivery.attempts).ok().and_then(|done| pauses.get(done));
    let Some(seconds) = pause else { return RetryDecision::GiveUp };
    let own = Duration::from_millis(jitter(*seconds, rng));
    let requested =
        retry_after.and_then(|text| parse_retry_after(text, now)).unwrap_or_default().min(longest);
    RetryDecision::RetryAt(now.plus(own.max(requested)))
}

/// In milliseconds, up to a tenth more or less, so that deliveries that failed together are not
/// retried together.
fn jitter(seconds: u64, rng: &dyn Rng) -> u64 {
    let mut bytes = [0; 2];
    rng.fill(&mut bytes);
    let share = u64::from(u16::from_le_bytes(bytes)) * 200 / u64::from(u16::MAX);
    seconds * (900 + share)
}

/// Parses `Retry-After`: seconds, or an HTTP date.
fn parse_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(now.until(Timestamp::from_millis(date.unix_timestamp().checked_mul(1_000)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::WebhookPayload;
    use belfry_domain::{EndpointAuth, SiteId};

    struct Always(u8);

    impl Rng for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_796_112_000_000);

    fn after(
        attempts: u32,
        kind: EndpointKind,
        status: Option<u16>,
        retry_after: Option<&str>,
    ) -> RetryDecision {
        let delivery = DueDelivery {
            upstream_headers: false,
            number: 1,
            endpoint: 1,
            site: SiteId::from_bytes([1; 16]),
            kind,
            url: String::new(),
            auth: EndpointAuth::None,
            event: String::new(),
            payload: WebhookPayload::Raw(String::new()),
            attempts,
            is_failing: false,
        };
        retry_decision(&delivery, status, retry_after, NOW, &Always(0x80))
    }

    fn pause(attempts: u32, retry_after: Option<&str>) -> Option<u64> {
        match after(attempts, EndpointKind::Standard, Some(503), retry_after) {
            RetryDecision::RetryAt(at) => Some(NOW.until(at).as_secs()),
            _ => None,
        }
    }

    #[test]
    fn delays_grow_over_a_day_until_it_gives_up() {
        let pauses: Vec<u64> = (0..20).map_while(|attempts| pause(attempts, None)).collect();
        assert_eq!(pauses.len(), 13);
        assert!(pauses.is_sorted());
        let day = Duration::from_hours(24).as_secs();
        assert!((day * 9 / 10..=day * 11 / 10).contains(&pauses.iter().sum()), "{pauses:?}");
        assert_eq!(after(13, EndpointKind::Standard, None, None), RetryDecision::GiveUp);
        assert!(
            (4_500..=4_510).contains(&jitter(5, &Always(0))) && jitter(5, &Always(255)) == 5_500
        );
    }

    #[test]
    fn retry_after_is_honoured_up_to_a_bound() {
        assert_eq!(pause(0, Some("60")), Some(60));
        assert_eq!(pause(0, Some(" 1 ")), Some(5));
        assert_eq!(pause(0, Some("4000000000")), Some(6 * 3_600));
        assert_eq!(pause(0, Some("Tue, 01 Dec 2026 08:01:00 GMT")), Some(60));
        assert_eq!(pause(0, Some("Tue, 01 Dec 2020 08:01:00 GMT")), Some(5));
        for odd in ["", "-1", "soon", "99999999999999999999", "1.5"] {
            assert_eq!(pause(0, Some(odd)), Some(5), "{odd}");
        }
    }

    #[test]
    fn conversation_events_have_three_attempts() {
        for kind in [EndpointKind::Callback, EndpointKind::Account] {
            for status in [None, Some(429), Some(500), Some(503)] {
                assert!(
                    matches!(after(0, kind, status, None), RetryDecision::RetryAt(_)),
                    "{status:?}"
                );
                assert!(
                    matches!(after(1, kind, status, None), RetryDecision::RetryAt(_)),
                    "{status:?}"
                );
                assert_eq!(after(2, kind, status, None), RetryDecision::GiveUp, "{status:?}");
            }
            for status in [301, 400, 401, 404, 410, 422, 428, 430] {
                assert_eq!(after(0, kind, Some(status), None), RetryDecision::GiveUp, "{status}");
            }
            assert_eq!(after(0, kind, Some(204), None), RetryDecision::Delivered);
            let RetryDecision::RetryAt(at) = after(0, kind, Some(429), Some("3600")) else {
                panic!("it is tried again")
            };
            assert_eq!(NOW.until(at), Duration::from_mins(1));
        }
    }

    #[test]
    fn status_decides_what_follows() {
        for status in [200, 201, 204, 299] {
            assert_eq!(
                after(0, EndpointKind::Standard, Some(status), None),
                RetryDecision::Delivered
            );
        }
        assert_eq!(after(0, EndpointKind::Standard, Some(410), None), RetryDecision::Disable);
        assert_eq!(after(0, EndpointKind::Message, Some(400), None), RetryDecision::GiveUp);
        for status in [302, 400, 401, 404, 429, 500, 502, 503] {
            assert!(
                matches!(
                    after(0, EndpointKind::Standard, Some(status), None),
                    RetryDecision::RetryAt(_)
                ),
                "{status}"
            );
        }
        for status in [401, 429, 500, 502, 503] {
            assert!(
                matches!(
                    after(0, EndpointKind::Message, Some(status), None),
                    RetryDecision::RetryAt(_)
                ),
                "{status}"
            );
        }
    }
}
