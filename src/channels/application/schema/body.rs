//! Types of request bodies. Values are parsed leniently, so members have no type; the text says
//! what is expected.

use serde_json::Value;
use utoipa::ToSchema;

macro_rules! bodies {
    ($($(#[doc = $doc:literal])+ $name:ident as $schema:ident { $($(#[doc = $field_doc:literal])+ $(#[schema($($attribute:tt)+)])? $field:ident,)+ })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(ToSchema)]
            #[schema(as = $schema)]
            pub(in crate::channels::application) struct $name {
                $($(#[doc = $field_doc])+ $(#[schema($($attribute)+)])? $field: Option<Value>,)+
            }
        )+
    };
}

bodies! {
    /// How an inbox is set. Everything but `name` may stand in `channel` or beside it.
    InboxBody as ApplicationInboxBody {
        /// What it is called.
        name,
        /// `{"type":"api"}`, with `webhook_url`, `hmac_mandatory` and `additional_attributes`.
        #[schema(example = json!({"type": "api", "webhook_url": "https://shop.example/hook"}))]
        channel,
        /// Whether the first message of a conversation is answered with `greeting_message`, as a
        /// message of type 3 without a sender.
        greeting_enabled,
        /// Up to 10,000 characters.
        greeting_message,
        /// Kept for clients: nothing is assigned by itself.
        enable_auto_assignment,
        /// Whether the inbox is attended in its working hours alone.
        working_hours_enabled,
        /// Days of the week, 0 being Sunday; what is not said of a day, and the other days, stay.
        /// Closing at 23:59 is closing at midnight.
        #[schema(example = json!([{"day_of_week": 6, "closed_all_day": false, "open_hour": 10, "open_minutes": 0, "close_hour": 14, "close_minutes": 30, "open_all_day": false}]))]
        working_hours,
        /// The answer to a message outside of the working hours, in place of the greeting: once a
        /// day of the inbox's time zone, and not within five minutes after an agent's message. Up
        /// to 10,000 characters.
        out_of_office_message,
        /// IANA name of the time zone of the working hours.
        #[schema(example = "Europe/Kyiv")]
        timezone,
        /// Whether a session has one conversation at most.
        lock_to_single_conversation,
        /// Kept for clients: contacts are not asked how it was.
        csat_survey_enabled,
        /// Kept for clients: a message of the contact reopens what is resolved.
        allow_messages_after_resolved,
    }
    /// Members of an inbox.
    MembersBody as ApplicationMembersBody {
        /// The number of the inbox.
        #[schema(example = 1)]
        inbox_id,
        /// The numbers of agents.
        #[schema(example = json!([1, 2]))]
        user_ids,
    }
    /// A contact. A blank value removes what is there.
    ContactBody as ApplicationContactBody {
        /// Name.
        name,
        /// The site's own id.
        identifier,
        /// E-mail address.
        email,
        /// `+` and 8 to 15 digits.
        #[schema(example = "+15550001111")]
        phone_number,
        /// Address of a picture.
        avatar_url,
        /// Whether new conversations begin as resolved.
        blocked,
        /// Anything else that clients keep; merged key by key.
        additional_attributes,
        /// The site's own data; merged key by key.
        custom_attributes,
        /// Of a new contact: a session in this inbox is made.
        inbox_id,
        /// What the session is called.
        source_id,
    }
    /// A session of a contact.
    ContactInboxBody as ApplicationContactInboxBody {
        /// The number of the inbox.
        inbox_id,
        /// What the session is called; a new UUID where it is left out.
        source_id,
    }
    /// A conversation that begins.
    ConversationBody as ApplicationConversationBody {
        /// In which session.
        source_id,
        /// In which inbox.
        inbox_id,
        /// With which contact.
        contact_id,
        /// `open`, `resolved`, `pending` or `snoozed`.
        status,
        /// When a snoozed one opens again: seconds since 1970, or a time.
        snoozed_until,
        /// Who answers.
        assignee_id,
        /// The site's own data.
        custom_attributes,
        /// What clients keep beside it.
        additional_attributes,
        /// The first message.
        #[schema(example = json!({"content": "Hello"}))]
        message,
    }
    /// What changes of a conversation.
    ConversationChangeBody as ApplicationConversationChangeBody {
        /// `low`, `medium`, `high`, `urgent`, or `none`.
        priority,
        /// `open`, `resolved`, `pending` or `snoozed`.
        status,
        /// When a snoozed one opens again: seconds since 1970, or a time.
        snoozed_until,
        /// Who answers; `null` for nobody.
        assignee_id,
        /// All of the site's own data.
        custom_attributes,
    }
    /// Where a conversation is to stand.
    StatusBody as ApplicationStatusBody {
        /// `open`, `resolved`, `pending` or `snoozed`; left out, it goes to and fro between open
        /// and resolved.
        status,
        /// When a snoozed one opens again: seconds since 1970, or a time.
        snoozed_until,
    }
    /// Whether somebody writes.
    TypingBody as ApplicationTypingBody {
        /// `on` or `off`; anything else is passed over.
        #[schema(example = "on")]
        typing_status,
        /// Whether it is a note among agents.
        is_private,
    }
    /// Who is to answer.
    AssignmentBody as ApplicationAssignmentBody {
        /// The number of an agent; `null` for nobody.
        assignee_id,
    }
    /// Labels.
    LabelsBody as ApplicationLabelsBody {
        /// All labels, up to 20.
        #[schema(example = json!(["vip"]))]
        labels,
    }
    /// Custom attributes.
    CustomAttributesBody as ApplicationCustomAttributesBody {
        /// All of them.
        #[schema(example = json!({"order": 42}))]
        custom_attributes,
    }
    /// A message.
    MessageBody as ApplicationMessageBody {
        /// What it says, up to 150,000 characters.
        content,
        /// `outgoing`, or `incoming` for what the contact said.
        message_type,
        /// Whether it is a note among agents.
        private,
        /// `text` where it is left out.
        content_type,
        /// What belongs to the type: an object, or one as JSON text.
        content_attributes,
        /// Your own name for this call: it comes back in the answer and in real-time updates.
        echo_id,
        /// The name that another system has for the message.
        source_id,
        /// When it was said elsewhere.
        external_created_at,
        /// What a template was filled with.
        template_params,
    }
    /// How far a message has come.
    MessageStatusBody as ApplicationMessageStatusBody {
        /// `sent`, `delivered`, `read` or `failed`.
        status,
        /// Why it failed.
        external_error,
    }
    /// A canned response: the members may stand in `canned_response`.
    CannedResponseBody as ApplicationCannedResponseBody {
        /// By what agents find it: up to 255 characters, unique in the site.
        #[schema(example = "order-late")]
        short_code,
        /// What is inserted: up to 20,000 characters of Markdown, with variables such as
        /// `{{contact.name}}`.
        #[schema(example = "Sorry for the delay, {{contact.first_name}}! Your order is on its way.")]
        content,
    }
    /// An account webhook: the members may stand in `webhook`.
    AccountWebhookBody as ApplicationAccountWebhookBody {
        /// Where it is; unique in the site.
        url,
        /// What you call it.
        name,
        /// What it hears of.
        #[schema(example = json!(["message_created"]))]
        subscriptions,
    }
}

/// A message as parts, with files.
#[derive(ToSchema)]
#[schema(as = ApplicationMessageForm)]
pub(in crate::channels::application) struct MessageForm {
    /// What it says, up to 150,000 characters.
    content: Option<String>,
    /// `outgoing`, or `incoming` for what the contact said.
    message_type: Option<String>,
    /// `true` for a note among agents.
    private: Option<String>,
    /// Your own name for this call.
    echo_id: Option<String>,
    /// Up to 15 files, of 5 MB together.
    #[schema(rename = "attachments[]", value_type = Option<Vec<String>>, format = Binary)]
    attachments: Option<Vec<Vec<u8>>>,
}
