//! Renders one operation: parameters, body, responses, and an example request with curl.

use super::{example, html::Html, schema_table};
use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation of the `OpenAPI` document.
pub(super) struct Operation<'a> {
    document: &'a Value,
    method: &'static str,
    path: &'a str,
    definition: &'a Value,
}

/// All operations, by path.
pub(super) fn all(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(move |(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            Some(Operation { document, method, path, definition: item.get(method)? })
        })
    })
}

impl<'a> Operation<'a> {
    pub(super) fn tag(&self) -> &'a str {
        self.definition.pointer("/tags/0").and_then(Value::as_str).unwrap_or("Other")
    }

    /// The fragment id of the operation.
    pub(super) fn anchor(&self) -> String {
        self.text("operationId").chars().filter(char::is_ascii_alphanumeric).collect()
    }

    fn text(&self, name: &str) -> &'a str {
        self.definition.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn list(&self, pointer: &str) -> impl Iterator<Item = &'a Value> {
        self.definition.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
    }

    /// Writes its entry in the table of contents.
    pub(super) fn write_link(&self, out: &mut Html) {
        out.raw("<li><a href=\"#").attribute(&self.anchor()).raw("\">");
        self.write_name(out);
        out.raw("</a></li>");
    }

    fn write_name(&self, out: &mut Html) {
        out.raw("<span class=\"method ")
            .raw(self.method)
            .raw("\">")
            .raw(&self.method.to_uppercase())
            .raw("</span> <code>")
            .text(self.path)
            .raw("</code>");
    }

    pub(super) fn write(&self, out: &mut Html) {
        out.raw("<section class=\"operation\" id=\"")
            .attribute(&self.anchor())
            .raw("\"><h3><a href=\"#")
            .attribute(&self.anchor())
            .raw("\">");
        self.write_name(out);
        out.raw("</a></h3>\n<p>").prose(self.text("summary")).raw("</p>\n");
        if !self.text("description").is_empty() {
            out.raw("<p>").prose(self.text("description")).raw("</p>\n");
        }
        if let Some(scope) = self.definition.pointer("/security/0/basic/0").and_then(Value::as_str)
        {
            out.raw("<p class=\"scope\">Needs the scope <code>").text(scope).raw("</code>.</p>\n");
        }
        self.write_parameters(out);
        self.write_body(out);
        out.raw("<h4>Request</h4>\n").block(&self.curl());
        self.write_answers(out);
        out.raw("</section>\n");
    }

    fn write_parameters(&self, out: &mut Html) {
        if self.list("/parameters").next().is_none() {
            return;
        }
        out.raw("<h4>Parameters</h4>\n<div class=\"scroll\"><table><thead><tr><th>Name</th><th>Where</th><th>Type</th><th>What it says</th></tr></thead><tbody>\n");
        for parameter in self.list("/parameters") {
            let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
            out.raw("<tr><td><code>").text(text("name")).raw("</code>");
            if parameter.get("required") == Some(&Value::Bool(true)) {
                out.raw(" <span class=\"needed\">needed</span>");
            }
            let kind = parameter
                .get("schema")
                .map(|schema| schema_table::type_name(self.document, schema))
                .unwrap_or_default();
            out.raw("</td><td>")
                .text(text("in"))
                .raw("</td><td>")
                .text(&kind)
                .raw("</td><td>")
                .prose(text("description"))
                .raw("</td></tr>\n");
        }
        out.raw("</tbody></table></div>\n");
    }

    /// Content type and schema of the request body.
    fn body(&self) -> Option<(&'a str, &'a Value)> {
        let content = self.definition.pointer("/requestBody/content")?.as_object()?;
        content.iter().find_map(|(kind, media)| Some((kind.as_str(), media.get("schema")?)))
    }

    fn write_body(&self, out: &mut Html) {
        let Some((kind, schema)) = self.body() else { return };
        out.raw("<h4>Body <small>").text(kind).raw("</small></h4>\n");
        let words = schema_table::resolve(self.document, schema)
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        out.raw("<p>").prose(words).raw("</p>\n");
        schema_table::write(out, self.document, schema);
        if kind == "application/json" {
            out.block(&pretty(&example::build(self.document, schema)));
        }
    }

    fn curl(&self) -> String {
        let mut path = self.path.to_owned();
        let mut query = Vec::new();
        for parameter in self.list("/parameters") {
            let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
            let value = || {
                parameter
                    .get("schema")
                    .map(|schema| example::build(self.document, schema))
                    .unwrap_or_default()
            };
            let value = || match value() {
                Value::String(text) if text != "…" => text,
                Value::Number(number) => number.to_string(),
                _ => "42".to_owned(),
            };
            match text("in") {
                "path" => path = path.replace(&format!("{{{}}}", text("name")), &value()),
                "query" if parameter.get("required") == Some(&Value::Bool(true)) => {
                    query.push(format!("{}={}", text("name"), value()));
                }
                _ => {}
            }
        }
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let action = if self.method == "get" {
            String::new()
        } else {
            format!(" -X {}", self.method.to_uppercase())
        };
        let mut line = format!("curl{action} -u \"belfry:$KEY\" \"$BELFRY{path}{query}\"");
        if self.list("/parameters").any(|parameter| {
            parameter.get("name").and_then(Value::as_str) == Some("Idempotency-Key")
        }) {
            line.push_str(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
        }
        match self.body() {
            Some(("application/json", schema)) => {
                let body = example::build(self.document, schema).to_string().replace('\'', "'\\''");
                line.push_str(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '");
                line.push_str(&body);
                line.push('\'');
            }
            Some(("multipart/form-data", _)) if self.path.contains("themes") => {
                line.push_str(" \\\n  -F bell=@bell.svg -F card=@card.svg -F css=@theme.css");
            }
            Some((kind, _)) => {
                line.push_str(" \\\n  -H \"Content-Type: ");
                line.push_str(kind);
                line.push_str("\" --data-binary @file");
            }
            None => {}
        }
        line
    }

    fn write_answers(&self, out: &mut Html) {
        let answers =
            || self.definition.get("responses").and_then(Value::as_object).into_iter().flatten();
        out.raw("<h4>Answers</h4>\n<div class=\"scroll\"><table><thead><tr><th>Status</th><th>What it says</th></tr></thead><tbody>\n");
        for (status, answer) in answers() {
            let class = if status.starts_with('2') { "good" } else { "bad" };
            out.raw("<tr><td><span class=\"")
                .raw(class)
                .raw("\">")
                .text(status)
                .raw("</span></td><td>");
            out.prose(answer.get("description").and_then(Value::as_str).unwrap_or_default())
                .raw("</td></tr>\n");
        }
        out.raw("</tbody></table></div>\n");
        let good = answers().find(|(status, _)| status.starts_with('2'));
        let Some(schema) =
            good.and_then(|(_, answer)| answer.pointer("/content/application~1json/schema"))
        else {
            return;
        };
        out.raw("<details class=\"answer\"><summary>What the answer looks like</summary>\n");
        schema_table::write(out, self.document, schema);
        out.block(&pretty(&example::build(self.document, schema)));
        out.raw("</details>\n");
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
