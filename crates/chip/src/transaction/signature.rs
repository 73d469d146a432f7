//! What the card signs with its private key (EMV Book 2 section 6, documented).

use persotwin_emv::afl::Capability;
use persotwin_emv::authorisation::CryptogramType;
use persotwin_emv::oda::PrivateKey;
use persotwin_emv::oda::signature::{Combined, DynamicData, sign, transaction_hash};
use persotwin_emv::tag::Tag;
use persotwin_emv::tdes::Block;
use persotwin_emv::tlv::TlvWriter;

use crate::chip::Chip;
use crate::status::Status;
use crate::tlv;

/// The card's key, and the number that goes into its signatures in this transaction.
pub(super) struct Signer {
    key: PrivateKey,
    number: Block,
}

/// A cryptogram that is to be signed, with all that the signature is over.
pub(super) struct Signed<'a> {
    pub(super) kind: CryptogramType,
    pub(super) counter: [u8; 2],
    pub(super) cryptogram: Block,
    pub(super) issuer_data: &'a [u8],
    /// What the terminal answered to the lists of this transaction, in turn.
    pub(super) lists: &'a [&'a [u8]],
    pub(super) unpredictable_number: [u8; 4],
}

impl Chip {
    /// What an application signs with, if its interchange profile offers it.
    ///
    /// The dynamic number is the transaction counter, enciphered under the serial number, so that
    /// the same commands always give the same answers (ours).
    ///
    /// # Errors
    /// [`Status::ConditionsNotSatisfied`] before personalisation.
    pub(super) fn signer(
        &self,
        index: usize,
        offered: Capability,
    ) -> Result<Option<Signer>, Status> {
        let application = self.application(index)?;
        let transactions = application.lasting()?.transactions;
        if !application.interchange_profile().has(offered) {
            return Ok(None);
        }
        let key = application.signing_key().ok().flatten();
        // A counter of challenges never comes so far.
        let number = self.enciphered(1 << 63 | u64::from(transactions));
        Ok(key.map(|key| Signer { key, number }))
    }
}

impl Signer {
    /// Signs the dynamic number, and with CDA the cryptogram, together with what the terminal gave.
    ///
    /// # Errors
    /// [`Status::ConditionsNotSatisfied`] for a key that is too short (ours).
    pub(super) fn sign(
        &self,
        terminal: &[u8],
        combined: Option<Combined>,
    ) -> Result<Vec<u8>, Status> {
        let data = DynamicData {
            number: self.number.to_vec(),
            combined,
        };
        sign(&self.key, &data, terminal).map_err(|_| Status::ConditionsNotSatisfied)
    }

    /// The answer of GENERATE AC with a combined signature: `77{9F27, 9F36, 9F4B, 9F10}`. The
    /// cryptogram itself is in the signature only (documented).
    pub(super) fn answer(&self, signed: &Signed<'_>) -> Result<Vec<u8>, Status> {
        let information = [signed.kind.bits()];
        let head = TlvWriter::new()
            .put(Tag::CRYPTOGRAM_INFORMATION, &information)
            .put(Tag::TRANSACTION_COUNTER, &signed.counter);
        let data = TlvWriter::new().put(Tag::ISSUER_APPLICATION_DATA, signed.issuer_data);
        let [head, data] = [head, data].map(tlv::written);
        let combined = Combined {
            information: signed.kind.bits(),
            cryptogram: signed.cryptogram,
            transaction: transaction_hash(signed.lists, &[head.as_slice(), &data].concat()),
        };
        let signature = self.sign(&signed.unpredictable_number, Some(combined))?;
        let objects = TlvWriter::new()
            .append(&head)
            .put(Tag::SIGNED_DYNAMIC_DATA, &signature)
            .append(&data);
        Ok(tlv::written(
            TlvWriter::new().nest(Tag::ANSWER_FORMAT_2, objects),
        ))
    }
}
