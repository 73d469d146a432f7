//! The law no-secret-leaks over a whole run: every secret that the world knows, searched in everything that people may read.

use std::fmt::Write;

use persotwin_emv::scp::TermsText;
use persotwin_laws::Breach;
use persotwin_laws::no_secret_leaks::{Canaries, Kind, Searcher};
use persotwin_link::tenant::AssertionKeys;
use persotwin_printer::Side;
use persotwin_printer::face::Field;
use persotwin_scenario::Plan;
use persotwin_wire::Tapped;
use serde_json::Value;

use crate::assemble::Machines;

/// What people may read of a run.
pub(crate) struct Readable<'a> {
    pub(crate) journal: &'a str,
    pub(crate) tapped: &'a [Tapped],
}

/// What finds the secrets of a run in any text.
pub(crate) fn searcher(plan: &Plan, machines: &Machines) -> Searcher {
    canaries(plan, machines).searcher()
}

/// Every place where a secret stands that may not stand there.
pub(crate) fn leaks(
    searcher: &Searcher,
    machines: &Machines,
    readable: &Readable<'_>,
) -> Vec<Breach> {
    let mut leaks = searcher.search("journal", readable.journal);
    leaks.extend(searcher.search("HAR", heard(readable.tapped)));
    for (machine, store) in machines.hands.ledgers() {
        for entry in store.entries() {
            leaks.extend(searcher.search(&format!("ledger of {machine}"), &entry));
        }
    }
    leaks.into_iter().map(Breach::from).collect()
}

/// All that a HAR file says of exchanges, as plainly as can be.
fn heard(tapped: &[Tapped]) -> String {
    let mut text = String::new();
    for exchange in tapped {
        let _ = writeln!(text, "{} {}", exchange.method, exchange.path);
        say(
            &mut text,
            &exchange.request_headers,
            exchange.request_body.as_ref(),
        );
        if let Some(answer) = &exchange.answer {
            say(&mut text, &answer.headers, answer.body.as_ref());
        }
    }
    text
}

fn say(text: &mut String, headers: &[(String, String)], body: Option<&Value>) {
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    if let Some(body) = body {
        let _ = writeln!(text, "{body}");
    }
}

/// The secrets: what is really on each card, and the keys of the tenant.
fn canaries(plan: &Plan, machines: &Machines) -> Canaries {
    let mut canaries = Canaries::default();
    for physical in machines.physicals.values() {
        for (card, _) in physical.cards() {
            let owner = card.serial().to_string();
            for side in [Side::Front, Side::Back] {
                for printed in card
                    .face(side)
                    .map(|face| face.fields(side))
                    .unwrap_or_default()
                {
                    match printed.field {
                        Field::Pan => {
                            canaries.add(Kind::Pan, &owner, &printed.text.replace(' ', ""));
                        }
                        Field::Cvv2 => canaries.add(Kind::Cvv, &owner, printed.text),
                        _ => {}
                    }
                }
            }
            if let Ok(tracks) = card.stripe().read() {
                canaries.add(Kind::Track, &owner, &tracks.track1);
                canaries.add(Kind::Track, &owner, &tracks.track2);
            }
        }
    }
    for customer in &plan.customers {
        if let Some(pan) = &customer.pan {
            canaries.add(Kind::Pan, &customer.name, pan.reveal());
        }
        if let Some(pin) = &customer.pin {
            canaries.add(Kind::Pin, &customer.name, pin.as_str());
        }
    }
    for (index, keys) in &plan.tenant.master_keys {
        for key in [
            &keys.imk_ac,
            &keys.imk_smi,
            &keys.imk_smc,
            &keys.cvk,
            &keys.pvk,
        ] {
            canaries.add(Kind::Key, format!("key index {index}"), key);
        }
    }
    for (name, stock) in &plan.tenant.stocks {
        for terms in [&stock.terms, &stock.delivered] {
            let key = &TermsText::from(terms).transport_key;
            canaries.add(Kind::Key, format!("transport key of {name}"), key);
        }
    }
    if let AssertionKeys::Own(key) = &plan.tenant.assertion_keys {
        let json: Value = serde_json::from_str(&key.to_json()).unwrap_or_default();
        canaries.add(
            Kind::Token,
            "assertion key",
            json["d"].as_str().unwrap_or_default(),
        );
    }
    canaries
}
