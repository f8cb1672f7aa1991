//! Finds what would grow with what is stored, in a plan of `EXPLAIN (FORMAT JSON)`. Must not depend
//! on a connection. Called by the test of plans.

use serde_json::Value;
use std::collections::HashMap;

/// The key columns of each index.
pub(super) type Indexes = HashMap<String, Vec<String>>;

/// Tables that may be scanned: they have one row.
const ONE_ROW: &[&str] = &["clock", "encryption_key_check", "setup_token"];

/// Tables of which a site has a bounded number of rows, or only what its people have set up: all of
/// the site may be read.
const FEW_PER_SITE: &[&str] = &[
    "account",
    "api_key",
    "canned_response",
    "fan_out",
    "inbox",
    "inbox_member",
    "install_event",
    "invitation",
    "membership",
    "picture",
    "preview_link",
    "sdk_key",
    "segment",
    "shared_value",
    "site",
    "site_origin",
    "theme",
    "theme_file",
    "theme_file_use",
    "webhook_endpoint",
    "webhook_secret",
];

/// Partial indexes of larger tables of which the same is true.
const FEW_IN_INDEX: &[&str] = &["agent_email", "import_unfinished", "message_deleting"];

/// What an index scan reads.
#[derive(PartialEq, Eq)]
enum Reach {
    /// The rows of one key.
    Key,
    /// Rows with the same first columns, and not only of the same site.
    Group,
    /// All rows of a site, or those of a range.
    Site,
    /// Rows of all sites.
    All,
}

struct PlanChecker<'a> {
    indexes: &'a Indexes,
    /// The plans of the `WITH` parts, by name.
    parts: HashMap<&'a str, &'a Value>,
    findings: Vec<String>,
}

/// What in the plan would grow with what is stored.
pub(super) fn findings(plan: &Value, indexes: &Indexes) -> Vec<String> {
    let mut checker = PlanChecker { indexes, parts: HashMap::new(), findings: Vec::new() };
    checker.collect_parts(plan);
    checker.check(plan, false);
    checker.findings.sort();
    checker.findings.dedup();
    checker.findings
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node[key].as_str().unwrap_or_default()
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node["Plans"].as_array().into_iter().flatten()
}

/// Whether it runs on its own, rather than as input of the node above it.
fn is_apart(node: &Value) -> bool {
    matches!(text(node, "Parent Relationship"), "InitPlan" | "SubPlan")
}

/// The columns that a condition binds to one value or to a list of values.
fn bound_columns(condition: &str) -> Vec<&str> {
    let column = |part: &'_ str| -> Option<(usize, usize)> {
        let start = part.find(|letter| !matches!(letter, '(' | ' '))?;
        let (name, rest) = part[start..].split_once(' ')?;
        let is_bound = rest.starts_with("= ") || rest.starts_with("IS NULL");
        let qualified = name.rfind('.').map_or(0, |dot| dot + 1);
        is_bound.then_some((start + qualified, start + name.len()))
    };
    let parts = condition.split(" AND ");
    parts
        .filter_map(|part| column(part).map(|(from, to)| part[from..to].trim_matches('"')))
        .collect()
}

impl<'a> PlanChecker<'a> {
    fn collect_parts(&mut self, node: &'a Value) {
        if let Some(name) = text(node, "Subplan Name").strip_prefix("CTE ") {
            self.parts.insert(name, node);
        }
        for child in children(node) {
            self.collect_parts(child);
        }
    }

    fn reach(&self, node: &Value) -> Reach {
        let columns = &self.indexes[text(node, "Index Name")];
        let bound = bound_columns(text(node, "Index Cond"));
        let known = columns.iter().take_while(|column| bound.contains(&column.as_str())).count();
        match &columns[..known] {
            all if all.len() == columns.len() => Reach::Key,
            [] => Reach::All,
            [site] if site == "site_id" || site == "site" => Reach::Site,
            _ => Reach::Group,
        }
    }

    /// Whether the number of rows is bounded, whatever is stored.
    fn is_bounded(&self, node: &Value) -> bool {
        let mut inputs = children(node).filter(|child| !is_apart(child));
        match text(node, "Node Type") {
            "Limit" => true,
            "Aggregate" if node["Group Key"].is_null() => true,
            "CTE Scan" => self.parts.get(text(node, "CTE Name")).is_none_or(|part| {
                text(part, "Node Type") == "Recursive Union" || self.is_bounded(part)
            }),
            "Seq Scan" => ONE_ROW.contains(&text(node, "Relation Name")),
            "Index Scan" | "Index Only Scan" => {
                let is_small = FEW_PER_SITE.contains(&text(node, "Relation Name"))
                    || FEW_IN_INDEX.contains(&text(node, "Index Name"));
                let reach = self.reach(node);
                reach == Reach::Key || is_small && reach != Reach::All
            }
            _ => inputs.all(|input| self.is_bounded(input)),
        }
    }

    /// `is_limited`: a limit above stops the node when it has given enough rows.
    fn check(&mut self, node: &Value, is_limited: bool) {
        let kind = text(node, "Node Type");
        let table = text(node, "Relation Name");
        let index = text(node, "Index Name");
        let stops_early = is_limited && node["Filter"].is_null();
        let inputs: Vec<_> = children(node).filter(|child| !is_apart(child)).collect();
        let finding = match kind {
            "Seq Scan" if !ONE_ROW.contains(&table) => Some(format!("scan of {table}")),
            "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => match self.reach(node) {
                Reach::All if !stops_early => Some(format!("all sites by {index}")),
                Reach::Site
                    if !stops_early
                        && !FEW_PER_SITE.contains(&table)
                        && !FEW_IN_INDEX.contains(&index) =>
                {
                    Some(format!("all of a site by {index}"))
                }
                _ => None,
            },
            "Sort" | "Incremental Sort" if !inputs.iter().all(|input| self.is_bounded(input)) => {
                Some(format!("sort by {}", node["Sort Key"]))
            }
            "Nested Loop" if !node["Join Filter"].is_null() && !self.is_bounded(inputs[1]) => {
                Some(format!("comparison of each with each: {}", text(node, "Join Filter")))
            }
            _ => None,
        };
        self.findings.extend(finding);
        let passes_on = match kind {
            "Append" | "LockRows" | "Result" | "Subquery Scan" => true,
            // Each row of the first input gives one at least.
            "Nested Loop" => text(node, "Join Type") == "Left",
            _ => false,
        };
        for child in children(node) {
            let is_first =
                kind != "Nested Loop" || inputs.first().is_some_and(|first| *first == child);
            let is_limited =
                !is_apart(child) && is_first && (kind == "Limit" || stops_early && passes_on);
            self.check(child, is_limited);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(plan: &Value) -> Vec<String> {
        let columns = ["site_id", "contact_id", "position"].map(str::to_owned);
        let indexes = Indexes::from([
            ("recipient_pkey".to_owned(), columns.to_vec()),
            ("expiry".to_owned(), vec!["expires_at".to_owned()]),
        ]);
        findings(plan, &indexes)
    }

    fn scan(index: &str, condition: &str) -> Value {
        json!({ "Node Type": "Index Scan", "Relation Name": "recipient", "Index Name": index,
            "Index Cond": condition, "Parent Relationship": "Outer" })
    }

    const OF_CONTACT: &str =
        "((p.site_id = $1) AND (contact_id = ANY ($2)) AND (\"position\" < $3))";

    #[test]
    fn scans_beyond_a_contact_are_found() {
        assert!(found(&scan("recipient_pkey", OF_CONTACT)).is_empty());
        let of_site = scan("recipient_pkey", "((site_id = $1) AND (contact_id > $2))");
        assert_eq!(found(&of_site), ["all of a site by recipient_pkey"]);
        let of_all = scan("recipient_pkey", "(contact_id = $1)");
        assert_eq!(found(&of_all), ["all sites by recipient_pkey"]);
        let table = json!({ "Node Type": "Seq Scan", "Relation Name": "recipient" });
        assert_eq!(found(&table), ["scan of recipient"]);
    }

    #[test]
    fn limited_scan_may_have_no_filter() {
        let mut plan =
            json!({ "Node Type": "Limit", "Plans": [scan("expiry", "(expires_at < $1)")] });
        assert!(found(&plan).is_empty());
        plan["Plans"][0]["Filter"] = json!("(site_id = $2)");
        assert_eq!(found(&plan), ["all sites by expiry"]);
    }

    #[test]
    fn sort_needs_a_bounded_input() {
        let sort =
            |input: Value| json!({ "Node Type": "Sort", "Sort Key": ["id"], "Plans": [input] });
        assert_eq!(found(&sort(scan("recipient_pkey", OF_CONTACT))), ["sort by [\"id\"]"]);
        let limited =
            json!({ "Node Type": "Limit", "Plans": [scan("recipient_pkey", OF_CONTACT)] });
        assert!(found(&sort(limited)).is_empty());
    }

    #[test]
    fn join_looks_up_rows_by_key() {
        let plan = |condition: &str| {
            json!({ "Node Type": "Nested Loop", "Join Filter": "(p.message_id = input.value)",
                "Plans": [{ "Node Type": "Function Scan" }, scan("recipient_pkey", condition)] })
        };
        let key = "((site_id = $1) AND (contact_id = $2) AND (\"position\" = $3))";
        assert!(found(&plan(key)).is_empty());
        let expected = "comparison of each with each: (p.message_id = input.value)";
        assert_eq!(found(&plan(OF_CONTACT)), [expected]);
    }
}
