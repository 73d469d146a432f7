//! GENERATE AC: the card's own decision, sealed with its key (EMV Book 3 section 6.5.5, documented).

use persotwin_emv::authorisation::CryptogramType;
use persotwin_emv::card_view::CardView;
use persotwin_emv::oda::signature::{self, transaction_hash};
use persotwin_emv::oda::{Check, Fault, PublicKey};
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::Block;
use persotwin_emv::tlv::{TlvReader, TlvWriter};

use crate::card::{Card, done};
use crate::command::{Command, Seal};
use crate::error::{Error, ListFault};
use crate::terminal::Objects;

/// A cryptogram with all that its issuer needs to check it. None of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cryptogram {
    /// What the card decided: bits 8 and 7 of tag 9F27.
    pub kind: CryptogramType,
    /// Tag 9F36.
    pub counter: [u8; 2],
    /// Tag 9F26.
    pub value: Block,
    /// Tag 9F10.
    pub issuer_data: Vec<u8>,
    /// What the terminal answered to the card's data object list.
    pub terminal: Vec<u8>,
}

/// What the signature over a cryptogram is checked with.
pub(crate) struct Signer<'a> {
    pub(crate) key: &'a PublicKey,
    pub(crate) unpredictable_number: [u8; 4],
    /// What the terminal answered to the lists before this one.
    pub(crate) lists: &'a [&'a [u8]],
}

impl Signer<'_> {
    /// Reads an answer that should be signed: an approval or a request of format 2, whose cryptogram is in the signature.
    ///
    /// What the signature is over is written anew, with lengths in their shortest form (inferred: no card has others).
    fn open(&self, answer: &[u8], terminal: Vec<u8>) -> Result<Cryptogram, Fault> {
        let missing = Fault::Missing(Tag::SIGNED_DYNAMIC_DATA);
        let template = TlvReader::new(answer).next().and_then(Result::ok);
        let template = template.filter(|it| it.tag == Tag::ANSWER_FORMAT_2);
        let template = template.ok_or(missing)?;
        let find = |tag| {
            let found = template.children().find(tag);
            found.ok().flatten().ok_or(Fault::Missing(tag))
        };
        let signature = find(Tag::SIGNED_DYNAMIC_DATA)?;
        let data = signature::recover(self.key, signature, &self.unpredictable_number)?;
        let combined = data.combined.ok_or(Fault::Signature(Check::Field))?;
        let signed = template.children().filter_map(Result::ok);
        let signed = signed
            .filter(|object| object.tag != Tag::SIGNED_DYNAMIC_DATA)
            .fold(TlvWriter::new(), |signed, object| {
                signed.put(object.tag, object.value)
            });
        let signed = signed.finish().map_err(|_| Fault::OtherAnswer)?;
        let lists = [self.lists, &[&terminal]].concat();
        let is_this = find(Tag::CRYPTOGRAM_INFORMATION)? == [combined.information]
            && combined.transaction == transaction_hash(&lists, &signed);
        let kind = CryptogramType::from_bits(combined.information).filter(|_| is_this);
        let counter = find(Tag::TRANSACTION_COUNTER)?.try_into().ok();
        let (Some(kind), Some(counter)) = (kind, counter) else {
            return Err(Fault::OtherAnswer);
        };
        let issuer_data = find(Tag::ISSUER_APPLICATION_DATA).unwrap_or_default();
        Ok(Cryptogram {
            kind,
            counter,
            value: combined.cryptogram,
            issuer_data: issuer_data.to_vec(),
            terminal,
        })
    }
}

impl Cryptogram {
    /// Reads the answer, of either format; none for anything else.
    fn parse(answer: &[u8], terminal: Vec<u8>) -> Option<Self> {
        let template = TlvReader::new(answer).next()?.ok()?;
        let (information, counter, value, issuer_data) = match template.tag {
            Tag::ANSWER_FORMAT_1 => {
                let (information, rest) = template.value.split_first()?;
                let (counter, rest) = rest.split_first_chunk()?;
                let (value, issuer_data) = rest.split_first_chunk()?;
                (*information, *counter, *value, issuer_data)
            }
            Tag::ANSWER_FORMAT_2 => {
                let find = |tag| template.children().find(tag).ok().flatten();
                let [information] = find(Tag::CRYPTOGRAM_INFORMATION)? else {
                    return None;
                };
                (
                    *information,
                    find(Tag::TRANSACTION_COUNTER)?.try_into().ok()?,
                    find(Tag::CRYPTOGRAM)?.try_into().ok()?,
                    find(Tag::ISSUER_APPLICATION_DATA).unwrap_or_default(),
                )
            }
            _ => return None,
        };
        Some(Self {
            kind: CryptogramType::from_bits(information)?,
            counter,
            value,
            issuer_data: issuer_data.to_vec(),
            terminal,
        })
    }
}

/// Asks the card for a cryptogram over its list, signed where there is a signer. It may give less than it is asked for, never more; a
/// refusal needs no signature (documented).
pub(crate) async fn generate<C: Card>(
    card: &mut C,
    view: &CardView,
    list: Tag,
    wanted: CryptogramType,
    objects: &Objects,
    signer: Option<Signer<'_>>,
) -> Result<Cryptogram, Error<C::Trouble>> {
    let fault = |why| Error::List { tag: list, why };
    let bytes = view.object(list).ok_or(fault(ListFault::Missing))?;
    let data = objects.answer(bytes).map_err(fault)?;
    let signer = signer.filter(|_| wanted != CryptogramType::Refusal);
    let seal = signer.as_ref().map_or(Seal::None, |_| Seal::Signature);
    let answer = done(card, &Command::generate_ac(wanted, seal, &data)).await?;
    let cryptogram = match (signer, Cryptogram::parse(&answer, data.clone())) {
        (None, None) => return Err(Error::Cryptogram),
        (None, Some(plain)) => plain,
        (Some(_), Some(plain)) if plain.kind == CryptogramType::Refusal => plain,
        (Some(signer), _) => signer.open(&answer, data).map_err(Error::Signature)?,
    };
    if cryptogram.kind > wanted {
        return Err(Error::Exceeded);
    }
    Ok(cryptogram)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_formats_say_the_same() {
        let one = "801280 001C 7A788EA6B8A3E733 06011203A0B800".replace(' ', "");
        let two = "771E 9F270180 9F3602001C 9F26087A788EA6B8A3E733 9F100706011203A0B800";
        let [one, two] = [one, two.replace(' ', "")].map(|text| {
            let bytes = hex::decode(text).unwrap();
            Cryptogram::parse(&bytes, vec![1, 2]).unwrap()
        });
        assert_eq!(one, two);
        assert_eq!(
            (one.kind, one.counter),
            (CryptogramType::Request, [0, 0x1C])
        );
    }

    #[test]
    fn what_is_no_cryptogram() {
        for text in [
            "",
            "8000",
            "80038000017A",
            "7703 9F27 01",
            "7700",
            "7704 9F270180",
            "800BC0001C7A788EA6B8A3E733",
        ] {
            let bytes = hex::decode(text.replace(' ', "")).unwrap();
            assert_eq!(Cryptogram::parse(&bytes, vec![]), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Cryptogram::parse(&bytes, vec![]);
        }
    }
}
