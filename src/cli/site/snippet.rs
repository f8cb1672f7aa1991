//! What a site owner pastes into the pages: byte for byte the snippet of the existing products, with our host and the
//! site's id (contract, section 5). Plugins look for the text `eS('init'` in it, so it stands there once.

use crate::domain::{Origin, SiteId};

/// The two script elements.
pub(super) fn html(site: SiteId, public_url: &Origin) -> String {
    format!(
        "<script>!function (t, e, c, n) {{ var s = e.createElement(c); s.async = 1, s.src = '{public_url}/scripts/' + n + '.js'; \
         var r = e.scripts[0]; r.parentNode.insertBefore(s, r); var f = function () {{ f.c(arguments); }}; f.q = []; \
         f.c = function () {{ f.q.push(arguments); }}; t['eS'] = t['eS'] || f; }}(window, document, 'script', '{site}');</script>\n\
         <script>eS('init', {{getAuthTokenCallback: () => yourImplementationOfAuthCallback(), language: 'en'}});</script>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snippet_is_the_one_that_sites_know() {
        let expected = r"<script>!function (t, e, c, n) { var s = e.createElement(c); s.async = 1, s.src = 'https://HOST/scripts/' + n + '.js'; var r = e.scripts[0]; r.parentNode.insertBefore(s, r); var f = function () { f.c(arguments); }; f.q = []; f.c = function () { f.q.push(arguments); }; t['eS'] = t['eS'] || f; }(window, document, 'script', 'UUID');</script>
<script>eS('init', {getAuthTokenCallback: () => yourImplementationOfAuthCallback(), language: 'en'});</script>";
        let site: SiteId = "5b0c2f4e-0000-4000-8000-000000000001".parse().unwrap();
        let html = html(site, &"https://inbox.example".parse().unwrap());
        assert_eq!(html, expected.replace("https://HOST", "https://inbox.example").replace("UUID", &site.to_string()));
        assert_eq!(html.matches("eS('init'").count(), 1);
    }
}
