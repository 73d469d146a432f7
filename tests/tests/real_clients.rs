//! Third-party clients against the command: the README's Python client with jwcrypto, curl, and card software that others wrote.
//!
//! `tests/run` installs what they need and names the Python in `PERSOTWIN_PYTHON`.
#![cfg(feature = "real-clients")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::fs;
use std::process::Command;

use persotwin_tests::command::{Ended, Folder, Staying, ended, python, run};
use persotwin_tests::{readme, root};
use serde_json::Value;

const STORY: [&str; 3] = ["CARD_PROD_REQUESTED", "CARD_PROD_READY", "CARD_PROD_DONE"];

/// A real issuer's place: an issuer in Python, a twin that notifies it, and the endpoints file between them.
struct Bank {
    folder: Folder,
    issuer: Staying,
    /// Stays up until the test is over.
    _twin: Staying,
}

impl Bank {
    fn open(name: &str, more: &[&str]) -> Self {
        let folder = Folder::new(name);
        let mut issuer = Staying::start(python().arg(root().join("tests/clients/issuer.py")));
        let said = issuer.until("listening on");
        let url = format!(
            "http://127.0.0.1:{}",
            said.trim().rsplit(' ').next().unwrap()
        );
        let file = folder.at("endpoints.json");
        let mut args = vec![
            "--issuer",
            &url,
            "--endpoints",
            &file,
            "--hardware-speed",
            "100",
        ];
        args.extend(more);
        let twin = Staying::up(&args);
        Self {
            folder,
            issuer,
            _twin: twin,
        }
    }

    /// Runs the README's client as it stands there, in the folder where the endpoints file lies; the operation it is told.
    fn order(&self) -> String {
        let client = self.folder.write("client.py", &readme::client());
        let ended = ended(python().arg(client).current_dir(self.folder.path()));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        // Python prints a dictionary.
        let answer: Value = serde_json::from_str(&ended.stdout.replace('\'', "\"")).unwrap();
        answer["operationId"].as_str().unwrap().to_owned()
    }

    /// Everything that the issuer hears until an order has its end.
    fn hears(&mut self) -> Vec<Value> {
        let told = self.issuer.until("CARD_PROD_DONE");
        told.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// One operation's story, as the issuer heard it.
fn assert_story(heard: &[Value], operation: &str, path: &str) {
    let operations: Vec<&Value> = heard
        .iter()
        .flat_map(|told| told["body"]["operations"].as_array().unwrap())
        .collect();
    let statuses: Vec<&str> = operations
        .iter()
        .map(|told| told["details"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, STORY);
    for (told, body) in heard.iter().zip(&operations) {
        assert_eq!(told["path"], path);
        assert!(
            told["type"]
                .as_str()
                .unwrap()
                .starts_with("application/json"),
            "{told}"
        );
        assert_eq!(body["operationId"], operation);
    }
}

#[test]
fn the_client_of_the_readme_orders_and_its_issuer_hears_of_it() {
    let mut bank = Bank::open("client", &[]);
    let operation = bank.order();
    let heard = bank.hears();
    assert_story(
        &heard,
        &operation,
        "/notifications/d1/v2/issuers/TWINBANK01/cards",
    );
    for told in &heard {
        let body = &told["body"]["operations"][0];
        assert_eq!(
            (&body["cardId"], &body["issuerRequestId"]),
            (&"my-card-1".into(), &"my-request-1".into())
        );
    }
    assert_eq!(
        bank.order(),
        operation,
        "the same request with a fresh JWE is the same operation"
    );
}

#[test]
fn an_issuer_with_keys_of_its_own_is_served() {
    let generate = "from jwcrypto import jwk; print(jwk.JWK.generate(kty='EC', crv='P-256', kid='my-key-1').export())";
    let key: Value = serde_json::from_str(&ended(python().args(["-c", generate])).stdout).unwrap();
    let folder = Folder::new("own-key");
    let tenant = folder.write("tenant.yaml", &readme::tenant(&key));
    let mut bank = Bank::open("own-bank", &["--tenant", &tenant]);
    let file = bank.folder.at("endpoints.json");
    let mut endpoints: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(endpoints["issuer"].get("signing_key"), None);
    endpoints["issuer"]["signing_key"] = key;
    fs::write(&file, endpoints.to_string()).unwrap();
    let operation = bank.order();
    assert_story(
        &bank.hears(),
        &operation,
        "/notifications/d1/v2/issuers/MYBANK0001/cards",
    );
}

#[test]
fn curl_places_the_printed_order() {
    let mut bank = Bank::open("curl", &[]);
    let printed = run(&[
        "order",
        "--endpoints",
        &bank.folder.at("endpoints.json"),
        "--print-curl",
    ]);
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let answered = ended(Command::new("bash").arg(bank.folder.write("order.sh", &printed.stdout)));
    assert_eq!((answered.code, answered.stderr.as_str()), (Some(0), ""));
    assert!(
        answered.stdout.starts_with("HTTP/1.1 202"),
        "{}",
        answered.stdout
    );
    let answer: Value = serde_json::from_str(answered.stdout.lines().last().unwrap()).unwrap();
    let operation = answer["operationId"].as_str().unwrap();
    assert_story(
        &bank.hears(),
        operation,
        "/notifications/d1/v2/issuers/TWINBANK01/cards",
    );
}

#[test]
fn the_order_command_works_with_a_real_issuer() {
    let mut bank = Bank::open("order-command", &[]);
    let ordered = run(&["order", "--endpoints", &bank.folder.at("endpoints.json")]);
    assert_eq!(
        (ordered.code, ordered.stdout.lines().last()),
        (Some(0), Some("CARD_PROD_DONE")),
        "{}",
        ordered.stderr
    );
    let answer = ordered
        .stdout
        .split("HTTP 202 ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    let operation = answer["operationId"].as_str().unwrap();
    assert_story(
        &bank.hears(),
        operation,
        "/notifications/d1/v2/issuers/TWINBANK01/cards",
    );
}

/// The built-in products' discretionary data of track 2.
const PATTERN: &str = "0000|cvv|000000";

/// What card software says of a card file.
fn recomputed(file: &str, pattern: &str) -> Ended {
    let script = root().join("tests/clients/card.py");
    // The packages warn of what their own dependency calls old: two-key 3DES, as cards have it.
    ended(
        python()
            .args(["-W", "ignore"])
            .arg(script)
            .args([file, pattern]),
    )
}

#[test]
fn card_software_recomputes_what_is_on_the_card() {
    let folder = Folder::new("cards");
    for (scenario, cards, pattern) in [
        ("scenarios/journeys/happy-path.yaml", 1, PATTERN),
        ("scenarios/journeys/two-products.yaml", 2, PATTERN),
        (
            "scenarios/2-order/card-numbers-short-and-long.yaml",
            2,
            "00|cvv|00000",
        ),
    ] {
        let stem = scenario
            .rsplit('/')
            .next()
            .unwrap()
            .trim_end_matches(".yaml");
        let told = run(&["run", scenario, "--report", &folder.at("out")]);
        assert_eq!(told.code, Some(0), "{scenario}");
        let place = format!("out/{stem}/cards/");
        let found: Vec<String> = folder
            .files()
            .into_iter()
            .filter(|file| file.starts_with(&place) && file.ends_with(".card.json"))
            .collect();
        assert_eq!(found.len(), cards, "{scenario}: {found:?}");
        for file in found {
            let said = recomputed(&folder.at(&file), pattern);
            assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{file}");
        }
    }
}

/// A digit or a bit that is not what it was.
fn another(text: &str, at: usize) -> String {
    let turned = |c: char| if c == '0' { '1' } else { '0' };
    text.chars()
        .enumerate()
        .map(|(n, c)| if n == at { turned(c) } else { c })
        .collect()
}

#[test]
fn card_software_finds_each_wrong_value() {
    let folder = Folder::new("wrong-cards");
    let told = run(&[
        "run",
        "scenarios/journeys/happy-path.yaml",
        "--report",
        &folder.at("out"),
    ]);
    assert_eq!(told.code, Some(0));
    let good = fs::read_to_string(folder.at("out/happy-path/cards/alice.card.json")).unwrap();
    let good: Value = serde_json::from_str(&good).unwrap();
    let grouping = |name: &str| format!("/chip/applications/0/groupings/{name}");
    let text = |pointer: &str| good.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let number = text("/back/layout/pan").replace(' ', "");
    // Behind the number: a separator, expiry, service code, four digits of the pattern, then the value.
    let icvv = text(&grouping("0101")).find(&format!("{number}D")).unwrap() + number.len() + 12;
    let last_bit = text("/stripe/track2/bits").len() - 2;
    for (pointer, at, said) in [
        ("/back/layout/cvv2".to_owned(), 0, "back: CVV2"),
        (grouping("0101"), icvv, "tag 57: iCVV"),
        (grouping("8000"), 0, "grouping 8000: key AC"),
        (grouping("8000"), 95, "grouping 8000: key SMC"),
        (grouping("9000"), 6, "grouping 9000: check value SMI"),
        ("/stripe/track1/bits".to_owned(), 30, "track 1: parity"),
        (
            "/stripe/track2/bits".to_owned(),
            last_bit,
            "track 2: check character",
        ),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(&pointer).unwrap() = another(&text(&pointer), at).into();
        let file = folder.write("wrong.card.json", &wrong.to_string());
        let found = recomputed(&file, PATTERN);
        assert_eq!(found.code, Some(1), "{said}");
        assert!(
            found.stderr.lines().any(|line| line == said),
            "{said}: {}",
            found.stderr
        );
    }
}
