//! A payment from the card's insertion to its end.

use persotwin_emv::afl::Capability;
use persotwin_emv::authorisation::{AuthorisationRequest, CryptogramType, IssuerAnswer};
use persotwin_emv::card_view::CardView;
use persotwin_emv::tag::Tag;
use zeroize::Zeroizing;

use crate::action::{self, ActionCodes};
use crate::authentication::{DataAuthentication, authenticate};
use crate::card::{Card, send};
use crate::command::Command;
use crate::cryptogram::{Cryptogram, Signer, generate};
use crate::cvm::{self, Verification};
use crate::error::Error;
use crate::findings::{Finding, Findings};
use crate::read::{Reading, read};
use crate::restrictions;
use crate::terminal::{Line, Objects, Purchase, Terminal};

/// Authorisation response codes of a terminal that cannot reach the issuer: approved, refused.
const UNREACHABLE: [[u8; 2]; 2] = [*b"Y3", *b"Z3"];

/// A payment that came to its end. `Debug` masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The card, as it was read.
    pub reading: Reading,
    /// How data authentication went.
    pub data_authentication: DataAuthentication,
    /// How the cardholder was verified.
    pub verification: Verification,
    /// Tag 95 at the end.
    pub findings: Findings,
    /// The answer to the first GENERATE AC.
    pub first: Cryptogram,
    /// What followed, if the card asked for the issuer.
    pub online: Option<Online>,
    /// How it ended.
    pub outcome: Outcome,
}

/// What followed the card's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Online {
    /// What the issuer answered; none if it was not reached.
    pub answer: Option<IssuerAnswer>,
    /// Whether the card believed that it was the issuer.
    pub issuer: IssuerTrust,
    /// The answer to the second GENERATE AC.
    pub second: Cryptogram,
    /// How the card took each command of the issuer's script.
    pub scripts: Vec<u16>,
}

/// What a card said to the issuer's authentication data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerTrust {
    /// It was not asked by a command of its own; the second cryptogram tells.
    NotAsked,
    /// EXTERNAL AUTHENTICATE was done.
    Believed,
    /// EXTERNAL AUTHENTICATE was refused with this status word.
    Refused(u16),
}

/// How a payment ended: as the card decided last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Approved, with or without the issuer.
    Approved,
    /// Refused.
    Refused,
}

impl Transaction {
    /// What goes to the issuer for the first cryptogram.
    pub fn request(&self) -> AuthorisationRequest {
        request(&self.reading.view, &self.first)
    }
}

/// Makes a payment. `issuer` is called at most once, when the card asks for it; none is an issuer that cannot be reached.
///
/// # Errors
/// An [`Error`] when the card or its data end the payment early; nothing is approved then.
pub async fn pay<C: Card>(
    card: &mut C,
    terminal: &Terminal,
    purchase: &Purchase,
    issuer: impl FnOnce(&AuthorisationRequest) -> Option<IssuerAnswer>,
) -> Result<Transaction, Error<C::Trouble>> {
    let reading = read(card, terminal, purchase).await?;
    let view = &reading.view;
    let mut findings = Findings::default();
    let prospect = authenticate(card, &reading, terminal, purchase, &mut findings).await?;
    restrictions::check(view, terminal, purchase, &mut findings);
    let verification = cvm::verify(card, view, terminal, purchase, &mut findings).await?;
    action::manage_risk(view, terminal, purchase, &mut findings);

    let codes = ActionCodes::of(view, terminal);
    let mut objects = Objects::new(terminal, purchase);
    objects.put(Tag::CVM_RESULTS, &verification.results());
    objects.put(Tag::TERMINAL_VERIFICATION, &findings.bytes());
    let wanted = codes.first(findings, terminal.line);
    let lists: &[&[u8]] = &[&reading.begun_with];
    let signer = prospect.signer(purchase, lists);
    let first = generate(card, view, Tag::CDOL1, wanted, &objects, signer).await?;
    let online = match first.kind {
        CryptogramType::Request => {
            let answer = match terminal.line {
                Line::Online => issuer(&request(view, &first)),
                Line::OfflineOnly => None,
            };
            let lists: &[&[u8]] = &[&reading.begun_with, &first.terminal];
            let signer = prospect.signer(purchase, lists);
            let (findings, objects) = (&mut findings, &mut objects);
            Some(complete(card, view, codes, answer, findings, objects, signer).await?)
        }
        CryptogramType::Approval | CryptogramType::Refusal => None,
    };
    let last = online.as_ref().map_or(&first, |online| &online.second);
    let outcome = match last.kind {
        CryptogramType::Approval => Outcome::Approved,
        CryptogramType::Refusal | CryptogramType::Request => Outcome::Refused,
    };
    Ok(Transaction {
        data_authentication: prospect.came_true(first.kind),
        reading,
        verification,
        findings,
        first,
        online,
        outcome,
    })
}

/// From the issuer's answer to the end.
async fn complete<C: Card>(
    card: &mut C,
    view: &CardView,
    codes: ActionCodes,
    answer: Option<IssuerAnswer>,
    findings: &mut Findings,
    objects: &mut Objects,
    signer: Option<Signer<'_>>,
) -> Result<Online, Error<C::Trouble>> {
    let mut issuer = IssuerTrust::NotAsked;
    let mut wanted = codes.without_issuer(*findings);
    let [approved, refused] = UNREACHABLE;
    let mut response_code = match wanted {
        CryptogramType::Approval => approved,
        CryptogramType::Refusal | CryptogramType::Request => refused,
    };
    if let Some(answer) = &answer {
        response_code = answer.response_code;
        wanted = decided(response_code);
        if let Some(authentication) = &answer.authentication {
            objects.put(Tag::ISSUER_AUTHENTICATION, authentication);
            if view
                .interchange_profile
                .has(Capability::IssuerAuthentication)
            {
                issuer = introduce(card, authentication, findings).await?;
            }
        }
    }
    objects.put(Tag::RESPONSE_CODE, &response_code);
    objects.put(Tag::TERMINAL_VERIFICATION, &findings.bytes());
    let second = generate(card, view, Tag::CDOL2, wanted, objects, signer).await?;
    let commands = answer.iter().flat_map(|answer| &answer.scripts);
    let mut scripts = Vec::new();
    for command in commands {
        let status = script(card, command).await?;
        scripts.push(status);
        // Warnings are no failures; behind a failure a script ends (documented).
        if !matches!(status >> 8, 0x90 | 0x62 | 0x63) {
            findings.note(Finding::ScriptFailed);
            break;
        }
    }
    Ok(Online {
        answer,
        issuer,
        second,
        scripts,
    })
}

/// What the issuer's response code asks the card for: `00`, `10` and `11` approve (documented).
fn decided(response_code: [u8; 2]) -> CryptogramType {
    match &response_code {
        b"00" | b"10" | b"11" => CryptogramType::Approval,
        _ => CryptogramType::Refusal,
    }
}

async fn introduce<C: Card>(
    card: &mut C,
    authentication: &[u8],
    findings: &mut Findings,
) -> Result<IssuerTrust, Error<C::Trouble>> {
    let answer = send(card, &Command::external_authenticate(authentication)).await?;
    if answer.status == 0x9000 {
        return Ok(IssuerTrust::Believed);
    }
    findings.note(Finding::IssuerNotAuthenticated);
    Ok(IssuerTrust::Refused(answer.status))
}

/// A command of the issuer's, which the terminal does not understand; its status word.
async fn script<C: Card>(card: &mut C, command: &[u8]) -> Result<u16, Error<C::Trouble>> {
    let answer = card.transmit(command).await.map_err(Error::Card)?;
    let answer = Zeroizing::new(answer);
    // An answer without a status word is a failure.
    let status = answer.last_chunk().copied().unwrap_or_default();
    Ok(u16::from_be_bytes(status))
}

fn request(view: &CardView, cryptogram: &Cryptogram) -> AuthorisationRequest {
    AuthorisationRequest {
        pan: view.pan.clone(),
        psn: view.psn,
        terminal: cryptogram.terminal.clone(),
        interchange_profile: view.interchange_profile,
        counter: cryptogram.counter,
        issuer_data: cryptogram.issuer_data.clone(),
        cryptogram: cryptogram.value,
    }
}
