//! Parameters of faults and actions, drawn from what the catalogue says of them.

use persotwin_faults::entry::Param;
use persotwin_faults::value::Kind;
use persotwin_link::Span;

use crate::draw::Dice;
use crate::value::Settings;

/// Texts that are more telling than a parameter's default.
const FIELDS: [&str; 6] = [
    "services",
    "services.issuance",
    "distributionChannel",
    "persoStation",
    "encryptedData.pan",
    "encryptedData.exp",
];

/// Draws parameters beside what is in `settings` already; whatever is not written has its default.
pub(super) fn draw(dice: &Dice, params: &[Param], settings: &mut Settings) {
    for param in params {
        let key = param.key();
        if settings.get(&key).is_some() {
            continue;
        }
        let dice = dice.about(&key);
        // Without a default it must be written.
        if param.default.is_some() && dice.likely("default", 35) {
            continue;
        }
        if let Some(text) = value(&dice, param, &key) {
            settings.set(&key, text);
        }
    }
}

fn value(dice: &Dice, param: &Param, key: &str) -> Option<String> {
    let default = param.default.unwrap_or_default();
    match param.kind {
        Kind::SpanOr(word) if default == word || dice.likely("word", 20) => Some(word.to_owned()),
        Kind::Span | Kind::SpanOr(_) => Some(span(dice, default)),
        Kind::Percent => Some(format!("{}%", dice.between("share", 0, 10) * 10)),
        Kind::Words(words) => dice.pick("word", words).map(|word| (*word).to_owned()),
        Kind::Count | Kind::FromOne => count(dice, default).map(|count| count.to_string()),
        Kind::Text => text(dice, key),
    }
}

fn span(dice: &Dice, default: &str) -> String {
    let usual = default.parse().unwrap_or(Span::from_secs(10));
    if usual == Span::ZERO {
        return dice.word("span", &["0s", "100ms", "1s", "10s"]).to_owned();
    }
    dice.stretched("span", usual.get()).to_string()
}

/// Small counts vary; what is larger is a status or a size, which means something.
fn count(dice: &Dice, default: &str) -> Option<u32> {
    let usual: u32 = default.parse().unwrap_or(1);
    match usual {
        0..100 => Some(dice.between("count", usual.min(1), usual.max(1) * 3)),
        100..1000 => None,
        _ => Some(usual / dice.between("count", 1, 16)),
    }
}

/// Other texts than the default, where some are known.
fn text(dice: &Dice, key: &str) -> Option<String> {
    (key == "field")
        .then(|| dice.pick("field", &FIELDS).map(|field| (*field).to_owned()))
        .flatten()
}
