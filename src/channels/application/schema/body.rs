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
            pub(in crate::application) struct $name {
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
        /// Stored for clients only: conversations are never assigned automatically.
        enable_auto_assignment,
        /// Whether the inbox is attended only in its working hours.
        working_hours_enabled,
        /// Days of the week, 0 being Sunday; absent days and members stay as they are. Closing at
        /// 23:59 means midnight.
        #[schema(example = json!([{"day_of_week": 6, "closed_all_day": false, "open_hour": 10, "open_minutes": 0, "close_hour": 14, "close_minutes": 30, "open_all_day": false}]))]
        working_hours,
        /// The reply to a message outside working hours, instead of the greeting: once per day in
        /// the inbox's time zone, and not within five minutes of an agent's message. Up to 10,000
        /// characters.
        out_of_office_message,
        /// IANA name of the time zone of the working hours.
        #[schema(example = "Europe/Kyiv")]
        timezone,
        /// Whether a session can have only one conversation.
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
        /// The ids of agents.
        #[schema(example = json!([1, 2]))]
        user_ids,
    }
    /// A contact. A blank value clears the field.
    ContactBody as ApplicationContactBody {
        /// Name.
        name,
        /// The site's own id of the contact.
        identifier,
        /// E-mail address.
        email,
        /// `+` and 8 to 15 digits.
        #[schema(example = "+15550001111")]
        phone_number,
        /// URL of an image.
        avatar_url,
        /// Whether new conversations start as resolved.
        blocked,
        /// Additional data of clients; merged by key.
        additional_attributes,
        /// The site's own data; merged by key.
        custom_attributes,
        /// For a new contact: also creates a session in this inbox.
        inbox_id,
        /// The name of the session.
        source_id,
    }
    /// A session of a contact.
    ContactInboxBody as ApplicationContactInboxBody {
        /// The id of the inbox.
        inbox_id,
        /// The name of the session; a new UUID by default.
        source_id,
    }
    /// A new conversation.
    ConversationBody as ApplicationConversationBody {
        /// The session.
        source_id,
        /// The inbox.
        inbox_id,
        /// The contact.
        contact_id,
        /// `open`, `resolved`, `pending` or `snoozed`.
        status,
        /// When a snoozed conversation reopens: Unix seconds, or ISO 8601.
        snoozed_until,
        /// The assignee.
        assignee_id,
        /// The site's own data.
        custom_attributes,
        /// Additional data of clients.
        additional_attributes,
        /// The first message.
        #[schema(example = json!({"content": "Hello"}))]
        message,
    }
    /// Changes of a conversation.
    ConversationChangeBody as ApplicationConversationChangeBody {
        /// `low`, `medium`, `high`, `urgent`, or `none`.
        priority,
        /// `open`, `resolved`, `pending` or `snoozed`.
        status,
        /// When a snoozed conversation reopens: Unix seconds, or ISO 8601.
        snoozed_until,
        /// The assignee; `null` for none.
        assignee_id,
        /// The site's own data; replaces all of it.
        custom_attributes,
    }
    /// The requested status of a conversation.
    StatusBody as ApplicationStatusBody {
        /// `open`, `resolved`, `pending` or `snoozed`; by default it toggles between open and
        /// resolved.
        status,
        /// When a snoozed conversation reopens: Unix seconds, or ISO 8601.
        snoozed_until,
    }
    /// Whether the agent is typing.
    TypingBody as ApplicationTypingBody {
        /// `on` or `off`; any other value is ignored.
        #[schema(example = "on")]
        typing_status,
        /// Whether the agent is typing a private note.
        is_private,
    }
    /// The assignee.
    AssignmentBody as ApplicationAssignmentBody {
        /// The id of an agent; `null` for none.
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
        /// All custom attributes.
        #[schema(example = json!({"order": 42}))]
        custom_attributes,
    }
    /// A message.
    MessageBody as ApplicationMessageBody {
        /// The text, up to 150,000 characters.
        content,
        /// `outgoing`, or `incoming` for a message of the contact.
        message_type,
        /// Whether it is a private note.
        private,
        /// `text` by default.
        content_type,
        /// Attributes of the content type: an object, also as JSON text.
        content_attributes,
        /// Your own id of this call, returned in the response and in real-time updates.
        echo_id,
        /// The message's id in another system.
        source_id,
        /// When it was sent in another system.
        external_created_at,
        /// The parameters of a template.
        template_params,
    }
    /// The delivery status of a message.
    MessageStatusBody as ApplicationMessageStatusBody {
        /// `sent`, `delivered`, `read` or `failed`.
        status,
        /// The reason of a failure.
        external_error,
    }
    /// A canned response; the members may be inside `canned_response`.
    CannedResponseBody as ApplicationCannedResponseBody {
        /// The code by which agents find it: up to 255 characters, unique in the site.
        #[schema(example = "order-late")]
        short_code,
        /// The inserted text: up to 20,000 characters of Markdown, with variables such as
        /// `{{contact.name}}`.
        #[schema(example = "Sorry for the delay, {{contact.first_name}}! Your order is on its way.")]
        content,
    }
    /// An account webhook; the members may be inside `webhook`.
    AccountWebhookBody as ApplicationAccountWebhookBody {
        /// The URL; unique in the site.
        url,
        /// A display name.
        name,
        /// The subscribed events.
        #[schema(example = json!(["message_created"]))]
        subscriptions,
    }
}

/// A message as parts, with files.
#[derive(ToSchema)]
#[schema(as = ApplicationMessageForm)]
pub(in crate::application) struct MessageForm {
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
