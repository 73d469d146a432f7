//! The law no-secret-leaks over a whole run: every secret that the world knows, searched in everything that people may read.

use std::sync::Arc;

use persotwin_emv::scp::TermsText;
use persotwin_kernel::Record;
use persotwin_laws::Breach;
use persotwin_laws::no_secret_leaks::{Canaries, Kind, Searcher};
use persotwin_link::tenant::AssertionKeys;
use persotwin_printer::Side;
use persotwin_printer::face::Field;
use persotwin_scenario::Plan;
use persotwin_wire::Tapped;
use serde::Serialize;
use serde_json::Value;

use crate::assemble::Machines;

/// What finds the secrets of a run in any text.
pub(crate) fn searcher(plan: &Plan, machines: &Machines) -> Searcher {
    canaries(plan, machines).searcher()
}

/// Every place where a secret stands that may not stand there: in the journal, in what is heard on the wire, in ledgers.
pub(crate) fn leaks(
    searcher: &Searcher,
    machines: &Machines,
    records: &[Arc<Record>],
    tapped: &[Tapped],
) -> Vec<Breach> {
    // Each piece is searched while the processor still has it at hand.
    let mut piece = Vec::new();
    let mut journal = searcher.begin("journal");
    for record in records {
        piece.clear();
        say(&mut piece, &**record);
        journal.read(&piece);
    }
    let mut har = searcher.begin("HAR");
    for exchange in tapped {
        piece.clear();
        hear(&mut piece, exchange);
        har.read(&piece);
    }
    let mut leaks = [journal.leaks(), har.leaks()].concat();
    for (machine, store) in machines.hands.ledgers() {
        let source = format!("ledger of {machine}");
        for entry in store.entries() {
            leaks.extend(searcher.search(&source, &entry));
        }
    }
    leaks.into_iter().map(Breach::from).collect()
}

/// All that a HAR file says of an exchange, as plainly as can be.
fn hear(text: &mut Vec<u8>, exchange: &Tapped) {
    for word in [&exchange.method, " ", &exchange.path, "\n"] {
        text.extend_from_slice(word.as_bytes());
    }
    hear_part(
        text,
        &exchange.request_headers,
        exchange.request_body.as_ref(),
    );
    if let Some(answer) = &exchange.answer {
        hear_part(text, &answer.headers, answer.body.as_ref());
    }
}

fn hear_part(text: &mut Vec<u8>, headers: &[(String, String)], body: Option<&Value>) {
    for (name, value) in headers {
        for word in [name, ": ", value, "\n"] {
            text.extend_from_slice(word.as_bytes());
        }
    }
    if let Some(body) = body {
        say(text, body);
    }
}

/// A line of JSON.
fn say(text: &mut Vec<u8>, what: &impl Serialize) {
    // Bytes take all that is written.
    let _ = serde_json::to_writer(&mut *text, what);
    text.push(b'\n');
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
