//! Contacts: one, several in one request, and a subscription to groups.

use super::{Name, not_null};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A contact. At least one identifier is required. Unknown members are ignored; `null` and blank
/// values count as absent.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"externalCustomerId": "42", "email": "ann@shop.example", "firstName": "Ann", "language": "en", "attributes": {"plan": "pro"}}))]
pub struct ContactBody {
    /// The site's own id of the contact; at most 255 characters.
    pub external_customer_id: Option<Name>,
    /// Alias of `externalCustomerId`; give only one of them.
    pub extid: Option<Name>,
    /// E-mail address.
    pub email: Option<Name>,
    /// Phone number in international format.
    pub phone: Option<Name>,
    /// At most 200 characters.
    pub first_name: Option<String>,
    /// At most 200 characters.
    pub last_name: Option<String>,
    /// A language tag such as `en` or `pt-BR`.
    pub language: Option<String>,
    /// Alias of `language`, used by existing clients.
    pub language_code: Option<String>,
    /// E-mail address and phone number in the format of existing clients; the first of each type is
    /// used.
    pub channels: Option<Vec<ChannelBody>>,
    /// Merged into the stored attributes; `null` removes one. At most 16 kB as JSON.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Map<String, Value>>,
    /// Attributes in the format of existing clients.
    pub fields: Option<Vec<FieldBody>>,
    /// Stored as the attribute `address`.
    #[schema(value_type = Option<Object>)]
    pub address: Option<Map<String, Value>>,
    /// Group names in the format of existing clients; what is not a list is ignored.
    #[schema(ignore)]
    pub groups: Option<Value>,
}

/// A channel of a contact. Types other than `email` and `sms` are ignored.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
pub struct ChannelBody {
    /// `email` or `sms`.
    #[schema(example = "email")]
    pub r#type: Option<String>,
    /// The e-mail address or phone number.
    pub value: Option<Value>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
pub struct FieldBody {
    /// Its name.
    #[schema(value_type = Name)]
    pub id: Option<Name>,
    /// Its value; `null` removes the attribute.
    #[serde(default, deserialize_with = "not_null")]
    pub value: Option<Value>,
}

/// Several contacts. `contactFields`, `customFieldsIDs`, `fieldId` and `eventKeyForNewContacts` of
/// existing clients are ignored: all fields are imported.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactsBody {
    /// The contacts. Each is a [`ContactBody`] that is parsed on its own, so that an invalid one is
    /// a failed row and does not affect the others.
    pub contacts: Option<Vec<Value>>,
    /// The identifier by which stored contacts are found.
    pub dedupe_on: Option<String>,
    /// Whether contacts that were deleted are created again.
    pub restore_deleted: Option<bool>,
    /// Groups to add to each contact.
    pub group_names: Option<Vec<Value>>,
    /// Groups to remove from each contact.
    pub group_names_exclude: Option<Vec<Value>>,
}

/// A contact that subscribes to groups. Unknown members are ignored.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct SubscriptionBody {
    /// The contact.
    pub contact: Option<ContactBody>,
    /// The groups.
    pub groups: Option<Vec<Value>>,
}
