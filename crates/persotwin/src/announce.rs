//! What `up` says when all is up: every address, and the rules by which D1 judges.

use std::fmt::Write as _;

use persotwin_kernel::TimeScale;
use persotwin_scenario::Plan;
use persotwin_world::{Customers, Endpoints, UpOptions, out_of_reach, roles};

use crate::args;

/// How long a line may be, where it is made of words.
const WIDTH: usize = 80;
/// What a time scale means for whoever is connected.
const SCALED: &str = "The twin's own pauses, retries and time-outs are shorter by as much: the other side sees shorter gaps between \
                      calls, and has less time to answer. Calendars, and so the lives of tokens, go on as ever.";
/// How many customers are named.
const LISTED: usize = 4;
/// What stands before a sentence about a rule.
const INDENT: &str = "      ";

/// What people read when all is up.
pub(crate) fn announce(
    plan: &Plan,
    endpoints: &Endpoints,
    options: &UpOptions,
    args: &args::Up,
) -> String {
    let mut text = format!("Persotwin is up: {}\n\n", plan.name);
    let mut line = |what: &str, value: &str| {
        let _ = writeln!(text, "  {what:<22} {value}");
    };
    line("issuer at D1", endpoints.issuer.id.as_str());
    line("D1 token", &endpoints.d1.token);
    line("D1 orders", &endpoints.d1.orders);
    line("D1 notifies", &endpoints.issuer.notifications);
    if let Some(kiosk) = &endpoints.issuer.kiosk {
        line("kiosk", &format!("{kiosk}/card-requests"));
    }
    line("control", &endpoints.control);
    for (id, station) in &endpoints.stations {
        line(&format!("{id} agent"), &station.agent);
        line("  printer", &station.printer);
        line("  chip reader", &station.chip);
    }
    if let Some(file) = &args.endpoints {
        line("endpoints file", &file.display().to_string());
    }
    let scale = options.time_scale;
    let speed = options.hardware_speed * scale.times();
    if (speed - 1.0).abs() > f64::EPSILON {
        line("hardware", &format!("{speed} times as fast as real"));
    }
    if scale != TimeScale::REAL {
        line("all time", &format!("{scale} times as fast as real"));
        indented(SCALED, &mut text);
    }
    text.push_str("\nD1's rules where its documentation leaves room (d1_rules):\n\n");
    for rule in plan.tenant.d1_rules.list() {
        let _ = writeln!(text, "  {}: {} ({})", rule.name, rule.value, rule.mark);
        indented(&rule.sentence, &mut text);
    }
    if options.issuer.is_some() && options.customers == Customers::Come {
        rehearsal(plan, &mut text);
    }
    text.push_str("\nCtrl-C stops it.\n\n");
    text
}

/// Who plays whom when a real backend orders, and what of the story cannot happen then.
fn rehearsal(plan: &Plan, text: &mut String) {
    let roles = roles(plan);
    let names: Vec<&str> = roles.iter().map(AsRef::as_ref).take(LISTED).collect();
    let more = if roles.len() > LISTED { ", …" } else { "" };
    let _ = writeln!(
        text,
        "\nYour backend's orders play the story's customers:\n"
    );
    let order = format!(
        "The first card that it orders is that of {}{more}. Times of the story count from now.",
        names.join(", the next that of ")
    );
    indented(&order, text);
    let out = out_of_reach(plan);
    if !out.is_empty() {
        text.push_str("\nThis cannot happen, with a real backend in the issuer's place:\n\n");
    }
    for (id, why) in out {
        let _ = writeln!(text, "  {id}");
        indented(why, text);
    }
}

/// A sentence over as many lines as it needs.
fn indented(sentence: &str, text: &mut String) {
    let mut line = String::new();
    for word in sentence.split(' ') {
        if !line.is_empty() && INDENT.len() + line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "{INDENT}{line}");
            line.clear();
        }
        let blank = if line.is_empty() { "" } else { " " };
        let _ = write!(line, "{blank}{word}");
    }
    let _ = writeln!(text, "{INDENT}{line}");
}
