use super::page_visit::{MAX_TEXT_CHARS, MAX_URL_CHARS};
use super::*;
use belfry_content::wire::chat_user;
use belfry_domain::channel::fixtures;

fn fields(info: Value, seen: Option<&ChannelContact>) -> Result<ContactFields, String> {
    user_fields(info.as_object().unwrap(), seen).map_err(|invalid| invalid.field)
}

#[test]
fn user_info_maps_to_contact_fields() {
    let info = json!({ "first_name": "John", "last_name": "van Doe", "email": "J@a.example", "phone": "+15550001111", "visitor_id": "12",
        "profile_picture": "https://a.example/j.png", "tags": ["vip"], "user_data": { "a": 1 } });
    let fields = fields(info, None).unwrap();
    assert_eq!(fields.name, Some(Some("John van Doe".into())));
    assert_eq!(fields.email.unwrap().unwrap().as_str(), "j@a.example");
    assert_eq!(
        Value::Object(fields.custom_attributes),
        json!({ "visitor_id": "12", "user_data": { "a": 1 } })
    );
}

#[test]
fn changing_one_part_of_a_name_keeps_the_other() {
    let mut seen = fixtures::contact();
    (seen.contact.first_name, seen.contact.last_name) = (Some("Ann".into()), Some("Lee".into()));
    let name = |info| fields(info, Some(&seen)).unwrap().name;
    assert_eq!(name(json!({ "last_name": "Doe" })), Some(Some("Ann Doe".into())));
    assert_eq!(name(json!({ "first_name": null })), Some(Some("Lee".into())));
    assert_eq!(name(json!({ "name": "Zoe" })), Some(Some("Zoe".into())));
    assert_eq!(name(json!({ "city": "Kyiv" })), None);
    assert_eq!(chat_user(&seen)["first_name"], "Ann");
}

#[test]
fn invalid_user_info_is_rejected_by_field() {
    for (info, field) in [
        (json!({ "email": "no" }), "email"),
        (json!({ "phone": "12" }), "phone"),
        (json!({ "profile_picture": "javascript:alert(1)" }), "profile_picture"),
        (json!({ "first_name": { "a": 1 } }), "first_name"),
        (json!({ "name": "x".repeat(256) }), "name"),
    ] {
        assert_eq!(fields(info.clone(), None).unwrap_err(), field, "{info}");
    }
}

#[test]
fn page_of_a_visit_must_be_a_url() {
    let mut context = PageVisit::default();
    assert!(context.attributes().is_empty());
    for odd in ["", "no address", &format!("https://a.example/{}", "x".repeat(MAX_URL_CHARS))] {
        assert_eq!(context.set_page(odd, ""), Err(TopicError::invalid_field("url")), "{odd}");
    }
    context.set_page("app://shop/basket", &"t".repeat(1_000)).unwrap();
    context.set_browser(&json!({ "user_agent": "shop/1.0", "locale": "en_GB", "timezone": 7 }));
    let attributes = context.attributes();
    assert_eq!(attributes["page_title"].as_str().unwrap().len(), MAX_TEXT_CHARS);
    assert_eq!(
        (&attributes["referer"], &attributes["timezone"]),
        (&json!("app://shop/basket"), &json!("7"))
    );
}
