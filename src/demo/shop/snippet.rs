//! The two scripts of the snippet, as documented for site owners, and the content security policy
//! that they require.

use super::write::socket;
use belfry_domain::{Origin, SiteId};

/// Text of the first script: a queue, and the loader from Belfry. Only `https` changes with the
/// host, because the demo has no TLS.
const LOADER: &str = "!function (t, e, c, n) { var s = e.createElement(c); s.async = 1, s.src = 'https://HOST/scripts/' + n + '.js'; var r = e.scripts[0]; r.parentNode.insertBefore(s, r); var f = function () { f.c(arguments); }; f.q = []; f.c = function () { f.q.push(arguments); }; t['eS'] = t['eS'] || f; }(window, document, 'script', 'UUID');";
/// Text of the second script, with the shop's own callback.
const INIT: &str = "eS('init', {getAuthTokenCallback: () => fetch('/belfry-token').then(r => r.text()), language: 'LANGUAGE'});";

/// Text of the first script. An origin and a UUID contain no character that could end the string
/// literal.
pub fn loader(belfry: &Origin, site: SiteId) -> String {
    LOADER.replace("https://HOST", belfry.as_str()).replace("UUID", &site.to_string())
}

/// Text of the second script.
pub fn init(language: &str) -> String {
    INIT.replace("LANGUAGE", language)
}

/// Content security policy of a page: the shop itself, and what the inbox and "Write to us" need
/// from Belfry.
pub fn policy(belfry: &Origin, nonce: &str) -> String {
    let socket = socket(belfry);
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' {belfry}; frame-src {belfry}; form-action 'self' {belfry}; \
         connect-src 'self' {belfry} {socket}; style-src 'self'; img-src 'self' {belfry}; base-uri 'none'; frame-ancestors 'none'"
    )
}
