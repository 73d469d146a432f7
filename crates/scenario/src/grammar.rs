//! How the language is described to itself: sections with keys, each with a shape, a default and a sentence.
//!
//! One description serves the reader (which keys exist), the JSON Schema (what an editor may complete) and the reference
//! (what people look up), so that the three cannot disagree.

/// A mapping with fixed keys.
#[derive(Debug)]
pub(crate) struct Section {
    /// What it describes, with an article: `a customer`.
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A key.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) presence: Presence,
    pub(crate) doc: &'static str,
}

/// Whether a key must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Always.
    Required,
    /// No; its sentence says what happens without it.
    Optional,
    /// No; without it this text counts.
    Default(&'static str),
}

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Any text.
    Text,
    /// Text of a form: what people call it, and a regular expression.
    Form(&'static str, &'static str),
    /// A whole number from 0.
    Count,
    /// `90s`, `1m 30s`.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A mapping with fixed keys.
    Section(&'static Section),
    /// The same, with keys that the catalogue of faults decides.
    Catalogue(fn() -> &'static Section),
    /// A list.
    List(&'static Shape),
    /// A mapping with names of the writer's choice.
    Names {
        /// What the names are.
        what: &'static str,
        /// What they look like, a regular expression.
        pattern: &'static str,
        /// What stands behind each.
        value: &'static Shape,
    },
    /// One of several shapes.
    Any(&'static [Shape]),
    /// Whatever JSON can hold.
    Json,
}

impl Field {
    pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            presence: Presence::Required,
            doc,
        }
    }

    pub(crate) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            presence: Presence::Optional,
            doc,
        }
    }

    pub(crate) const fn default(
        name: &'static str,
        shape: Shape,
        text: &'static str,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            shape,
            presence: Presence::Default(text),
            doc,
        }
    }
}

impl Section {
    /// The field that a key means: `hold_limit` and `hold-limit` are the same key.
    pub(crate) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| canonical(field.name) == canonical(key))
    }
}

/// A key with hyphens for underscores.
pub(crate) fn canonical(key: &str) -> String {
    key.replace('_', "-")
}

/// Identifiers of perso stations, products and the like.
pub(crate) const ID: &str = "^[A-Za-z0-9_-]{1,64}$";
/// Names of customers.
pub(crate) const NAME: &str = "^[A-Za-z0-9_-]{1,32}$";
/// A perso station's id.
pub(crate) const STATION_ID: Shape = Shape::Form("a perso station's id", ID);
/// A product's id.
pub(crate) const PRODUCT_ID: Shape = Shape::Form("a card product's id", "^[A-Za-z0-9_-]{1,48}$");
