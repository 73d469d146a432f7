//! Cardholder verification: the card's list of methods, gone through from the top (EMV Book 3 section 10.5, documented).

use persotwin_emv::afl::Capability;
use persotwin_emv::card_view::CardView;
use persotwin_emv::pin::PinBlock;
use persotwin_emv::tag::Tag;

use crate::card::{Card, send};
use crate::command::Command;
use crate::error::Error;
use crate::findings::{Finding, Findings};
use crate::terminal::{Purchase, Terminal};

/// How a cardholder shows that the card is his.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// The chip compares a PIN that it gets in the clear.
    PlainPin,
    /// The issuer compares a PIN.
    OnlinePin,
    /// The merchant compares a signature.
    Signature,
    /// Not at all.
    None,
}

impl Method {
    /// The method of a rule, if this terminal's maker knows it.
    fn of(code: u8) -> Option<Self> {
        match code & 0x3F {
            0x01 => Some(Self::PlainPin),
            0x02 => Some(Self::OnlinePin),
            0x1E => Some(Self::Signature),
            0x1F => Some(Self::None),
            _ => None,
        }
    }
}

/// How verification went: tag 9F34 in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// The card does not ask for any.
    NotAsked,
    /// By this method, which worked as far as a terminal can tell: a signature and an online PIN are for others to judge.
    Done(Rule),
    /// No method of the list worked.
    Failed,
}

impl Verification {
    /// Tag 9F34.
    pub fn results(self) -> [u8; 3] {
        match self {
            Self::NotAsked => [0x3F, 0x00, 0x00],
            Self::Failed => [0x3F, 0x00, 0x01],
            Self::Done(Rule { code, condition }) => {
                let result = match Method::of(code) {
                    Some(Method::OnlinePin | Method::Signature) => 0x00,
                    _ => 0x02,
                };
                [code, condition, result]
            }
        }
    }

    /// The method that was used.
    pub fn method(self) -> Option<Method> {
        match self {
            Self::Done(rule) => Method::of(rule.code),
            Self::NotAsked | Self::Failed => None,
        }
    }
}

/// A rule of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The method, and in bit 7 whether the next rule is tried when it fails.
    pub code: u8,
    /// When the rule applies.
    pub condition: u8,
}

/// The list: two amounts and the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvmList {
    /// X and Y, in the smallest unit of the application's currency.
    pub amounts: [u32; 2],
    /// The rules from the top.
    pub rules: Vec<Rule>,
}

impl CvmList {
    /// Reads tag 8E; none for anything but two amounts and one or more whole rules.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (x, rest) = bytes.split_first_chunk()?;
        let (y, rest) = rest.split_first_chunk()?;
        let (pairs, []) = rest.as_chunks() else {
            return None;
        };
        let rule = |[code, condition]: &[u8; 2]| Rule {
            code: *code,
            condition: *condition,
        };
        (!pairs.is_empty()).then(|| Self {
            amounts: [*x, *y].map(u32::from_be_bytes),
            rules: pairs.iter().map(rule).collect(),
        })
    }

    /// Whether a rule has the chip compare a PIN.
    pub fn wants_plain_pin(&self) -> bool {
        let mut methods = self.rules.iter().map(|rule| Method::of(rule.code));
        methods.any(|method| method == Some(Method::PlainPin))
    }
}

/// What became of one method.
enum Tried {
    Worked,
    Failed,
}

/// Goes through the card's list until a method works or none may follow.
pub(crate) async fn verify<C: Card>(
    card: &mut C,
    view: &CardView,
    terminal: &Terminal,
    purchase: &Purchase,
    findings: &mut Findings,
) -> Result<Verification, Error<C::Trouble>> {
    let asks = view
        .interchange_profile
        .has(Capability::CardholderVerification);
    let Some(list) = view.object(Tag::CVM_LIST).filter(|_| asks) else {
        return Ok(Verification::NotAsked);
    };
    let list = CvmList::parse(list).ok_or(Error::CvmList)?;
    let currency = view.object(Tag::APPLICATION_CURRENCY);
    let is_ours = currency.is_some_and(|code| code == terminal.currency.to_bcd());
    for rule in &list.rules {
        if !applies(*rule, &list, terminal, purchase, is_ours) {
            continue;
        }
        let tried = match Method::of(rule.code) {
            None => {
                findings.note(Finding::UnknownMethod);
                Tried::Failed
            }
            Some(method) if !terminal.methods.contains(&method) => Tried::Failed,
            Some(Method::PlainPin) => plain_pin(card, purchase, findings).await?,
            Some(Method::OnlinePin) => online_pin(purchase, findings),
            Some(Method::Signature | Method::None) => Tried::Worked,
        };
        match tried {
            Tried::Worked => return Ok(Verification::Done(*rule)),
            Tried::Failed if rule.code & 0x40 != 0 => {}
            Tried::Failed => break,
        }
    }
    findings.note(Finding::CardholderNotVerified);
    Ok(Verification::Failed)
}

fn applies(
    rule: Rule,
    list: &CvmList,
    terminal: &Terminal,
    purchase: &Purchase,
    is_our_currency: bool,
) -> bool {
    let [x, y] = list.amounts.map(u64::from);
    let is_cash = purchase.kind == 0x01;
    match rule.condition {
        0x00 => true,
        0x02 => !is_cash,
        0x03 => Method::of(rule.code).is_none_or(|method| terminal.methods.contains(&method)),
        0x06 => is_our_currency && purchase.amount < x,
        0x07 => is_our_currency && purchase.amount > x,
        0x08 => is_our_currency && purchase.amount < y,
        0x09 => is_our_currency && purchase.amount > y,
        // Cash at a machine, cash over the counter, with cashback: not at this terminal; others are not known.
        _ => false,
    }
}

async fn plain_pin<C: Card>(
    card: &mut C,
    purchase: &Purchase,
    findings: &mut Findings,
) -> Result<Tried, Error<C::Trouble>> {
    let counter = send(card, &Command::get_data(Tag::PIN_TRY_COUNTER)).await?;
    // A card that does not tell may be asked all the same.
    if counter.status == 0x9000 && *counter.data == [0x9F, 0x17, 0x01, 0x00] {
        findings.note(Finding::PinTriesExceeded);
        return Ok(Tried::Failed);
    }
    let Some(pin) = &purchase.pin else {
        findings.note(Finding::PinNotEntered);
        return Ok(Tried::Failed);
    };
    let answer = send(card, &Command::verify(&PinBlock::format_2(pin))).await?;
    match answer.status {
        0x9000 => Ok(Tried::Worked),
        0x63C0 | 0x6983 | 0x6984 => {
            findings.note(Finding::PinTriesExceeded);
            Ok(Tried::Failed)
        }
        // The cardholder has one PIN and enters it once.
        _ => Ok(Tried::Failed),
    }
}

fn online_pin(purchase: &Purchase, findings: &mut Findings) -> Tried {
    if purchase.pin.is_none() {
        findings.note(Finding::PinNotEntered);
        return Tried::Failed;
    }
    findings.note(Finding::OnlinePinEntered);
    Tried::Worked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_list_is_read() {
        let bytes = hex::decode("000000000000000042031E031F03").unwrap();
        let list = CvmList::parse(&bytes).unwrap();
        let methods: Vec<_> = list
            .rules
            .iter()
            .map(|rule| Method::of(rule.code))
            .collect();
        let expected = [Method::OnlinePin, Method::Signature, Method::None].map(Some);
        assert_eq!(methods, expected);
        assert!(!list.wants_plain_pin());
        for cut in [0, 7, 8, 9, 13] {
            assert_eq!(CvmList::parse(&bytes[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn results_are_those_of_the_book() {
        let rule = |code, condition| Verification::Done(Rule { code, condition });
        assert_eq!(rule(0x41, 0x03).results(), [0x41, 0x03, 0x02]);
        assert_eq!(rule(0x42, 0x03).results(), [0x42, 0x03, 0x00]);
        assert_eq!(rule(0x1F, 0x03).results(), [0x1F, 0x03, 0x02]);
        assert_eq!(Verification::Failed.results(), [0x3F, 0x00, 0x01]);
    }
}
