use base64ct::{Base64, Base64Url, Encoding};
use proptest::prelude::*;

use super::*;

const PAN: &str = "4111110000000003";
const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";
const TRACK1: &str = "B4111110000000003^MARTIN/ALICE^29062010000000123000000";
const TRACK2: &str = "4111110000000003=29062010000123000000";
const TOKEN: &str =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJUV0lOQkFOSzAxIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";

fn searcher() -> Searcher {
    let mut canaries = Canaries::default();
    canaries.add(Kind::Pan, "alice", PAN);
    canaries.add(Kind::Cvv, "alice", "313");
    canaries.add(Kind::Pin, "alice", "0204");
    canaries.add(Kind::Track, "alice's first", TRACK1);
    canaries.add(Kind::Track, "alice's second", TRACK2);
    canaries.add(Kind::Key, "the tenant", KEY);
    canaries.add(Kind::Token, "the issuer", TOKEN);
    canaries.searcher()
}

fn dresses(text: impl AsRef<[u8]>) -> Vec<(Kind, Dress)> {
    searcher()
        .search("a text", text)
        .into_iter()
        .map(|leak| (leak.kind, leak.dress))
        .collect()
}

fn percent(text: &str) -> String {
    let each = |byte: u8| format!("%{byte:02x}");
    text.bytes().map(each).collect::<Vec<_>>().concat()
}

#[test]
fn what_is_masked_is_no_leak() {
    let text = r#"{"pan":"411111******0003","note":"(16 characters)","status":202,"bytes":313}"#;
    assert_eq!(dresses(text), []);
}

#[test]
fn a_card_number_is_found_in_every_dress() {
    let bcd = hex::decode(PAN).unwrap();
    let grouped = |by: &str| format!("4111{by}1100{by}0000{by}0003");
    for (text, dress) in [
        (PAN.into(), Dress::Plain),
        (grouped(" ").into_bytes(), Dress::Grouped),
        (grouped("-").into_bytes(), Dress::Grouped),
        (grouped("%20").into_bytes(), Dress::Grouped),
        (bcd.clone(), Dress::Bcd),
        (
            [&[0x04][..], &hex::decode("111110000000003F").unwrap()].concat(),
            Dress::Bcd,
        ),
        (hex::encode(PAN).into(), Dress::Hex),
        (
            Base64::encode_string(&[b"{", PAN.as_bytes(), b"}"].concat()).into(),
            Dress::Base64,
        ),
        (
            Base64Url::encode_string(&[&[0x5a, 0x08][..], &bcd].concat()).into(),
            Dress::Base64,
        ),
        (percent(PAN).into(), Dress::Percent),
    ] {
        let text: Vec<u8> = text;
        let seen = dresses([b"before ", &text[..], b" after"].concat());
        assert!(seen.contains(&(Kind::Pan, dress)), "{dress}: {seen:?}");
    }
}

#[test]
fn tracks_keys_and_tokens_are_found() {
    for (text, kind) in [
        (TRACK1.to_owned(), Kind::Track),
        (TRACK1.replace('/', "\\/"), Kind::Track),
        (TRACK1.replace('^', "%5E").replace('/', "%2F"), Kind::Track),
        (TRACK2.replace('=', "d"), Kind::Track),
        (KEY.to_lowercase(), Kind::Key),
        (Base64::encode_string(&hex::decode(KEY).unwrap()), Kind::Key),
        (format!("Authorization: Bearer {TOKEN}"), Kind::Token),
        ("…c2lnbmF0dXJlLW9mLXRoZS10b2tlbg".to_owned(), Kind::Token),
    ] {
        let seen = dresses(&text);
        assert!(
            seen.iter().any(|(found, _)| *found == kind),
            "{kind}: {seen:?}"
        );
    }
    assert_eq!(dresses("eyJhbGciOiJFUzI1NiJ9"), [], "a header is no secret");
}

#[test]
fn short_secrets_count_where_they_are_named() {
    for text in [
        r#"{"cvv2":"313"}"#,
        r#"{"cvv2": 313}"#,
        "iCVV=313",
        "the CVC 313",
    ] {
        assert_eq!(dresses(text), [(Kind::Cvv, Dress::Plain)], "{text}");
    }
    assert_eq!(dresses("pin=0204&x=1"), [(Kind::Pin, Dress::Plain)]);
    for text in [
        r#"{"bytes":313}"#,
        r#"{"cvv2":"1313"}"#,
        "0204",
        "content-length: 313",
    ] {
        assert_eq!(dresses(text), [], "{text}");
    }
}

#[test]
fn a_leak_says_where_and_does_not_repeat_the_secret() {
    let leaks = searcher().search("journal.jsonl", format!("{{}}\n{{\"note\":\"{PAN}\"}}\n"));
    let text = leaks[0].to_string();
    assert_eq!(
        text,
        "the PAN of alice is in journal.jsonl at line 2, byte 12, as plain text"
    );
    assert!(!format!("{leaks:?} {:?}", searcher()).contains(PAN));
    assert_eq!(Breach::from(leaks[0].clone()).law, NAME);
}

#[test]
fn a_text_full_of_one_secret_gives_it_once_per_dress() {
    assert_eq!(
        dresses(format!("{PAN} ").repeat(1000)),
        [(Kind::Pan, Dress::Plain)]
    );
}

#[test]
fn a_text_in_pieces_is_one_text() {
    let searcher = searcher();
    let (first, second) = (
        format!("{{}}\n\"{PAN}\"\n"),
        format!("{KEY}\npin=0204 {PAN}\n"),
    );
    let mut search = searcher.begin("journal.jsonl");
    search.read(first.as_bytes());
    search.read(second.as_bytes());
    let leaks = search.leaks();
    assert_eq!(leaks, searcher.search("journal.jsonl", first + &second));
    assert_eq!(leaks.iter().map(|leak| leak.line).max(), Some(4));
}

proptest! {
    #[test]
    fn base64_is_found_at_every_alignment(before in "[a-z]{0,7}", after in "[a-z]{0,7}") {
        let encoded = Base64::encode_string(format!("{before}{PAN}{after}").as_bytes());
        prop_assert!(dresses(encoded).contains(&(Kind::Pan, Dress::Base64)));
    }

    #[test]
    fn any_text_can_be_searched(text in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = searcher().search("noise", text);
    }
}
