//! Every route of every surface that belongs to sites.

use belfry_web::routes::{
    APP_INBOX_API, APPLICATION_API, CABLE, CONSOLE, INBOX_SDK, PUBLIC_API, Route as ListedRoute,
    SITE_API, WIDGET,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    Api,
    Application,
    Public,
    Reader,
    Widget,
    Console,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub surface: Surface,
    pub method: String,
    pub path: String,
    pub listed: &'static ListedRoute,
}

pub fn all() -> Vec<Route> {
    let groups = [
        (Surface::Api, &SITE_API),
        (Surface::Application, &APPLICATION_API),
        (Surface::Public, &PUBLIC_API),
        (Surface::Reader, &APP_INBOX_API),
        (Surface::Widget, &WIDGET),
        (Surface::Console, &CONSOLE),
    ];
    let of = |(surface, listed): (Surface, &'static ListedRoute)| Route {
        surface,
        method: listed.method.to_string(),
        path: listed.path.to_owned(),
        listed,
    };
    groups
        .into_iter()
        .flat_map(|(surface, group)| group.routes.iter().map(move |route| (surface, route)))
        .filter(|(_, route)| !is_attachment(route))
        .map(of)
        .collect()
}

/// Paths of conversations that are tested apart.
pub fn apart() -> Vec<&'static str> {
    let routes = [&CABLE, &INBOX_SDK, &PUBLIC_API].into_iter().flat_map(|group| group.routes);
    let apart = routes.filter(|route| !PUBLIC_API.routes.contains(route) || is_attachment(route));
    let mut paths: Vec<_> = apart.map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

fn is_attachment(route: &ListedRoute) -> bool {
    route.path.starts_with("/attachments/")
}
