//! JWTs that must be rejected, and the few that must be accepted.

use super::*;
use belfry_domain::{SiteId, SystemRng, channel::InboxUuid};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

const SECONDS: i64 = 1_800_000_000;
const NOW: Timestamp = Timestamp::from_millis(SECONDS * 1_000);
const BOT: &str = "0b1f0c54-3d3f-4f5e-9c1a-7f6f6c6f1a2b";

fn key() -> SigningKey {
    SigningKey::from_stored("a".repeat(43))
}

/// Signs these parts unchanged.
fn signed(header: &str, claims: &str, key: &SigningKey) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes())
        .unwrap()
        .chain_update(&message)
        .finalize();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
}

fn claims() -> Value {
    json!({
        "iss": "Example", "iat": SECONDS - 10, "exp": SECONDS + 190, "id": "my-application/a32346d1", "name": "Ada", "email": "",
        "bot_id": BOT
    })
}

/// The claims with changes; `null` removes one.
fn with(changes: Value) -> Value {
    let mut claims = claims();
    let Value::Object(changes) = changes else { panic!("no object") };
    for (name, value) in changes {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(&name);
        } else {
            claims[name] = value;
        }
    }
    claims
}

/// The same steps as the use case, with one key.
fn enter(text: &str, key: &SigningKey) -> Result<(SdkAgentDraft, Vec<SdkRole>), SdkAuthError> {
    let jwt = UnverifiedJwt::parse(text)?;
    let owner = jwt.owner()?;
    jwt.signing_key(&[(SdkKeyId(7), key.clone())])
        .filter(|_| owner.is_some())
        .ok_or(SdkAuthError::InvalidToken)?;
    jwt.agent(NOW)
}

fn enter_with(changes: Value) -> Result<(SdkAgentDraft, Vec<SdkRole>), SdkAuthError> {
    enter(&sign_jwt(&with(changes), &key()).unwrap(), &key())
}

#[test]
fn valid_jwt_describes_its_agent() {
    let (agent, roles) = enter_with(json!({})).unwrap();
    let expected = SdkAgentDraft {
        external_id: "my-application/a32346d1".into(),
        name: "Ada".into(),
        email: String::new(),
    };
    assert_eq!((agent, roles), (expected, vec![SdkRole::Agent]));
    let (agent, roles) =
        enter_with(json!({ "email": "ada@shop.example", "name": " ", "roles": ["supervisor", "janitor", "operator", "operator"] })).unwrap();
    assert_eq!(
        (agent.name.as_str(), agent.email.as_str()),
        ("ada@shop.example", "ada@shop.example")
    );
    assert_eq!(roles, [SdkRole::Supervisor, SdkRole::Operator]);
    let (agent, _) =
        enter_with(json!({ "name": null, "iss": null, "email": null, "aud": "anybody", "sub": 7 }))
            .unwrap();
    assert_eq!((agent.name.as_str(), agent.email.as_str()), ("my-application/a32346d1", ""));
}

#[test]
fn jwt_of_another_library_is_read() {
    // Made by PyJWT 2.10: different order, no `kid`, and whitespace in the JSON.
    let header = r#"{"typ": "JWT", "alg": "HS256"}"#;
    let claims = format!(
        r#"{{"id": "7", "environment_id": "{BOT}", "exp": {}.5, "iat": {SECONDS}.25}}"#,
        SECONDS + 60
    );
    let text = signed(header, &claims, &key());
    assert_eq!(
        UnverifiedJwt::parse(&text).unwrap().owner(),
        Ok(Some(SigningKeyOwner::Site(BOT.parse::<SiteId>().unwrap())))
    );
    assert_eq!(enter(&text, &key()).unwrap().0.external_id, "7");
    let text = sign_jwt(&self::claims(), &key()).unwrap();
    assert_eq!(
        UnverifiedJwt::parse(&text).unwrap().owner(),
        Ok(Some(SigningKeyOwner::Inbox(BOT.parse::<InboxUuid>().unwrap())))
    );
}

#[test]
fn invalid_claims_are_rejected_with_their_reason() {
    use SdkAuthError::{InvalidScope, InvalidToken, TokenExpired};
    let day = 24 * 3_600;
    let matrix = [
        ("both scopes", json!({ "environment_id": BOT }), InvalidScope),
        ("neither scope", json!({ "bot_id": null }), InvalidScope),
        ("scope that is no text", json!({ "bot_id": 7 }), InvalidToken),
        ("scope that is no UUID", json!({ "bot_id": "1" }), InvalidToken),
        ("no exp", json!({ "exp": null }), InvalidToken),
        ("exp as text", json!({ "exp": (SECONDS + 60).to_string() }), InvalidToken),
        ("exp beyond all time", json!({ "exp": 1e300 }), InvalidToken),
        ("exp that overflows", json!({ "exp": i64::MAX }), InvalidToken),
        ("expired", json!({ "exp": SECONDS - 31 }), TokenExpired),
        ("expired long ago", json!({ "iat": 1, "exp": 0 }), TokenExpired),
        ("negative exp", json!({ "exp": i64::MIN }), TokenExpired),
        ("no iat", json!({ "iat": null }), InvalidToken),
        ("iat as text", json!({ "iat": "now" }), InvalidToken),
        ("issued in the future", json!({ "iat": SECONDS + 31 }), InvalidToken),
        ("not valid yet", json!({ "nbf": SECONDS + 31 }), InvalidToken),
        ("nbf as text", json!({ "nbf": "now" }), InvalidToken),
        (
            "lives for more than a day",
            json!({ "iat": SECONDS - 10, "exp": SECONDS - 10 + day + 1 }),
            InvalidToken,
        ),
        ("lives for ever", json!({ "iat": i64::MIN, "exp": SECONDS + 60 }), InvalidToken),
        ("no id", json!({ "id": null }), InvalidToken),
        ("empty id", json!({ "id": "" }), InvalidToken),
        ("blank id", json!({ "id": "  " }), InvalidToken),
        ("id as number", json!({ "id": 7 }), InvalidToken),
        ("id with a control character", json!({ "id": "a\u{0}" }), InvalidToken),
        ("long id", json!({ "id": "x".repeat(256) }), InvalidToken),
        ("long name", json!({ "name": "x".repeat(256) }), InvalidToken),
        ("name as list", json!({ "name": ["Ada"] }), InvalidToken),
        ("long e-mail address", json!({ "email": "x".repeat(255) }), InvalidToken),
        ("issuer as object", json!({ "iss": {} }), InvalidToken),
        ("roles as text", json!({ "roles": "agent" }), InvalidToken),
        ("role as number", json!({ "roles": ["agent", 7] }), InvalidToken),
    ];
    for (name, changes, expected) in matrix {
        assert_eq!(enter_with(changes), Err(expected), "{name}");
    }
    let accepted = [
        ("just expired", json!({ "exp": SECONDS - 30 })),
        ("clock of the backend ahead", json!({ "iat": SECONDS + 30 })),
        ("lives for a day", json!({ "iat": SECONDS - 10, "exp": SECONDS - 10 + day })),
        ("longest id", json!({ "id": "ü".repeat(255) })),
        ("no roles", json!({ "roles": [] })),
    ];
    for (name, changes) in accepted {
        assert!(enter_with(changes).is_ok(), "{name}");
    }
}

#[test]
fn header_and_signature_are_checked_before_claims() {
    let (hs256, valid) = (r#"{"alg":"HS256","typ":"JWT"}"#, claims().to_string());
    let genuine = signed(hs256, &valid, &key());
    let (message, signature) = genuine.rsplit_once('.').unwrap();
    let (header, body) = message.split_once('.').unwrap();
    assert!(enter(&genuine, &key()).is_ok());
    let twice =
        |name: &str, value: &str| valid.replacen('{', &format!(r#"{{"{name}":{value},"#), 1);
    let matrix = [
        ("wrong key", signed(hs256, &valid, &SigningKey::from_stored("b".repeat(43)))),
        ("none", signed(r#"{"alg":"none"}"#, &valid, &key())),
        (
            "none without a signature",
            format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)),
        ),
        ("None", signed(r#"{"alg":"None"}"#, &valid, &key())),
        ("hs256 in small letters", signed(r#"{"alg":"hs256"}"#, &valid, &key())),
        (
            "RS256 with the key as public key",
            signed(r#"{"alg":"RS256","typ":"JWT"}"#, &valid, &key()),
        ),
        ("ES256", signed(r#"{"alg":"ES256"}"#, &valid, &key())),
        ("HS384", signed(r#"{"alg":"HS384"}"#, &valid, &key())),
        ("no algorithm", signed(r#"{"typ":"JWT"}"#, &valid, &key())),
        ("algorithm as list", signed(r#"{"alg":["HS256"]}"#, &valid, &key())),
        ("algorithm twice", signed(r#"{"alg":"none","alg":"HS256"}"#, &valid, &key())),
        ("critical extension", signed(r#"{"alg":"HS256","crit":["x"],"x":1}"#, &valid, &key())),
        (
            "payload that is not encoded",
            signed(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#, &valid, &key()),
        ),
        ("no signature", format!("{message}.")),
        ("signature cut short", format!("{message}.{}", &signature[..signature.len() - 2])),
        (
            "signature of other claims",
            format!(
                "{header}.{}.{signature}",
                URL_SAFE_NO_PAD.encode(with(json!({ "id": "another" })).to_string())
            ),
        ),
        ("id twice", signed(hs256, &twice("id", "\"another\""), &key())),
        ("exp twice", signed(hs256, &twice("exp", "1"), &key())),
        ("unknown claim twice", signed(hs256, &twice("x", "1,\"x\":2"), &key())),
        ("scope twice", signed(hs256, &twice("bot_id", "null"), &key())),
        ("claims as list", signed(hs256, "[]", &key())),
        ("claims that are no JSON", signed(hs256, "{", &key())),
        ("nothing after the claims", message.to_owned()),
        ("four parts", format!("{genuine}.x")),
        ("five parts", format!("{genuine}.x.y")),
        ("padded", format!("{header}=.{body}.{signature}")),
        ("space before", format!(" {genuine}")),
        ("line after", format!("{genuine}\n")),
        ("64 kB", "a".repeat(64 * 1_024)),
        (
            "64 kB in the claims",
            signed(hs256, &with(json!({ "x": "y".repeat(64 * 1_024) })).to_string(), &key()),
        ),
        ("64 kB of brackets", signed(hs256, &"[".repeat(64 * 1_024), &key())),
        ("as many brackets as are read", signed(hs256, &"[".repeat(10_000), &key())),
        ("empty", String::new()),
        ("two dots", "..".to_owned()),
        ("not of this world", "ü.ü.ü".to_owned()),
    ];
    for (name, text) in matrix {
        assert_eq!(enter(&text, &key()), Err(SdkAuthError::InvalidToken), "{name}");
    }
}

#[test]
fn each_key_is_tried_and_kid_is_a_hint() {
    let keys: Vec<(SdkKeyId, SigningKey)> =
        (1..=3).map(|id| (SdkKeyId(id), SigningKey::generate(&SystemRng))).collect();
    for (id, key) in &keys {
        for kid in [
            format!(r#","kid":"{id}""#),
            r#","kid":"1""#.to_owned(),
            r#","kid":"unknown""#.to_owned(),
            String::new(),
        ] {
            let text = signed(&format!(r#"{{"alg":"HS256"{kid}}}"#), &claims().to_string(), key);
            assert_eq!(UnverifiedJwt::parse(&text).unwrap().signing_key(&keys), Some(*id), "{kid}");
        }
    }
    let text = sign_jwt(&claims(), &key()).unwrap();
    assert_eq!(UnverifiedJwt::parse(&text).unwrap().signing_key(&keys), None);
    assert_eq!(UnverifiedJwt::parse(&text).unwrap().signing_key(&[]), None);
    assert_eq!(sign_jwt(&json!([]), &key()), None);
}
