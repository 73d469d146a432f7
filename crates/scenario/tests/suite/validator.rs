//! As much of a JSON Schema validator (draft 2020-12) as our schemas need; a keyword that it does not know fails the test.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Where and by which keyword an instance breaks a schema; nothing when it satisfies it.
pub(crate) fn complaints(root: &Value, instance: &Value) -> Vec<String> {
    let mut validator = Validator {
        root,
        found: Vec::new(),
    };
    validator.check(root, instance, "");
    validator.found
}

struct Validator<'a> {
    root: &'a Value,
    found: Vec<String>,
}

impl Validator<'_> {
    fn check(&mut self, schema: &Value, instance: &Value, at: &str) {
        let Value::Object(keywords) = schema else {
            assert_eq!(schema, &Value::Bool(true), "at {at}");
            return;
        };
        for (keyword, argument) in keywords {
            let fits = match keyword.as_str() {
                "$schema" | "title" | "description" | "$defs" | "properties"
                | "patternProperties" => true,
                "$ref" => {
                    let target = argument
                        .as_str()
                        .and_then(|path| self.root.pointer(&path[1..]));
                    let target = target.expect("a definition").clone();
                    self.check(&target, instance, at);
                    true
                }
                "type" => types(argument).any(|name| has_type(instance, name)),
                "enum" => argument
                    .as_array()
                    .is_some_and(|values| values.contains(instance)),
                "minimum" => instance
                    .as_i64()
                    .is_none_or(|value| Some(value) >= argument.as_i64()),
                "pattern" => instance
                    .as_str()
                    .is_none_or(|text| matches(argument.as_str(), text)),
                "required" => instance
                    .as_object()
                    .is_none_or(|object| types(argument).all(|name| object.contains_key(name))),
                "anyOf" => argument
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| self.accepts(one, instance))),
                "items" => {
                    for (index, item) in instance.as_array().into_iter().flatten().enumerate() {
                        self.check(argument, item, &format!("{at}/{index}"));
                    }
                    true
                }
                "additionalProperties" => {
                    assert_eq!(argument, &Value::Bool(false));
                    self.members(keywords, instance, at);
                    true
                }
                other => panic!("unknown keyword {other}"),
            };
            if !fits {
                self.found.push(format!("{at}: {keyword}"));
            }
        }
    }

    /// Each member satisfies all that is said of its name, and something is said of it.
    fn members(&mut self, keywords: &Map<String, Value>, instance: &Value, at: &str) {
        for (name, value) in instance.as_object().into_iter().flatten() {
            let named = keywords.get("properties").and_then(|all| all.get(name));
            let patterns = keywords
                .get("patternProperties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            let matching = patterns
                .filter(|(pattern, _)| matches(Some(pattern), name))
                .map(|(_, schema)| schema);
            let all: Vec<&Value> = named.into_iter().chain(matching).collect();
            if all.is_empty() {
                self.found
                    .push(format!("{at}/{name}: additionalProperties"));
            }
            for schema in all {
                self.check(schema, value, &format!("{at}/{name}"));
            }
        }
    }

    fn accepts(&self, schema: &Value, instance: &Value) -> bool {
        let mut inner = Validator {
            root: self.root,
            found: Vec::new(),
        };
        inner.check(schema, instance, "");
        inner.found.is_empty()
    }
}

fn types(argument: &Value) -> impl Iterator<Item = &str> {
    let one = argument.as_str();
    one.into_iter().chain(
        argument
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    )
}

fn has_type(instance: &Value, name: &str) -> bool {
    match name {
        "null" => instance.is_null(),
        "object" => instance.is_object(),
        "array" => instance.is_array(),
        "string" => instance.is_string(),
        "boolean" => instance.is_boolean(),
        "number" => instance.is_number(),
        "integer" => instance.is_i64() || instance.is_u64(),
        other => panic!("unknown type {other}"),
    }
}

fn matches(pattern: Option<&str>, text: &str) -> bool {
    Regex::new(pattern.unwrap_or_default())
        .expect("a regular expression")
        .is_match(text)
}
