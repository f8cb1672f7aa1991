//! Translates a statement from the common subset to `PostgreSQL`. Lexical: it knows no grammar beyond
//! what is listed here, and leaves the rest as it is.
//!
//! | in the source | for `PostgreSQL` |
//! |---|---|
//! | `?1` | `$1` |
//! | `INDEXED BY name` | nothing |
//! | `CROSS JOIN … ON` | `JOIN … ON` |
//! | `AND +column`, which keeps `SQLite` from an index | `AND column` |
//! | `a IS b`, `a IS NOT b` | `a IS NOT DISTINCT FROM b`, `a IS DISTINCT FROM b` |
//! | `FROM (SELECT …)` without a name | the same with a name |
//! | `x'00'` | `'\x00'::bytea` |
//! | `json_array(…)`, `json_object(…)`, `json(…)` | `json_build_array(…)`, `json_build_object(…)`, `json_of(…)` |
//! | `max(a, b)`, `min(a, b)` of several values, none of them NULL | `greatest(a, b)`, `least(a, b)` |
//! | `A; B` | two statements |
//! | `changes()` | a parameter with the number of rows that the statement before wrote |
//!
//! Must not depend on what a statement does. Called by `run`.

mod tokens;

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};
use tokens::{Token, tokens};

/// One of the statements of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) text: &'static str,
    /// What is bound to `$1`, `$2` and so on. Only what the statement uses: two texts may have the
    /// same statement, and different types for what it does not use.
    pub(super) parameters: Vec<Parameter>,
    /// Whether it changes rows, so that its count is not that of the rows it returns.
    pub(super) writes: bool,
}

/// A parameter of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// The value at this index, from 0.
    Value(usize),
    /// The number of rows that the statement before wrote.
    Changes,
}

type Cache = RwLock<HashMap<&'static str, &'static [Statement]>>;

/// The translations, by text. Never removed: the number of texts is bounded.
static TRANSLATIONS: LazyLock<Cache> = LazyLock::new(Cache::default);

/// The statements of this text.
pub(super) fn translated(text: &str) -> &'static [Statement] {
    let cached = TRANSLATIONS.read().unwrap_or_else(PoisonError::into_inner).get(text).copied();
    if let Some(cached) = cached {
        return cached;
    }
    let statements = translate(text)
        .into_iter()
        .map(|(text, parameters)| {
            let writes = writes(&text);
            Statement { text: text.leak(), parameters, writes }
        })
        .collect::<Vec<_>>()
        .leak();
    let mut translations = TRANSLATIONS.write().unwrap_or_else(PoisonError::into_inner);
    translations.entry(text.to_owned().leak()).or_insert(statements)
}

/// Whether a statement has a word that changes rows.
fn writes(text: &str) -> bool {
    let is_verb = |token: &Token<'_>| matches!(token, Token::Word("INSERT" | "UPDATE" | "DELETE"));
    tokens(text).iter().any(is_verb)
}

/// The texts of the statements, with their parameters.
fn translate(text: &str) -> Vec<(String, Vec<Parameter>)> {
    let tokens = tokens(text);
    let mut translation = Translation::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = Rest { tokens: &tokens, at };
        at = translation.add(*token, rest).unwrap_or(at + 1);
    }
    translation.end_statement();
    translation.statements
}

/// The tokens from one on.
#[derive(Clone, Copy)]
struct Rest<'t, 's> {
    tokens: &'t [Token<'s>],
    at: usize,
}

impl<'s> Rest<'_, 's> {
    fn token(self) -> Option<Token<'s>> {
        self.tokens.get(self.at).copied()
    }

    /// From the next token that is not a space.
    fn next(mut self) -> Self {
        self.at += 1;
        while self.token() == Some(Token::Space) {
            self.at += 1;
        }
        self
    }

    /// The word here; empty if it is something else.
    fn word(self) -> &'s str {
        match self.token() {
            Some(Token::Word(word)) => word,
            _ => "",
        }
    }

    fn is_open_bracket(self) -> bool {
        self.token() == Some(Token::Other("("))
    }

    /// Past the bracket that is closed by the one that opens here.
    fn past_brackets(mut self) -> Self {
        let mut depth = 0_u32;
        loop {
            match self.token() {
                Some(Token::Other("(")) => depth += 1,
                Some(Token::Other(")")) => depth = depth.saturating_sub(1),
                None => return self,
                _ => {}
            }
            self = self.next();
            if depth == 0 {
                return self;
            }
        }
    }

    /// Whether brackets open here and contain a comma outside further brackets.
    fn has_several_arguments(mut self) -> bool {
        let mut depth = 0_u32;
        loop {
            match self.token() {
                Some(Token::Other("(")) => depth += 1,
                Some(Token::Other(")")) => depth = depth.saturating_sub(1),
                Some(Token::Other(",")) if depth == 1 => return true,
                None => return false,
                _ => {}
            }
            if depth == 0 {
                return false;
            }
            self = self.next();
        }
    }

    /// Whether the table of a join that begins here is followed by its condition:
    /// `table [(…)] [AS alias] [INDEXED BY index] ON`.
    fn joins_on_condition(self) -> bool {
        let mut rest = if self.is_open_bracket() { self } else { self.next() };
        if rest.is_open_bracket() {
            rest = rest.past_brackets();
        }
        if rest.word() == "AS" {
            rest = rest.next().next();
        }
        if rest.word() == "INDEXED" {
            rest = rest.next().next().next();
        }
        rest.word() == "ON"
    }
}

#[derive(Default)]
struct Translation {
    statements: Vec<(String, Vec<Parameter>)>,
    text: String,
    parameters: Vec<Parameter>,
    /// The number of open brackets.
    depth: usize,
    /// The depths of the open subqueries that stand for a table.
    subqueries: Vec<usize>,
    /// How many of them got a name.
    names: u32,
    /// Whether a table follows.
    expects_table: bool,
    /// Whether a condition follows.
    expects_condition: bool,
}

impl Translation {
    /// Adds a token. Returns where to go on, if more than it was translated.
    fn add(&mut self, token: Token<'_>, rest: Rest<'_, '_>) -> Option<usize> {
        let expected_table = self.expects_table;
        let expected_condition = self.expects_condition;
        if token != Token::Space {
            self.expects_table = false;
            self.expects_condition = false;
        }
        match token {
            Token::Space => self.text.push(' '),
            Token::Parameter(number) => {
                let number: usize = number.parse().unwrap_or_default();
                self.add_parameter(Parameter::Value(number.saturating_sub(1)));
            }
            Token::Bytes(digits) => {
                self.text.push_str(r"'\x");
                self.text.push_str(digits);
                self.text.push_str("'::bytea");
            }
            Token::Word(word) => return self.add_word(word, rest),
            Token::Other(";") if self.depth == 0 => self.end_statement(),
            Token::Other("+") if expected_condition => {}
            Token::Other(other) => self.add_other(other, rest, expected_table),
        }
        None
    }

    fn add_word(&mut self, word: &str, rest: Rest<'_, '_>) -> Option<usize> {
        let next = rest.next();
        match word {
            "INDEXED" if next.word() == "BY" => return Some(next.next().at + 1),
            "CROSS" if next.word() == "JOIN" => {
                let join = if next.next().joins_on_condition() { "JOIN" } else { "CROSS JOIN" };
                self.text.push_str(join);
                self.expects_table = true;
                return Some(next.at + 1);
            }
            "IS" => return self.add_is(next),
            "changes" if next.is_open_bracket() => {
                self.add_parameter(Parameter::Changes);
                return Some(next.next().at + 1);
            }
            "FROM" | "JOIN" => self.expects_table = true,
            "WHERE" | "ON" | "AND" | "OR" => self.expects_condition = true,
            _ => {}
        }
        self.text.push_str(match word {
            "json_array" => "json_build_array",
            "json_object" => "json_build_object",
            "json" if next.is_open_bracket() => "json_of",
            "max" if next.has_several_arguments() => "greatest",
            "min" if next.has_several_arguments() => "least",
            other => other,
        });
        None
    }

    /// `IS` compares two values in the source, and tests for a constant in `PostgreSQL`.
    fn add_is(&mut self, next: Rest<'_, '_>) -> Option<usize> {
        let is_not = next.word() == "NOT";
        let operand = if is_not { next.next() } else { next };
        if matches!(operand.word(), "NULL" | "TRUE" | "FALSE" | "true" | "false" | "DISTINCT") {
            self.text.push_str("IS");
            return None;
        }
        self.text.push_str(if is_not { "IS DISTINCT FROM" } else { "IS NOT DISTINCT FROM" });
        is_not.then_some(next.at + 1)
    }

    fn add_other(&mut self, other: &str, rest: Rest<'_, '_>, expected_table: bool) {
        self.text.push_str(other);
        match other {
            "(" => {
                self.depth += 1;
                if expected_table {
                    self.subqueries.push(self.depth);
                }
            }
            ")" => {
                if self.subqueries.last() == Some(&self.depth) {
                    self.subqueries.pop();
                    self.name_subquery(rest.next().word());
                }
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Before version 16, a subquery that stands for a table needs a name. `follows` is what comes
    /// after it: a keyword, if it has none.
    fn name_subquery(&mut self, follows: &str) {
        let is_keyword = follows.chars().all(|c| c.is_ascii_uppercase());
        if follows != "AS" && is_keyword {
            self.names += 1;
            self.text.push_str(" AS subquery_");
            self.text.push_str(&self.names.to_string());
        }
    }

    fn add_parameter(&mut self, parameter: Parameter) {
        let known = self.parameters.iter().position(|known| *known == parameter);
        let index = known.unwrap_or_else(|| {
            self.parameters.push(parameter);
            self.parameters.len() - 1
        });
        self.text.push('$');
        self.text.push_str(&(index + 1).to_string());
    }

    fn end_statement(&mut self) {
        let text = std::mem::take(&mut self.text);
        let parameters = std::mem::take(&mut self.parameters);
        if !text.trim().is_empty() {
            self.statements.push((text.trim().to_owned(), parameters));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> String {
        let mut statements = translate(text);
        assert_eq!(statements.len(), 1, "{statements:?}");
        statements.remove(0).0
    }

    #[test]
    fn words_of_the_subset_are_translated() {
        for (text, expected) in [
            ("SELECT ?1, 'it ?2' -- no\n, x'0F'", r"SELECT $1, 'it ?2'   , '\x0F'::bytea"),
            (
                "SELECT 1 FROM a AS b INDEXED BY c WHERE d = ?1",
                "SELECT 1 FROM a AS b  WHERE d = $1",
            ),
            ("a IS NULL AND b IS NOT NULL", "a IS NULL AND b IS NOT NULL"),
            ("a IS ?1 AND b IS NOT 1", "a IS NOT DISTINCT FROM $1 AND b IS DISTINCT FROM 1"),
            ("a CROSS JOIN b AS c INDEXED BY d ON e", "a JOIN b AS c  ON e"),
            ("a CROSS JOIN b AS c WHERE d", "a CROSS JOIN b AS c WHERE d"),
            ("a CROSS JOIN json_each(?1) AS b ON c", "a JOIN json_each($1) AS b ON c"),
            ("WHERE +a = 1 AND +b.c < 1 + ?2", "WHERE a = 1 AND b.c < 1 + $1"),
            ("FROM (SELECT 1) WHERE a", "FROM (SELECT 1) AS subquery_1 WHERE a"),
            ("FROM (SELECT 1) AS a", "FROM (SELECT 1) AS a"),
            ("SELECT (SELECT 1) FROM a", "SELECT (SELECT 1) FROM a"),
            ("json_array(json(a), json)", "json_build_array(json_of(a), json)"),
            (
                "max(a, (SELECT min(b) FROM c), min(d, f(e, 1)))",
                "greatest(a, (SELECT min(b) FROM c), least(d, f(e, 1)))",
            ),
            ("SELECT max(coalesce(a, 0)), max(b", "SELECT max(coalesce(a, 0)), max(b"),
        ] {
            assert_eq!(one(text), expected);
        }
    }

    #[test]
    fn a_text_with_several_statements_is_split() {
        use Parameter::{Changes, Value};
        let statements = translate("UPDATE a SET b = ?3; SELECT (';'), changes() > ?1, ?1;");
        assert_eq!(
            statements,
            [
                ("UPDATE a SET b = $1".to_owned(), vec![Value(2)]),
                ("SELECT (';'), $1 > $2, $2".to_owned(), vec![Changes, Value(0)])
            ]
        );
    }
}
