//! `d1_rules:` of a tenant: what the public documentation leaves open, as named switches.
//!
//! Each switch has a default, a mark and a sentence; [`D1Rules::list`] gives them for printing.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::mark::Mark;

/// One switch with its present value, for printing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// The name in `d1_rules:`.
    pub name: &'static str,
    /// The value in force.
    pub value: String,
    /// Where the default comes from.
    pub mark: Mark,
    /// What the value in force means.
    pub sentence: String,
}

/// An enum of a switch: the first value is the default; each value has its word and its sentence.
macro_rules! switch {
    ($(#[$doc:meta])* $name:ident {
        $first:ident = $first_word:literal, $first_sentence:literal;
        $($variant:ident = $word:literal, $sentence:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
        pub enum $name {
            #[doc = concat!("Written `", $first_word, "`.")]
            #[default]
            #[serde(rename = $first_word)]
            $first,
            $(#[doc = concat!("Written `", $word, "`.")] #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, the default first.
            pub const ALL: &'static [Self] = &[Self::$first, $(Self::$variant,)+];

            fn told(self) -> (String, String) {
                let (word, sentence) = match self {
                    Self::$first => ($first_word, $first_sentence),
                    $(Self::$variant => ($word, $sentence),)+
                };
                (word.to_owned(), sentence.to_owned())
            }
        }
    };
}

switch! {
    /// When the decrypted card data are checked.
    CardDataChecks {
        AtOrder = "at-order", "Bad card data are refused with 400 when the order arrives.";
        InPreparation = "in-preparation", "Bad card data are accepted with 202 and end in DATA_EXCEPTION.";
    }
}
switch! {
    /// Where `trackData` may stand.
    TrackDataPlace {
        Either = "either", "trackData may stand in the clear body, with a warning, or inside encryptedData.";
        EncryptedOnly = "encrypted-only", "trackData in the clear body is refused.";
        ClearOnly = "clear-only", "trackData inside encryptedData is refused.";
    }
}
switch! {
    /// What an order without `distributionChannel` is.
    MissingChannel {
        Refuse = "refuse", "An order without distributionChannel is refused, as the OpenAPI requires it.";
        Thales = "thales", "An order without distributionChannel means THALES, as a guide says.";
    }
}
switch! {
    /// What happens to members that this contract does not list.
    UnknownMembers {
        Lenient = "lenient", "Unknown members are ignored, with a warning.";
        Strict = "strict", "The first unknown member is refused with FIELD_INVALID_FORMAT.";
    }
}
switch! {
    /// Where notifications carry `issuerRequestId`.
    RequestIdPlace {
        Both = "both", "Notifications carry issuerRequestId beside operationId and in details.";
        Operation = "operation", "Notifications carry issuerRequestId beside operationId only.";
        Details = "details", "Notifications carry issuerRequestId in details only.";
    }
}
switch! {
    /// What `errorCode` of a failed production holds.
    ErrorCodes {
        Codes = "codes", "errorCode carries the code of the failure, such as PRD_FEEDER_EMPTY.";
        Absent = "absent", "Notifications carry no errorCode, only a sentence.";
    }
}
switch! {
    /// The answer to a known `issuerRequestId` with other content.
    ChangedRequest {
        Forbidden = "forbidden", "Other content under a known issuerRequestId is refused with 403.";
        Conflict = "conflict", "Other content under a known issuerRequestId is refused with 409.";
    }
}
switch! {
    /// Whether a card must be registered before it is ordered.
    UnknownCard {
        Accept = "accept", "A card id that was never seen is accepted.";
        NotFound = "not-found", "A card id that was never seen is refused with 404.";
    }
}
switch! {
    /// The operation's top-level status when production was cancelled.
    CanceledStatus {
        Failed = "failed", "A cancelled production ends its operation as FAILED.";
        Successful = "successful", "A cancelled production ends its operation as SUCCESSFUL.";
    }
}
switch! {
    /// The alphabet of `encryptedData.name` and `secondName`.
    NameRule {
        Embossing = "embossing", "Names are of [a-zA-Z. -]{0,26}, as on Create card.";
        Latin = "latin", "Names may also have apostrophes and marked Latin letters, 26 characters at most.";
    }
}
switch! {
    /// Whether the PAN's check digit is checked.
    PanCheckDigit {
        Check = "check", "A PAN with a wrong check digit is refused.";
        Ignore = "ignore", "The PAN's check digit is not looked at.";
    }
}
switch! {
    /// Whether `cardProductId` must be present.
    ProductId {
        Required = "required", "An order without cardProductId is refused.";
        Optional = "optional", "An order may come without cardProductId; the tenant's first product is meant.";
    }
}
switch! {
    /// What `CARD_PROD_DONE` waits for.
    DoneWhen {
        Released = "released", "CARD_PROD_DONE follows the release of the finished card.";
        Taken = "taken", "CARD_PROD_DONE follows the customer's taking the card.";
    }
}
switch! {
    /// The body of a 401 for an access token that is not valid.
    UnauthorizedBody {
        WithCode = "with-code", "401 carries errorCode AUTHORIZER_UNAUTHORIZED and error.";
        MessageOnly = "message-only", "401 carries error only, as another product of the portal notes.";
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $field:ident: $type:ident, $mark:ident;)+) => {
        /// The switches; absent ones have their default, unknown ones are an error.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct D1Rules {
            $($(#[$doc])* pub $field: $type,)+
            /// Orders per second and issuer before 429; none by default (ours).
            pub rate_limit: Option<NonZeroU32>,
        }

        impl D1Rules {
            /// Every switch with its value, mark and sentence, in a fixed order.
            pub fn list(&self) -> Vec<RuleLine> {
                let mut lines = vec![$({
                    let (value, sentence) = self.$field.told();
                    RuleLine { name: stringify!($field), value, mark: Mark::$mark, sentence }
                },)+];
                lines.push(self.rate_line());
                lines
            }
        }
    };
}

rules! {
    /// When card data are checked (ours).
    card_data_checks: CardDataChecks, Ours;
    /// Where track data may stand (ours: the guides do not say).
    track_data: TrackDataPlace, Ours;
    /// A missing channel (documented both ways).
    missing_channel: MissingChannel, Documented;
    /// Unknown members (inferred).
    unknown_members: UnknownMembers, Inferred;
    /// The place of `issuerRequestId` (documented both ways).
    issuer_request_id: RequestIdPlace, Documented;
    /// Codes in `errorCode` (inferred).
    error_codes: ErrorCodes, Inferred;
    /// A changed request under a known id (ours).
    changed_request: ChangedRequest, Ours;
    /// Cards never seen (ours).
    unknown_card: UnknownCard, Ours;
    /// A cancelled production's status (ours).
    canceled_status: CanceledStatus, Ours;
    /// The alphabet of printed names (inferred).
    name: NameRule, Inferred;
    /// The PAN's check digit (inferred).
    pan_check_digit: PanCheckDigit, Inferred;
    /// The product id (inferred).
    card_product_id: ProductId, Inferred;
    /// When a card counts as done (inferred: "successfully personalized").
    done_when: DoneWhen, Inferred;
    /// The 401 body (documented).
    unauthorized_body: UnauthorizedBody, Documented;
}

impl D1Rules {
    fn rate_line(&self) -> RuleLine {
        let (value, sentence) = match self.rate_limit {
            None => (
                "off".to_owned(),
                "Orders are not limited in number.".to_owned(),
            ),
            Some(limit) => (
                limit.to_string(),
                format!("More than {limit} orders a second are answered 429."),
            ),
        };
        RuleLine {
            name: "rate_limit",
            value,
            mark: Mark::Ours,
            sentence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_block_is_the_default() {
        assert_eq!(
            serde_json::from_str::<D1Rules>("{}").unwrap(),
            D1Rules::default()
        );
    }

    #[test]
    fn a_misspelt_switch_or_value_is_an_error() {
        assert!(serde_json::from_str::<D1Rules>(r#"{"track-data": "either"}"#).is_err());
        assert!(serde_json::from_str::<D1Rules>(r#"{"track_data": "anywhere"}"#).is_err());
        assert!(serde_json::from_str::<D1Rules>(r#"{"rate_limit": 0}"#).is_err());
    }

    #[test]
    fn the_list_speaks_of_the_value_in_force() {
        let rules: D1Rules =
            serde_json::from_str(r#"{"name": "latin", "rate_limit": 50}"#).unwrap();
        let lines = rules.list();
        let line = |name| lines.iter().find(|line| line.name == name).unwrap();
        assert_eq!(line("name").value, "latin");
        assert!(line("name").sentence.contains("apostrophes"));
        assert_eq!(line("rate_limit").value, "50");
        assert_eq!(line("track_data").value, "either");
    }

    #[test]
    fn every_member_is_listed_under_the_name_and_word_it_is_written_with() {
        let rules = D1Rules::default();
        let json = serde_json::to_value(&rules).unwrap();
        let json = json.as_object().unwrap();
        let lines = rules.list();
        assert_eq!(lines.len(), json.len());
        for line in lines {
            let written = json[line.name].as_str().unwrap_or("off");
            assert_eq!(written, line.value, "{}", line.name);
            assert!(line.sentence.ends_with('.'));
        }
    }
}
