//! Every route of every surface that belongs to sites.

use serde_json::Value;
use std::{fs, path::Path};

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
    pub door: Surface,
    pub method: String,
    pub path: String,
}

pub fn all() -> Vec<Route> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut routes =
        documented(Surface::Api, &serde_json::to_value(belfry::api::description()).unwrap());
    routes.extend(documented(
        Surface::Application,
        &serde_json::to_value(belfry::channels::application::description()).unwrap(),
    ));
    routes.extend(documented(
        Surface::Public,
        &serde_json::to_value(belfry::channels::public::description()).unwrap(),
    ));
    routes.extend(documented(
        Surface::Reader,
        &serde_json::to_value(belfry::appinbox_api::description()).unwrap(),
    ));
    routes.extend(declared(
        Surface::Widget,
        "",
        &fs::read_to_string(sources.join("widget.rs")).unwrap(),
    ));
    for source in sources_below(&sources.join("console/pages")) {
        routes.extend(declared(Surface::Console, "/console", &source));
    }
    routes
}

/// Undocumented paths of conversations, except for catch-all routes.
pub fn undocumented() -> Vec<String> {
    let sources = sources_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/channels"));
    let mut paths: Vec<String> = Vec::new();
    for source in &sources {
        let source = without_spaces(source);
        let routes = source.split(".route(\"").skip(1).filter_map(|part| part.split_once('"'));
        paths.extend(
            routes
                .filter(|(_, rest)| !rest.starts_with(",any(not_found)"))
                .map(|(path, _)| path.to_owned()),
        );
    }
    paths.sort();
    paths
}

fn documented(door: Surface, description: &Value) -> Vec<Route> {
    let of = |(path, item): (&String, &Value)| {
        let methods =
            item.as_object().unwrap().keys().filter(|method| {
                ["get", "post", "put", "patch", "delete"].contains(&method.as_str())
            });
        methods
            .map(|method| Route { door, method: method.to_uppercase(), path: path.clone() })
            .collect::<Vec<_>>()
    };
    description["paths"].as_object().unwrap().iter().flat_map(of).collect()
}

fn sources_below(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                sources_below(&path)
            } else {
                vec![fs::read_to_string(path).unwrap()]
            }
        })
        .collect()
}

/// A source without white space, so that its line breaks do not matter.
fn without_spaces(source: &str) -> String {
    source.split_whitespace().collect()
}

/// Parses `.route("…", get(…).post(…))`. A route whose methods are declared elsewhere is tested
/// with both.
fn declared(door: Surface, prefix: &str, source: &str) -> Vec<Route> {
    let mut routes = Vec::new();
    for part in without_spaces(source).split(".route(\"").skip(1) {
        let (path, rest) = part.split_once('"').unwrap();
        let methods = rest.split(".route(").next().unwrap().split(';').next().unwrap();
        let said: Vec<_> = ["get", "post"]
            .into_iter()
            .filter(|method| methods.contains(&format!("{method}(")))
            .collect();
        for method in if said.is_empty() { vec!["get", "post"] } else { said } {
            routes.push(Route {
                door,
                method: method.to_uppercase(),
                path: format!("{prefix}{path}"),
            });
        }
    }
    routes
}
