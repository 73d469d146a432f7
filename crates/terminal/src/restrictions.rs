//! Processing restrictions: is this the place, the kind of payment and the day for this card (EMV Book 3 section 10.4, documented).

use persotwin_emv::card_view::CardView;
use persotwin_emv::tag::Tag;

use crate::findings::{Finding, Findings};
use crate::terminal::{Purchase, Terminal};

/// The version of the application that the terminal knows (ours).
const VERSION: [u8; 2] = [0x00, 0x02];
/// Transaction type of cash.
const CASH: u8 = 0x01;

/// Notes what speaks against the payment.
pub(crate) fn check(
    card: &CardView,
    terminal: &Terminal,
    purchase: &Purchase,
    findings: &mut Findings,
) {
    let version = card.object(Tag::APPLICATION_VERSION);
    if version.is_some_and(|version| version != VERSION) {
        findings.note(Finding::OtherVersion);
    }
    if terminal.date > card.expires {
        findings.note(Finding::Expired);
    }
    if card.effective.is_some_and(|from| terminal.date < from) {
        findings.note(Finding::NotYetEffective);
    }
    if !is_allowed(card, terminal, purchase) {
        findings.note(Finding::ServiceNotAllowed);
    }
}

/// By usage control and the issuer's country; a card without them allows everything.
fn is_allowed(card: &CardView, terminal: &Terminal, purchase: &Purchase) -> bool {
    let usage = card.object(Tag::USAGE_CONTROL);
    let country = card.object(Tag::ISSUER_COUNTRY);
    let (Some([first, _]), Some(country)) = (usage, country) else {
        return true;
    };
    let is_domestic = country == terminal.country.to_bcd();
    // Bits 8 and 7 are for cash at home and abroad; 6 to 3 for goods and for services.
    let needed = match (purchase.kind == CASH, is_domestic) {
        (true, true) => 0x80,
        (true, false) => 0x40,
        (false, true) => 0x20 | 0x08,
        (false, false) => 0x10 | 0x04,
    };
    // Bit 1 of the first byte: terminals other than cash machines.
    first & needed != 0 && first & 0x01 != 0
}
