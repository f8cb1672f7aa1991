//! The token request in several programming languages. Each example is complete and runs as pasted.

use belfry_domain::Origin;

/// An example in one programming language.
pub(super) struct Call {
    /// Its value in the query string.
    pub(super) slug: &'static str,
    /// The name of the language.
    pub(super) name: &'static str,
    text: &'static str,
}

pub(super) static CALLS: [Call; 3] = [
    Call {
        slug: "php",
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
        slug: "node",
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
        slug: "python",
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
    /// The requested language, else the first.
    pub(super) fn find(word: Option<&str>) -> &'static Self {
        let [first, ..] = &CALLS;
        CALLS.iter().find(|call| Some(call.slug) == word).unwrap_or(first)
    }

    /// The example with the public URL filled in.
    pub(super) fn text(&self, public_url: &Origin) -> String {
        self.text.replace("HOST", public_url.as_str())
    }
}
