//! The tables of the reference: moments, links, actions, faults, behaviours.

use std::fmt::Write as _;

use persotwin_faults::action::actions;
use persotwin_faults::entry::{Aim, Entry, Param};
use persotwin_faults::{Behaviour, Milestone, Place, catalogue};
use persotwin_link::Door;

/// All of them, as Markdown.
pub(crate) fn all() -> String {
    let mut text = String::from("## What can be named\n\n");
    moments(&mut text);
    links(&mut text);
    operators(&mut text);
    faults(&mut text);
    behaviours(&mut text);
    text
}

fn moments(text: &mut String) {
    text.push_str("### Moments\n\nThe instants at which a machine writes something down. Struck then, it gets no further than its next call, entry or wait.\n\n");
    text.push_str("| moment | step | machine | meaning |\n|---|---|---|---|\n");
    for moment in Milestone::ALL {
        let step = moment.step().number();
        let (machine, sentence) = (moment.machine(), moment.sentence());
        let _ = writeln!(text, "| `{moment}` | {step} | {machine} | {sentence} |");
    }
}

fn links(text: &mut String) {
    text.push_str("\n### Links\n\nA link is named by the door that it leads to, `d1.orders`; where each station has its own, one is meant by its station, `agent.jobs/KIOSK-PS-101`; and where several kinds of messages come, one is meant by its word, `d1.orders poll`.\n\n");
    text.push_str("| link | messages | of a station |\n|---|---|---|\n");
    for door in Door::ALL {
        let messages: Vec<String> = door
            .messages()
            .iter()
            .map(|one| format!("`{one}`"))
            .collect();
        let messages = if messages.is_empty() {
            "-".to_owned()
        } else {
            messages.join(", ")
        };
        let station = if door.has_stations() { "yes" } else { "-" };
        let _ = writeln!(text, "| `{door}` | {messages} | {station} |");
    }
}

fn operators(text: &mut String) {
    text.push_str(
        "\n### Actions\n\n| action | is done to | parameters | meaning |\n|---|---|---|---|\n",
    );
    for entry in actions() {
        let (name, aim, params) = (entry.name, target(entry.aim), params(entry.params));
        let _ = writeln!(
            text,
            "| `{name}` | {aim} | {params} | {} |",
            entry.sentence()
        );
    }
}

fn faults(text: &mut String) {
    text.push_str("\n### Faults\n");
    for place in Place::ALL {
        let entries: Vec<&Entry> = catalogue().filter(|entry| entry.place == *place).collect();
        if entries.is_empty() {
            continue;
        }
        let (sentence, aim) = (place.sentence(), target(place.aim()));
        let _ = writeln!(text, "\n#### `{place}`: {sentence}\n\nStrikes {aim}.\n");
        text.push_str(
            "| fault | parameters | meaning | what the issuer sees |\n|---|---|---|---|\n",
        );
        for entry in entries {
            let (name, params) = (entry.name, params(entry.params));
            let _ = writeln!(
                text,
                "| `{name}` | {params} | {} | {} |",
                quoted(entry.sentence()),
                quoted(entry.seen)
            );
        }
    }
}

fn behaviours(text: &mut String) {
    text.push_str("\n### Behaviours\n\n| behaviour | machine | law that breaks | meaning |\n|---|---|---|---|\n");
    for behaviour in Behaviour::ALL {
        let (role, law, sentence) = (behaviour.role(), behaviour.breaks(), behaviour.sentence());
        let _ = writeln!(text, "| `{behaviour}` | {role} | {law} | {sentence} |");
    }
}

const fn target(aim: Aim) -> &'static str {
    match aim {
        Aim::Link => "`link:`, of one `from:` or one `customer:` if written",
        Aim::Machine => "`machine:`",
        Aim::Station => "`station:`",
        Aim::Customer => "`customer:`",
        Aim::Orders => "the orders of `customer:`, or all",
    }
}

fn params(params: &[Param]) -> String {
    if params.is_empty() {
        return "-".to_owned();
    }
    let one = |param: &Param| match param.default {
        Some(default) => format!("`{}: {default}`", param.key()),
        None => format!("`{}:`", param.key()),
    };
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A sentence with its codes, `CARD_PROD_DONE`, as code.
fn quoted(sentence: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches(['.', ',', ';', ':']);
        let is_code =
            bare.contains('_') && bare.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
        if is_code {
            format!("`{bare}`{}", &word[bare.len()..])
        } else {
            word.to_owned()
        }
    };
    sentence.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
