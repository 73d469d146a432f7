//! The language as a JSON Schema, draft 2020-12, so that editors complete and check while one types.
//!
//! The schema accepts every valid file; it is milder than [`parse`](crate::parse), which also knows who exists and what can
//! come true.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::grammar::{Field, Presence, Section, Shape, canonical};
use crate::order::ORDER;
use crate::scenario::SCENARIO;
use crate::tenant::TENANT;

/// The JSON Schema of a scenario's file.
pub fn schema() -> Value {
    document("Persotwin scenario", &SCENARIO)
}

/// The JSON Schema of a tenant's file.
pub fn tenant_schema() -> Value {
    document("Persotwin tenant", &TENANT)
}

fn document(title: &str, section: &'static Section) -> Value {
    let mut sections = BTreeMap::new();
    collect(section, &mut sections);
    let definitions: Map<_, _> = sections
        .iter()
        .map(|(name, section)| (name.clone(), of_section(section)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": section.doc,
        "$ref": reference(section),
        "$defs": definitions,
    })
}

/// The section and all that it leads to, by the names of their definitions.
pub(crate) fn collect(
    section: &'static Section,
    sections: &mut BTreeMap<String, &'static Section>,
) {
    match sections.insert(slug(section), section) {
        None => section
            .fields
            .iter()
            .for_each(|field| collect_shape(&field.shape, sections)),
        Some(other) => debug_assert!(
            std::ptr::eq(other, section),
            "two sections are called {}",
            section.name
        ),
    }
}

fn collect_shape(shape: &Shape, sections: &mut BTreeMap<String, &'static Section>) {
    match shape {
        Shape::Section(section) => collect(section, sections),
        Shape::List(shape) | Shape::Names { value: shape, .. } => collect_shape(shape, sections),
        Shape::Any(shapes) => shapes
            .iter()
            .for_each(|shape| collect_shape(shape, sections)),
        Shape::Catalogue(section) => collect(section(), sections),
        Shape::Text
        | Shape::Form(..)
        | Shape::Count
        | Shape::Duration
        | Shape::Word(_)
        | Shape::Json => {}
    }
}

/// The name of a section's definition.
fn slug(section: &Section) -> String {
    let name = section
        .name
        .trim_start_matches("an ")
        .trim_start_matches("a ")
        .trim_start_matches("the ");
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

fn reference(section: &Section) -> String {
    format!("#/$defs/{}", slug(section))
}

fn of_section(section: &Section) -> Value {
    let mut properties = Map::new();
    let mut patterns = Map::new();
    for field in section.fields {
        let schema = of_field(field);
        // Editors complete the one spelling and put up with the other.
        if canonical(field.name).contains('-') {
            let pattern = format!("^{}$", canonical(field.name).replace('-', "[-_]"));
            patterns.insert(pattern, schema.clone());
        }
        properties.insert(field.name.to_owned(), schema);
    }
    if std::ptr::eq(section, &raw const ORDER) {
        patterns.insert(r"^(encryptedData\.)?x-[^.]+$".to_owned(), Value::Bool(true));
    }
    let required: Vec<&str> = section
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Required)
        .map(|field| field.name)
        .collect();
    let mut schema = json!({
        "description": section.doc,
        "type": if required.is_empty() { json!(["object", "null"]) } else { json!("object") },
        "properties": properties,
        "additionalProperties": false,
    });
    if !patterns.is_empty() {
        schema["patternProperties"] = patterns.into();
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of_field(field: &Field) -> Value {
    let mut schema = of_shape(&field.shape);
    let doc = match field.presence {
        Presence::Default(text) => format!("{} Default: {text}.", field.doc),
        Presence::Required | Presence::Optional => field.doc.to_owned(),
    };
    schema["description"] = doc.into();
    schema
}

fn of_shape(shape: &Shape) -> Value {
    const SCALAR: [&str; 3] = ["string", "number", "boolean"];
    match shape {
        Shape::Text => json!({ "type": SCALAR }),
        Shape::Form(_, pattern) => json!({ "type": SCALAR, "pattern": pattern }),
        Shape::Count => {
            json!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$" })
        }
        Shape::Duration => {
            json!({ "type": "string", "pattern": r"^\s*([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*)+$" })
        }
        Shape::Word(words) => {
            // Quoted or not, a word of digits is that word, and so are `true` and `false`.
            let numbers = words
                .iter()
                .filter_map(|word| word.parse::<u32>().ok())
                .map(Value::from);
            let booleans = words
                .iter()
                .filter_map(|word| word.parse::<bool>().ok())
                .map(Value::from);
            json!({ "enum": words.iter().map(|word| Value::from(*word)).chain(numbers).chain(booleans).collect::<Vec<_>>() })
        }
        Shape::Section(section) => json!({ "$ref": reference(section) }),
        Shape::Catalogue(section) => json!({ "$ref": reference(section()) }),
        Shape::List(item) => json!({ "type": "array", "items": of_shape(item) }),
        Shape::Names { pattern, value, .. } => json!({
            "type": ["object", "null"],
            "patternProperties": { *pattern: of_shape(value) },
            "additionalProperties": false,
        }),
        Shape::Any(shapes) => json!({ "anyOf": shapes.iter().map(of_shape).collect::<Vec<_>>() }),
        Shape::Json => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_definition_and_no_two_sections_share_one() {
        for schema in [schema(), tenant_schema()] {
            let text = schema.to_string();
            for part in text.split("\"#/$defs/").skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(schema["$defs"][name].is_object(), "{name}");
            }
        }
        let mut names = BTreeMap::new();
        collect(&SCENARIO, &mut names);
        for section in names.values() {
            for field in section.fields {
                assert!(
                    field.doc.ends_with('.'),
                    "{} of {}",
                    field.name,
                    section.name
                );
            }
        }
    }

    #[test]
    fn editors_see_what_a_key_is_for() {
        let schema = schema();
        let arrives = &schema["$defs"]["customer"]["properties"]["arrives"];
        assert_eq!(
            arrives["description"],
            "When, after the start, the customer asks for a card. Default: 0s."
        );
    }
}
