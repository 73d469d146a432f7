//! `persotwin faults` and `persotwin naive`: what can go wrong, what protects from it, and who shows it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use persotwin_faults::{Behaviour, Entry, catalogue};
use persotwin_scenario::Plan;
use serde_json::json;

use crate::args::{List, ListFormat};
use crate::exit::{Exit, Stop};
use crate::{find, output};

/// Scenarios by what they show.
type Shown = BTreeMap<&'static str, Vec<String>>;

/// Everything that can go wrong.
pub(crate) fn faults(args: &List) -> Result<Exit, Stop> {
    let shown = search(&args.scenarios, |plan| {
        plan.fault_names().into_iter().collect()
    })?;
    let mut text = String::new();
    for entry in catalogue() {
        let scenarios = shown.get(entry.name).map_or(&[][..], Vec::as_slice);
        let _ = match args.format {
            ListFormat::Json => writeln!(text, "{}", fault_line(entry, scenarios)),
            ListFormat::Pretty => write!(text, "{}", fault_row(entry, scenarios)),
        };
    }
    output::print(&text);
    Ok(Exit::Ok)
}

fn fault_line(entry: &Entry, scenarios: &[String]) -> serde_json::Value {
    let steps: Vec<u8> = entry.steps.iter().map(|step| step.number()).collect();
    let params: serde_json::Map<String, serde_json::Value> = entry
        .params
        .iter()
        .map(|param| (param.key(), param.default.into()))
        .collect();
    let breaks: Vec<&str> = entry.breaks.iter().map(|law| law.word()).collect();
    json!({
        "version": 1,
        "fault": entry.name,
        "place": entry.place.word(),
        "step": steps.first(),
        "steps": steps,
        "is": entry.sentence(),
        "parameters": params,
        "seen_by_issuer": entry.seen,
        "may_break": breaks,
        "scenarios": scenarios,
    })
}

/// Name, place, steps and parameters on a line, then the two sentences.
fn fault_row(entry: &Entry, scenarios: &[String]) -> String {
    let mut steps: Vec<String> = entry
        .steps
        .iter()
        .map(|step| step.number().to_string())
        .collect();
    steps.sort();
    let params: Vec<String> = entry
        .params
        .iter()
        .map(|param| format!("{}: {}", param.key(), param.default.unwrap_or("…")))
        .collect();
    let mut row = format!(
        "{:<26} {:<12} {:<12} {}\n",
        entry.name,
        entry.place,
        steps.join(","),
        params.join(", ")
    );
    let _ = writeln!(row, "    {}", entry.sentence());
    let _ = writeln!(row, "    The issuer sees: {}", entry.seen);
    let breaks: Vec<&str> = entry.breaks.iter().map(|law| law.word()).collect();
    if !breaks.is_empty() {
        let _ = writeln!(row, "    May break by itself: {}", breaks.join(", "));
    }
    row.push_str(below(scenarios).trim_start_matches('\n'));
    if !scenarios.is_empty() {
        row.push('\n');
    }
    row
}

/// The scenarios that show something, each on a line of its own below it.
fn below(scenarios: &[String]) -> String {
    let line = |path: &String| format!("\n    {path}");
    scenarios.iter().map(line).collect()
}

/// Every protection that can be switched off.
pub(crate) fn naive(args: &List) -> Result<Exit, Stop> {
    let named = |plan: &Plan| plan.protections.behaviours().map(Behaviour::word).collect();
    let shown = search(&args.scenarios, named)?;
    let mut text = String::new();
    for behaviour in Behaviour::ALL {
        let scenarios = shown.get(behaviour.word()).map_or(&[][..], Vec::as_slice);
        let _ = match args.format {
            ListFormat::Json => {
                let line = json!({
                    "version": 1,
                    "behaviour": behaviour.word(),
                    "machine": behaviour.role().word(),
                    "breaks": behaviour.breaks().word(),
                    "is": behaviour.sentence(),
                    "scenarios": scenarios,
                });
                writeln!(text, "{line}")
            }
            ListFormat::Pretty => writeln!(
                text,
                "{:<26} {:<8} {:<28} {}{}",
                behaviour.word(),
                behaviour.role(),
                behaviour.breaks(),
                behaviour.sentence(),
                below(scenarios)
            ),
        };
    }
    output::print(&text);
    Ok(Exit::Ok)
}

/// Who shows what; a folder that is not there shows nothing.
fn search(path: &Path, named: impl Fn(&Plan) -> Vec<&'static str>) -> Result<Shown, Stop> {
    let mut shown = Shown::new();
    if !path.exists() {
        return Ok(shown);
    }
    for found in find::scenarios(&[path.to_owned()], None)? {
        let plan = find::read(&found.path, output::diagnostic_style())?;
        for name in named(&plan) {
            let path = found.path.to_string_lossy().replace('\\', "/");
            shown.entry(name).or_default().push(path);
        }
    }
    Ok(shown)
}
