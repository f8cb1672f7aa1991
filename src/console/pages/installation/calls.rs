//! The call for a contact token, in the languages that sites are written in. Each is whole: paste
//! it, and it works.

use crate::domain::Origin;

/// An example.
pub(super) struct Call {
    /// Its word in the address.
    pub(super) word: &'static str,
    /// What the language is called.
    pub(super) name: &'static str,
    text: &'static str,
}

pub(super) static CALLS: [Call; 3] = [
    Call {
        word: "php",
        name: "PHP",
        text: r"<?php
// Returns the token of the signed-in user. BELFRY_KEY is your API key.
$call = curl_init('HOST/v1/auth/contact/token');
curl_setopt_array($call, [
    CURLOPT_USERPWD => 'api:' . getenv('BELFRY_KEY'),
    CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
    CURLOPT_POSTFIELDS => json_encode(['externalCustomerId' => (string) $currentUser->id]),
    CURLOPT_RETURNTRANSFER => true,
]);
echo json_decode(curl_exec($call), true)['token'] ?? '';",
    },
    Call {
        word: "node",
        name: "Node.js",
        text: r"// Returns the token of the signed-in user. BELFRY_KEY is your API key.
app.get('/belfry-token', async (request, response) => {
  const answer = await fetch('HOST/v1/auth/contact/token', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: 'Basic ' + Buffer.from('api:' + process.env.BELFRY_KEY).toString('base64'),
    },
    body: JSON.stringify({ externalCustomerId: String(request.user.id) }),
  });
  response.type('text').send((await answer.json()).token ?? '');
});",
    },
    Call {
        word: "python",
        name: "Python",
        text: r"# Returns the token of the signed-in user. BELFRY_KEY is your API key.
import os
import requests

def belfry_token(user):
    answer = requests.post(
        'HOST/v1/auth/contact/token',
        auth=('api', os.environ['BELFRY_KEY']),
        json={'externalCustomerId': str(user.id)},
        timeout=5,
    )
    return answer.json().get('token', '')",
    },
];

impl Call {
    /// The one that is asked for, else the first.
    pub(super) fn named(word: Option<&str>) -> &'static Self {
        let [first, ..] = &CALLS;
        CALLS.iter().find(|call| Some(call.word) == word).unwrap_or(first)
    }

    /// The example, with our address in it.
    pub(super) fn text(&self, public_url: &Origin) -> String {
        self.text.replace("HOST", public_url.as_str())
    }
}
