//! Automatic replies of an inbox: a greeting to the first message of a conversation, or an
//! out-of-office message.
//!
//! The store calls it for each incoming message. Doesn't know how conversations are stored.

use super::{InboxSettings, time_zone::LocalTime};
use crate::Timestamp;
use std::time::Duration;

/// No out-of-office message is sent this soon after an agent's reply.
const RECENT_REPLY: Duration = Duration::from_mins(5);

/// Times of the last replies in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastReplies {
    /// The last public message of an agent.
    pub by_agents: Option<Timestamp>,
    /// The last message of the system.
    pub by_system: Option<Timestamp>,
}

impl InboxSettings {
    /// Whether the inbox is within its working hours; always true if they are not enabled.
    pub fn is_attended(&self, at: Timestamp) -> bool {
        !self.working_hours_enabled
            || self.working_hours.is_open_at(&LocalTime::of(&self.timezone, at))
    }

    /// The automatic reply to an incoming message, if any. The out-of-office message is sent once a
    /// day and replaces the greeting.
    pub fn automatic_reply(&self, replies: LastReplies, now: Timestamp) -> Option<&str> {
        fn text(text: Option<&String>) -> Option<&str> {
            text.map(String::as_str).filter(|text| !text.trim().is_empty())
        }
        let greeting = || {
            let is_first = replies == LastReplies::default();
            text(self.greeting_message.as_ref()).filter(|_| self.greeting_enabled && is_first)
        };
        self.absence(replies, now)
            .then(|| text(self.out_of_office_message.as_ref()))
            .flatten()
            .or_else(greeting)
    }

    /// Whether the out-of-office message is due.
    fn absence(&self, replies: LastReplies, now: Timestamp) -> bool {
        if self.is_attended(now) || replies.by_agents.is_some_and(|at| at > now.minus(RECENT_REPLY))
        {
            return false;
        }
        let day = |at| LocalTime::of(&self.timezone, at);
        !replies.by_system.is_some_and(|at| day(at).is_same_day(&day(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(utc: &str) -> Timestamp {
        Timestamp::from_millis(utc.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn settings() -> InboxSettings {
        InboxSettings {
            greeting_enabled: true,
            greeting_message: Some("Hello".to_owned()),
            working_hours_enabled: true,
            out_of_office_message: Some("Tomorrow".to_owned()),
            timezone: "Europe/Kyiv".to_owned(),
            ..InboxSettings::default()
        }
    }

    /// Friday, 4 December 2026: 16:59 and 17:00 in Kyiv.
    const OPEN: &str = "2026-12-04T14:59:00Z";
    const CLOSED: &str = "2026-12-04T15:00:00Z";

    #[test]
    fn greeting_is_sent_once() {
        let settings = settings();
        let of = |replies| settings.automatic_reply(replies, at(OPEN));
        assert_eq!(of(LastReplies::default()), Some("Hello"));
        assert_eq!(
            of(LastReplies { by_agents: Some(at("2026-01-01T00:00:00Z")), by_system: None }),
            None
        );
        assert_eq!(
            of(LastReplies { by_agents: None, by_system: Some(at("2026-01-01T00:00:00Z")) }),
            None
        );
        for greeting_message in [None, Some(" \n".to_owned())] {
            assert_eq!(
                InboxSettings { greeting_message, ..settings.clone() }
                    .automatic_reply(LastReplies::default(), at(OPEN)),
                None
            );
        }
        assert_eq!(
            InboxSettings { greeting_enabled: false, ..settings.clone() }
                .automatic_reply(LastReplies::default(), at(OPEN)),
            None
        );
    }

    #[test]
    fn out_of_office_replaces_the_greeting() {
        let first = |settings: InboxSettings| {
            settings.automatic_reply(LastReplies::default(), at(CLOSED)).map(str::to_owned)
        };
        assert_eq!(first(settings()).as_deref(), Some("Tomorrow"));
        assert_eq!(
            first(InboxSettings { out_of_office_message: None, ..settings() }).as_deref(),
            Some("Hello")
        );
        assert_eq!(
            first(InboxSettings { working_hours_enabled: false, ..settings() }).as_deref(),
            Some("Hello")
        );
        // It is 15:00 in UTC.
        assert_eq!(
            first(InboxSettings { timezone: "UTC".to_owned(), ..settings() }).as_deref(),
            Some("Hello")
        );
    }

    #[test]
    fn out_of_office_is_sent_once_per_local_day() {
        let settings = settings();
        let of = |by_system: &str, now: &str| {
            settings.automatic_reply(
                LastReplies { by_agents: None, by_system: Some(at(by_system)) },
                at(now),
            )
        };
        // Kyiv's 5 December begins at 22:00 UTC.
        assert_eq!(of("2026-12-04T15:00:00Z", "2026-12-04T21:59:00Z"), None);
        assert_eq!(of("2026-12-04T15:00:00Z", "2026-12-04T22:00:00Z"), Some("Tomorrow"));
        assert_eq!(of("2026-12-04T22:00:00Z", "2026-12-05T21:59:00Z"), None);
        assert_eq!(of("2026-12-05T21:59:00Z", "2026-12-05T22:00:00Z"), Some("Tomorrow"));
    }

    #[test]
    fn no_out_of_office_after_a_recent_reply() {
        let settings = settings();
        let of = |by_agents: &str| {
            settings.automatic_reply(
                LastReplies { by_agents: Some(at(by_agents)), by_system: None },
                at(CLOSED),
            )
        };
        assert_eq!(of("2026-12-04T14:55:01Z"), None);
        assert_eq!(of("2026-12-04T14:55:00Z"), Some("Tomorrow"));
    }

    #[test]
    fn working_hours_follow_daylight_saving_time() {
        let summer = |utc: &str| settings().is_attended(at(utc));
        // 9:00 in Kyiv, in summer and in winter.
        assert_eq!(
            [
                "2026-07-06T05:59:00Z",
                "2026-07-06T06:00:00Z",
                "2026-12-07T06:59:00Z",
                "2026-12-07T07:00:00Z"
            ]
            .map(summer),
            [false, true, false, true]
        );
        // Sunday in the zone, Saturday or Monday elsewhere.
        assert_eq!(
            ["2026-12-05T23:00:00Z", "2026-12-06T12:00:00Z", "2026-12-06T22:30:00Z"].map(summer),
            [false; 3]
        );
    }
}
