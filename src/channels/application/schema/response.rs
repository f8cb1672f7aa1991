//! Types of response bodies.

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A refusal has one of these shapes: `error`, `errors`, or `message` with `attributes`.
#[derive(ToSchema)]
pub(in crate::application) struct ApplicationFailure {
    /// What is wrong.
    #[schema(example = "Resource could not be found")]
    error: Option<String>,
    /// What is wrong, of a request without a token.
    errors: Option<Vec<String>>,
    /// What is wrong with a value.
    message: Option<String>,
    /// Which value it is.
    attributes: Option<Vec<String>>,
}

macro_rules! answers {
    ($($(#[doc = $doc:literal])+ $name:ident as $schema:ident { $($(#[doc = $field_doc:literal])* $(#[schema($($attribute:tt)+)])? $field:ident: $type:ty,)+ })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(ToSchema)]
            #[schema(as = $schema)]
            pub(in crate::application) struct $name {
                $($(#[doc = $field_doc])* $(#[schema($($attribute)+)])? $field: $type,)+
            }
        )+
    };
}

answers! {
    /// A message for the user.
    Said as ApplicationMessage { message: String, }
    /// An agent.
    Agent as ApplicationAgent {
        id: i64,
        /// The number of the site.
        account_id: i64,
        /// `online`, `offline` or `busy`.
        availability_status: String,
        auto_offline: bool,
        confirmed: bool,
        email: String,
        provider: String,
        available_name: String,
        custom_attributes: Map<String, Value>,
        name: String,
        /// `agent` or `administrator`.
        role: String,
        thumbnail: String,
    }
    /// Agents.
    Agents as ApplicationAgents { payload: Vec<Agent>, }
    /// The agent whose token was sent.
    User as ApplicationUser {
        access_token: String,
        account_id: i64,
        available_name: String,
        avatar_url: String,
        confirmed: bool,
        #[schema(required)]
        display_name: Option<String>,
        #[schema(required)]
        message_signature: Option<String>,
        email: String,
        id: i64,
        #[schema(required)]
        inviter_id: Option<i64>,
        name: String,
        provider: String,
        /// The token for real-time updates.
        pubsub_token: String,
        role: String,
        ui_settings: Map<String, Value>,
        uid: String,
        #[schema(required)]
        r#type: Option<String>,
        accounts: Vec<Account>,
    }
    /// A site as an agent's account.
    Account as ApplicationAccount {
        id: i64,
        name: String,
        status: String,
        active_at: String,
        role: String,
        permissions: Vec<String>,
        availability: String,
        availability_status: String,
        auto_offline: bool,
    }
    /// An inbox, as part of other objects.
    SlimInbox as ApplicationSlimInbox {
        id: i64,
        avatar_url: String,
        channel_id: i64,
        name: String,
        channel_type: String,
        #[schema(required)]
        provider: Option<String>,
    }
    /// An inbox.
    Inbox as ApplicationInbox {
        id: i64,
        avatar_url: String,
        channel_id: i64,
        name: String,
        channel_type: String,
        #[schema(required)]
        provider: Option<String>,
        greeting_enabled: bool,
        #[schema(required)]
        greeting_message: Option<String>,
        working_hours_enabled: bool,
        enable_email_collect: bool,
        csat_survey_enabled: bool,
        csat_config: Map<String, Value>,
        enable_auto_assignment: bool,
        auto_assignment_config: Map<String, Value>,
        #[schema(required)]
        out_of_office_message: Option<String>,
        working_hours: Vec<WorkingHour>,
        timezone: String,
        #[schema(required)]
        callback_webhook_url: Option<String>,
        allow_messages_after_resolved: bool,
        lock_to_single_conversation: bool,
        sender_name_type: String,
        #[schema(required)]
        business_name: Option<String>,
        hmac_mandatory: bool,
        /// The key that verifies identifiers of contacts; for administrators only.
        hmac_token: Option<String>,
        /// The key that signs deliveries to `webhook_url`; for administrators only.
        secret: Option<String>,
        /// The URL to which each event of its conversations is posted.
        #[schema(required)]
        webhook_url: Option<String>,
        /// The public identifier, in paths of the public client API.
        inbox_identifier: String,
        additional_attributes: Map<String, Value>,
    }
    /// Working hours of a day.
    WorkingHour as ApplicationWorkingHour {
        /// 0 is Sunday.
        day_of_week: u8,
        closed_all_day: bool,
        #[schema(required)]
        open_hour: Option<u8>,
        #[schema(required)]
        open_minutes: Option<u8>,
        #[schema(required)]
        close_hour: Option<u8>,
        #[schema(required)]
        close_minutes: Option<u8>,
        open_all_day: bool,
    }
    /// Inboxes.
    Inboxes as ApplicationInboxes { payload: Vec<Inbox>, }
    /// A contact.
    Contact as ApplicationContact {
        additional_attributes: Map<String, Value>,
        availability_status: String,
        #[schema(required)]
        email: Option<String>,
        id: i64,
        name: String,
        #[schema(required)]
        phone_number: Option<String>,
        blocked: bool,
        #[schema(required)]
        identifier: Option<String>,
        thumbnail: String,
        custom_attributes: Map<String, Value>,
        /// Absent for a contact without messages.
        #[schema(nullable = false)]
        last_activity_at: Option<i64>,
        created_at: i64,
        /// The contact's sessions, in responses about contacts.
        #[schema(nullable = false)]
        contact_inboxes: Option<Vec<ContactInbox>>,
    }
    /// A session of a contact in an inbox.
    ContactInbox as ApplicationContactInbox { source_id: String, inbox: SlimInbox, }
    /// A contact.
    ContactPayload as ApplicationContactPayload { payload: Contact, }
    /// Contacts.
    ContactPage as ApplicationContactPage { meta: ContactPageMeta, payload: Vec<Contact>, }
    /// Where a page of contacts stands.
    ContactPageMeta as ApplicationContactPageMeta { count: u32, current_page: u32, }
    /// A created contact.
    CreatedContact as ApplicationCreatedContact {
        payload: CreatedContactPayload,
        id: i64,
        name: String,
        #[schema(required)]
        email: Option<String>,
        #[schema(required)]
        phone_number: Option<String>,
        thumbnail: String,
        additional_attributes: Map<String, Value>,
        availability_status: String,
        contact_inboxes: Vec<ContactInbox>,
    }
    /// The contact, and its session.
    CreatedContactPayload as ApplicationCreatedContactPayload { contact: Contact, contact_inbox: CreatedSession, }
    /// The session, if one was requested.
    CreatedSession as ApplicationCreatedSession {
        #[schema(required)]
        inbox: Option<Inbox>,
        #[schema(required)]
        source_id: Option<String>,
    }
    /// An inbox in which a conversation can be started.
    ContactableInbox as ApplicationContactableInbox { source_id: String, inbox: Inbox, }
    /// Inboxes in which a conversation can begin.
    ContactableInboxes as ApplicationContactableInboxes { payload: Vec<ContactableInbox>, }
    /// A conversation.
    Conversation as ApplicationConversation {
        meta: Participants,
        /// Its number within the site.
        id: i64,
        /// The newest message, if there is one.
        messages: Vec<Map<String, Value>>,
        account_id: i64,
        uuid: String,
        additional_attributes: Map<String, Value>,
        agent_last_seen_at: i64,
        assignee_last_seen_at: i64,
        can_reply: bool,
        contact_last_seen_at: i64,
        custom_attributes: Map<String, Value>,
        inbox_id: i64,
        labels: Vec<String>,
        muted: bool,
        #[schema(required)]
        snoozed_until: Option<String>,
        /// `open`, `resolved`, `pending` or `snoozed`.
        status: String,
        created_at: i64,
        updated_at: f64,
        timestamp: i64,
        first_reply_created_at: i64,
        /// Incoming messages since an agent's last visit, up to 10.
        unread_count: u32,
        #[schema(required)]
        last_non_activity_message: Option<Map<String, Value>>,
        last_activity_at: i64,
        #[schema(required)]
        priority: Option<String>,
        waiting_since: i64,
        #[schema(required)]
        sla_policy_id: Option<i64>,
    }
    /// The contact of a conversation, and its assignee.
    Participants as ApplicationParticipants {
        sender: Contact,
        channel: String,
        /// Absent if unassigned.
        #[schema(nullable = false)]
        assignee: Option<Agent>,
        #[schema(nullable = false)]
        assignee_type: Option<String>,
        hmac_verified: bool,
    }
    /// Conversations.
    Conversations as ApplicationConversations { payload: Vec<Conversation>, }
    /// A page of conversations.
    ConversationList as ApplicationConversationList { data: ConversationPage, }
    /// A page of conversations with the counts.
    ConversationPage as ApplicationConversationPage { meta: Counts, payload: Vec<Conversation>, }
    /// The counts alone.
    ConversationMeta as ApplicationConversationMeta { meta: Counts, }
    /// How many conversations there are, each up to 1,000.
    Counts as ApplicationConversationCounts { mine_count: u32, assigned_count: u32, unassigned_count: u32, all_count: u32, }
    /// The status of a conversation.
    ToggledStatus as ApplicationToggledStatus { meta: Map<String, Value>, payload: Status, }
    /// The status of a conversation.
    Status as ApplicationStatus {
        success: bool,
        conversation_id: i64,
        current_status: String,
        #[schema(required)]
        snoozed_until: Option<String>,
    }
    /// Labels.
    Labels as ApplicationLabels { payload: Vec<String>, }
    /// Custom attributes.
    CustomAttributes as ApplicationCustomAttributes { custom_attributes: Map<String, Value>, }
    /// A message.
    Message as ApplicationMessageObject {
        id: i64,
        #[schema(required)]
        content: Option<String>,
        inbox_id: i64,
        /// Only in the response to the request that sent it.
        #[schema(nullable = false)]
        echo_id: Option<String>,
        conversation_id: i64,
        /// 0 incoming, 1 outgoing, 2 activity, 3 template.
        message_type: u8,
        content_type: String,
        /// `sent`, `delivered`, `read` or `failed`.
        status: String,
        content_attributes: Map<String, Value>,
        created_at: i64,
        private: bool,
        #[schema(required)]
        source_id: Option<String>,
        /// The contact, or the agent.
        #[schema(nullable = false)]
        sender: Option<Map<String, Value>>,
        /// Left out where there are none.
        #[schema(nullable = false)]
        attachments: Option<Vec<Map<String, Value>>>,
    }
    /// Messages of a conversation.
    MessageList as ApplicationMessageList { meta: MessageListMeta, payload: Vec<Message>, }
    /// The conversation of a list of messages.
    MessageListMeta as ApplicationMessageListMeta {
        labels: Vec<String>,
        additional_attributes: Map<String, Value>,
        contact: Contact,
        #[schema(nullable = false)]
        assignee: Option<Agent>,
        agent_last_seen_at: i64,
        assignee_last_seen_at: i64,
    }
    /// A canned response.
    CannedResponse as ApplicationCannedResponse {
        id: i64,
        /// The number of the site.
        account_id: i64,
        short_code: String,
        content: String,
        /// ISO 8601, in UTC.
        created_at: String,
        updated_at: String,
    }
    /// An account webhook.
    AccountWebhook as ApplicationAccountWebhook {
        id: i64,
        #[schema(required)]
        name: Option<String>,
        url: String,
        account_id: i64,
        subscriptions: Vec<String>,
        /// The key with which deliveries are signed.
        secret: String,
    }
    /// An account webhook.
    AccountWebhookOne as ApplicationAccountWebhookOne { webhook: AccountWebhook, }
    /// An account webhook.
    AccountWebhookPayload as ApplicationAccountWebhookPayload { payload: AccountWebhookOne, }
    /// Account webhooks.
    AccountWebhookAll as ApplicationAccountWebhookAll { webhooks: Vec<AccountWebhook>, }
    /// Account webhooks.
    AccountWebhooks as ApplicationAccountWebhooks { payload: AccountWebhookAll, }
}
