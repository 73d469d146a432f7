//! `behaviour:`: machines without one of their protections.

use persotwin_faults::{Behaviour, Protections};

use crate::grammar::Shape;
use crate::node::{Node, Value};
use crate::reader::Reader;

const WORD: Shape = Shape::Word(Behaviour::WORDS);

/// `behaviour:`.
pub(crate) const BEHAVIOUR: Shape = Shape::Any(&[WORD, Shape::List(&WORD)]);

/// Reads `behaviour:`: one name, or several.
pub(crate) fn read(reader: &mut Reader, node: Option<&Node>) -> Protections {
    let items = match node.map(|node| (&node.value, node)) {
        None => return Protections::default(),
        Some((Value::List(items), _)) => items.iter().collect(),
        Some((_, node)) => vec![node],
    };
    let words: Vec<(&'static str, Behaviour)> = Behaviour::ALL
        .iter()
        .map(|one| (one.word(), *one))
        .collect();
    let named = items.into_iter();
    Protections::without(named.filter_map(|item| reader.word(item, "a behaviour", &words)))
}
