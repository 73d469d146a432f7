//! The payment environments: directories of the personalised applications.
//!
//! `1PAY.SYS.DDF01` names its entries in the records of a file, `2PAY.SYS.DDF01` in its own SELECT
//! answer (documented: EMV Books 1 and B). Neither is there before an application is personalised
//! (ours), and both answer over the one interface that this chip has.

use persotwin_emv::afl::Sfi;
use persotwin_emv::tag::Tag;
use persotwin_emv::tlv::TlvWriter;

use crate::application::Application;
use crate::tlv;

/// A directory of applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directory {
    /// The payment system environment.
    Pse,
    /// The proximity payment system environment.
    Ppse,
}

impl Directory {
    pub(crate) const ALL: [Self; 2] = [Self::Pse, Self::Ppse];

    /// The file of PSE that holds its records.
    pub(crate) const FILE: Sfi = Sfi::ONE;

    /// Its name.
    pub(crate) const fn name(self) -> &'static [u8] {
        match self {
            Self::Pse => b"1PAY.SYS.DDF01",
            Self::Ppse => b"2PAY.SYS.DDF01",
        }
    }

    /// What SELECT answers, given the personalised applications.
    pub(crate) fn select_answer<'a>(
        self,
        applications: impl Iterator<Item = &'a Application> + Clone,
    ) -> Vec<u8> {
        let content = match self {
            Self::Pse => TlvWriter::new()
                .put(Tag::DIRECTORY_SFI, &[Self::FILE.number()])
                .put_some(
                    Tag::LANGUAGE_PREFERENCE,
                    applications.clone().find_map(Application::languages),
                ),
            Self::Ppse => TlvWriter::new().nest(Tag::ISSUER_DISCRETIONARY, entries(applications)),
        };
        let answer = TlvWriter::new()
            .put(Tag::DF_NAME, self.name())
            .nest(Tag::FCI_PROPRIETARY, content);
        tlv::written(TlvWriter::new().nest(Tag::FCI, answer))
    }

    /// The one record of PSE.
    pub(crate) fn record<'a>(applications: impl Iterator<Item = &'a Application>) -> Vec<u8> {
        tlv::written(TlvWriter::new().nest(Tag::RECORD, entries(applications)))
    }
}

fn entries<'a>(applications: impl Iterator<Item = &'a Application>) -> TlvWriter {
    applications.fold(TlvWriter::new(), |entries, application| {
        application.write_directory_entry(entries)
    })
}
