//! The snippet that a site owner pastes into the pages: byte for byte that of the existing
//! products, with our host and the site's id (contract, section 5). Plugins search for `eS('init'`
//! or replace `eS('init')`, so this text must occur exactly once.

use belfry_domain::{Origin, SiteId};

/// The snippet with its options.
pub fn with_options(site: SiteId, public_url: &Origin) -> String {
    let init = "{getAuthTokenCallback: () => yourImplementationOfAuthCallback(), language: 'en'}";
    format!("{}\n<script>eS('init', {init});</script>", loader(site, public_url))
}

/// The snippet without options, for plugins that replace `eS('init')`.
pub fn without_options(site: SiteId, public_url: &Origin) -> String {
    format!("{}\n<script>eS('init');</script>", loader(site, public_url))
}

fn loader(site: SiteId, public_url: &Origin) -> String {
    format!(
        "<script>!function (t, e, c, n) {{ var s = e.createElement(c); s.async = 1, s.src = '{public_url}/scripts/' + n + '.js'; \
         var r = e.scripts[0]; r.parentNode.insertBefore(s, r); var f = function () {{ f.c(arguments); }}; f.q = []; \
         f.c = function () {{ f.q.push(arguments); }}; t['eS'] = t['eS'] || f; }}(window, document, 'script', '{site}');</script>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippet_matches_existing_products() {
        let expected = r"<script>!function (t, e, c, n) { var s = e.createElement(c); s.async = 1, s.src = 'https://HOST/scripts/' + n + '.js'; var r = e.scripts[0]; r.parentNode.insertBefore(s, r); var f = function () { f.c(arguments); }; f.q = []; f.c = function () { f.q.push(arguments); }; t['eS'] = t['eS'] || f; }(window, document, 'script', 'UUID');</script>
<script>eS('init', {getAuthTokenCallback: () => yourImplementationOfAuthCallback(), language: 'en'});</script>";
        let site: SiteId = "5b0c2f4e-0000-4000-8000-000000000001".parse().unwrap();
        let html = with_options(site, &"https://inbox.example".parse().unwrap());
        assert_eq!(
            html,
            expected
                .replace("https://HOST", "https://inbox.example")
                .replace("UUID", &site.to_string())
        );
        assert_eq!(html.matches("eS('init'").count(), 1);
    }

    #[test]
    fn bare_snippet_contains_init_call_once() {
        let site: SiteId = "5b0c2f4e-0000-4000-8000-000000000001".parse().unwrap();
        let bare = without_options(site, &"https://inbox.example".parse().unwrap());
        assert_eq!(bare.matches("eS('init')").count(), 1);
        let options = "eS('init', {getAuthTokenCallback: () => yourImplementationOfAuthCallback(), language: 'en'})";
        assert_eq!(
            bare.replace("eS('init')", options),
            with_options(site, &"https://inbox.example".parse().unwrap())
        );
    }
}
