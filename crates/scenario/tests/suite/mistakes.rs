//! Mistakes and what is said of them: line and column, what is underlined, and the hint.

use std::fmt::Write as _;

use crate::common::{mistakes, plan};
use persotwin_scenario::{Diagnostic, Style, parse_tenant, render};

/// `line:column underlined | title | label | help or note`, a line each.
fn told(mistakes: &[Diagnostic]) -> String {
    let mut told = String::new();
    for mistake in mistakes {
        let place = mistake.position();
        let underlined = mistake.source.slice(&mistake.span);
        let hint = mistake
            .help
            .iter()
            .chain(&mistake.notes)
            .next()
            .map_or("", String::as_str);
        let _ = writeln!(
            told,
            "{}:{} {underlined} | {} | {} | {hint}",
            place.line, place.column, mistake.title, mistake.label
        );
    }
    told
}

/// A scenario of these lines, between the obligatory ones; the first of them is line 3.
fn scenario(lines: &str) -> String {
    let customers = if lines.contains("customers:") && !lines.contains("expect:")
        || lines.starts_with("customers:")
    {
        ""
    } else {
        "customers: { alice: { arrives: 0s } }\n"
    };
    format!("persotwin: 1\nname: A test\n{lines}\n{customers}")
}

#[test]
fn each_mistake_has_its_place_its_words_and_its_hint() {
    let mut wrong = String::new();
    for (lines, expected) in TABLE {
        let found = told(&mistakes(&scenario(lines)));
        if found != format!("{expected}\n") {
            let _ = writeln!(wrong, "{lines}\nexpected {expected}\nfound    {found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const TABLE: &[(&str, &str)] = &[
    // Stocks.
    (
        "products: { VISA-CLASSIC: { stock: generic-duel } }",
        "3:36 generic-duel | there is no stock `generic-duel` | unknown stock | did you mean `generic-dual`?",
    ),
    (
        "stations: { K-1: { hoppers: [{ stock: secure-dual-129, blanks: 1 }] } }",
        "3:39 secure-dual-129 | there is no stock `secure-dual-129` | unknown stock | did you mean `secure-dual-128`?",
    ),
    (
        "tenant: { stocks: { gold: { like: silver } } }",
        "3:35 silver | there is no stock `silver` | unknown stock | known: generic-dual, generic-dual-i75, secure-dual-128, secure-dual-192, secure-dual-256",
    ),
    (
        "tenant: { stocks: { Gold: {} } }",
        "3:21 Gold | `Gold` is no stock's name | a stock's name has 1 to 32 lower case letters, digits or hyphens | ",
    ),
    (
        "tenant: { stocks: { gold: { level: 33 } } }",
        "3:21 gold | nobody could open a chip on these terms | scp02-i55 has no security level 33 | ",
    ),
    (
        "tenant: { stocks: { gold: { transport-key: 0123 } } }",
        "3:44 0123 | this is no transport key | expected 32, 48 or 64 hexadecimal digits | ",
    ),
    (
        "tenant: { stocks: { gold: { delivered-under: { key-version: \"01\" } } } }",
        "3:46 { key-version: \"01\" } | this is what was agreed | nothing is different | write another `transport-key:` or another `key-version:`, or remove it",
    ),
    (
        "tenant: { stocks: { generic-dual: { applications: [A0000000031010] } } }",
        "3:21 generic-dual | the chips of `generic-dual` have no application A0000000041010 | MASTERCARD-DEBIT needs it | list it at the stock's `applications:`, or make the product from another stock",
    ),
    (
        "tenant: { stocks: { gold: { applications: [] } } }",
        "3:43 [] | a chip has 1 to 4 applications | 0 are listed | ",
    ),
    (
        "products: { A: { aid: A000000003, config: A }, B: { aid: A000000004 }, C: { aid: A000000005 } }",
        "3:13 A | a chip of `generic-dual` would need 5 applications | a chip has 4 at most | make some of the products from another stock\n3:48 B | a chip of `generic-dual` would need 5 applications | a chip has 4 at most | make some of the products from another stock\n3:72 C | a chip of `generic-dual` would need 5 applications | a chip has 4 at most | make some of the products from another stock",
    ),
    // PINs.
    (
        "customers: { alice: { pin: \"0815\" } }",
        "3:28 \"0815\" | cards of VISA-CLASSIC have no PIN | nobody would use this one | write `pin: in-order` or `pin: fetched` at the product",
    ),
    (
        "products: { VISA-CLASSIC: { pin: fetched } }\ncustomers: { alice: { pin: 12a4 } }",
        "4:28 12a4 | this is no PIN | expected 4 to 12 digits | ",
    ),
    (
        "products: { VISA-CLASSIC: { pin: fetchd } }",
        "3:34 fetchd | `fetchd` is not a product's `pin:` | expected `none`, `in-order` or `fetched` | did you mean `fetched`?",
    ),
    (
        "products: { VISA-CLASSIC: { cvn: 17, master-key: option-c } }",
        "3:34 17 | `17` is not a product's `cvn:` | expected `10` or `18` | did you mean `10`?\n3:50 option-c | `option-c` is not a product's `master-key:` | expected `option-a` or `option-b` | did you mean `option-a`?",
    ),
    // The top of the file.
    (
        "sed: 1",
        "3:1 sed | a scenario has no `sed:` | unknown key | did you mean `seed`?",
    ),
    (
        "weather: []",
        "3:1 weather | a scenario has no `weather:` | unknown key | known keys: persotwin, name, about, seed, starts, horizon, tenant, products, d1_rules, d1, issuer, clocks, link-latency, stations, customers, staff, faults, operator, behaviour, expect",
    ),
    (
        "seed: -1",
        "3:7 -1 | `-1` is not a seed | expected a whole number of at most 64 bits | ",
    ),
    (
        "seed: 1\nseed: 2",
        "4:1 seed | `seed` is written twice | first written on line 3 | remove one of the two",
    ),
    (
        "starts: 17.6.2026",
        "3:9 17.6.2026 | `17.6.2026` is not a date or an instant | expected `2026-06-17` or `2026-06-17T10:00:00Z` | ",
    ),
    (
        "starts: 1999-12-31",
        "3:9 1999-12-31 | no card has dates of that time | expected a day from 2000-01-01 to 2089-12-31 | dates on cards have two digits for the year",
    ),
    (
        "starts: 2090-01-01T00:00:00Z",
        "3:9 2090-01-01T00:00:00Z | no card has dates of that time | expected a day from 2000-01-01 to 2089-12-31 | dates on cards have two digits for the year",
    ),
    (
        "horizon: 0s",
        "3:10 0s | `0s` is not a horizon | expected some time, like 2h | ",
    ),
    (
        "horizon: 90",
        "3:10 90 | `90` has no unit | expected a number with its unit, like 90s, 1m 30s, 250ms or 2h | did you mean `90s`?",
    ),
    (
        "horizon: soon",
        "3:10 soon | `soon` is not a duration | expected a number with its unit, like 90s, 1m 30s, 250ms or 2h | ",
    ),
    (
        "horizon:",
        "3:1 horizon | a duration is missing | expected a duration | ",
    ),
    (
        "about: [a]",
        "3:8 [a] | a list is not text | expected text | ",
    ),
    (
        "d1: 5",
        "3:5 5 | `5` is not D1's timing | expected a mapping: keys, each with a colon and a value | ",
    ),
    (
        "tenant: other.yaml",
        "3:9 other.yaml | the tenant's file `other.yaml` cannot be read | entity not found | the path is seen from this scenario's folder",
    ),
    (
        "d1_rules: { done_when: token }",
        "3:24 token | `token` is not a value of `done_when:` | expected `released` or `taken` | did you mean `taken`?",
    ),
    (
        "d1_rules: { rate_limit: 0 }",
        "3:25 0 | `0` is not a count | expected a whole number of at least 1 | ",
    ),
    (
        "clocks: { agent/KIOSK-PS-1: 5m behind }",
        "3:11 agent/KIOSK-PS-1 | there is no machine with a clock `agent/KIOSK-PS-1` | unknown machine with a clock | did you mean `agent/KIOSK-PS-101`?",
    ),
    (
        "clocks: { d1: -5m }",
        "3:15 -5m | `-5m` is not a clock's deviation | expected a duration and a direction, `5m behind` or `2s ahead` | ",
    ),
    (
        "link-latency: nome",
        "3:15 nome | `nome` is not a set of latencies | expected `none` | did you mean `none`?",
    ),
    // Products.
    (
        "products: { VISA-GOLD: { bin: 4111x1 } }",
        "3:31 4111x1 | `4111x1` is not a product's `bin:` | expected 6 to 11 digits | ",
    ),
    (
        "products: { VISA-GOLD: { pan-length: 20 } }",
        "3:38 20 | `20` is not a count | expected a whole number from 12 to 19 | ",
    ),
    (
        "products: { VISA-GOLD: { like: VISA } }",
        "3:32 VISA | there is no product `VISA` | unknown product | known: MASTERCARD-DEBIT, VISA-CLASSIC",
    ),
    (
        "products: { VISA-GOLD: { track1-pattern: 000;cvv } }",
        "3:42 000;cvv | `000;cvv` is not a product's `track1-pattern:` | expected digits, `cvv` and `pvv` with `|` between, like `000000|cvv|000000` | ",
    ),
    // Stations.
    (
        "stations: { KIOSK-PS-101: { blanks: 50, hoppers: [{ blanks: 5 }] } }",
        "3:29 blanks | `blanks:` and `hoppers:` say the same thing twice | not beside `hoppers:` | keep one of the two",
    ),
    (
        "stations: { KIOSK-PS-101: { blanks: lots } }",
        "3:37 lots | `lots` is not a count | expected a whole number, like 50 | ",
    ),
    (
        "stations: { KIOSK-PS-101: { kind: kisok } }",
        "3:35 kisok | `kisok` is not a kind of station | expected `kiosk` or `branch` | did you mean `kiosk`?",
    ),
    (
        "stations: { KIOSK-PS-101: { zone: Europe/Pari } }",
        "3:35 Europe/Pari | there is no time zone `Europe/Pari` | expected an IANA name, like `Europe/Paris` | did you mean `Europe/Paris`?",
    ),
    (
        "stations: { KIOSK-PS-101: { ribbon: 1 } }",
        "3:37 1 | `1` is not a ribbon | expected a number of panel sets, like `500 panel sets` | ",
    ),
    (
        "stations: { KIOSK-PS-101: { present: by-staff } }",
        "3:38 by-staff | a kiosk has no staff | only at a branch | write `kind: branch` or another `present:`",
    ),
    (
        "stations: { KIOSK-PS-101: { sequence: [chip, print] } }",
        "3:39 [chip, print] | a card needs all three kinds of work | `stripe` is missing | write chip, stripe and print in any order",
    ),
    (
        "stations: { KIOSK-PS-101: { sequence: [chip] } }",
        "3:39 [chip] | a card needs all three kinds of work | `stripe` and `print` are missing | write chip, stripe and print in any order",
    ),
    (
        "stations: { KIOSK-PS-101: { hoppers: [] } }",
        "3:38 [] | a station needs at least one hopper | no hopper here | write `hoppers: [{ blanks: 100 }]`, or `blanks: 100`",
    ),
    (
        "stations: { KIOSK-PS-101: { timings: { print-frond: 3s } } }",
        "3:40 print-frond | `timings:` has no `print-frond:` | unknown key | did you mean `print-front`?",
    ),
    (
        "stations: { KIOSK PS 101: {} }",
        "3:13 KIOSK PS 101 | `KIOSK PS 101` is no perso station's id | expected 1 to 64 letters, digits, hyphens or underscores | ",
    ),
    (
        "staff: { KIOSK-PS-101: {} }",
        "3:10 KIOSK-PS-101 | a kiosk has no staff | this station is a kiosk | write `kind: branch` at the station",
    ),
    // Customers.
    (
        "customers: {}",
        "3:12 {} | a story needs somebody | no customer here | write `alice: { arrives: 0s }`",
    ),
    (
        "customers: { al ice: {} }",
        "3:14 al ice | `al ice` is no customer's name | expected 1 to 32 letters, digits, hyphens or underscores | this is a name for the story; what is printed is `cardholder:`",
    ),
    (
        "customers: { alice: { station: KIOSK-PS-102 } }",
        "3:32 KIOSK-PS-102 | there is no station `KIOSK-PS-102` | unknown station | did you mean `KIOSK-PS-101`?",
    ),
    (
        "customers: { alice: { product: VISA-CLASIC } }",
        "3:32 VISA-CLASIC | there is no product `VISA-CLASIC` | unknown product | did you mean `VISA-CLASSIC`?",
    ),
    (
        "customers: { alice: { takes: { after: 4 } } }",
        "3:39 4 | `4` has no unit | expected a number with its unit, like 90s, 1m 30s, 250ms or 2h | did you mean `4s`?",
    ),
    (
        "customers: { alice: { takes: { after: 4s, walks-away: 1s } } }",
        "3:55 1s | who walks away takes no card | not beside `after:` | keep one of the two",
    ),
    (
        "customers: { alice: { orders: in-app } }",
        "3:23 orders | it is not said when the card is fetched | `fetches-at:` is missing here | write `fetches-at: 5m`",
    ),
    (
        "customers: { alice: { fetches-at: 5m } }",
        "3:35 5m | who orders at the kiosk need not come to fetch | only with `orders: in-app` | write `orders: in-app` or remove `fetches-at:`",
    ),
    (
        "customers: { alice: { arrives: 9m, orders: in-app, fetches-at: 5m } }",
        "3:64 5m | nobody fetches a card before asking for it | expected 9m or later | both are counted from the start",
    ),
    (
        "customers: { alice: { of: bob }, bob: {} }",
        "3:23 of | a new card is nobody's old one | only with a renewal or a replacement | write `service: renewal` or `service: replacement`\n3:27 bob | `bob` has no card yet when `alice` asks | `bob` arrives at 0s, `alice` at 0s | let `alice` arrive when `bob` has the card",
    ),
    (
        "customers: { alice: { arrives: 9m }, bob: { arrives: 8m, service: renewal, of: alice } }",
        "3:80 alice | `alice` has no card yet when `bob` asks | `alice` arrives at 9m, `bob` at 8m | let `bob` arrive when `alice` has the card",
    ),
    (
        "customers: { alice: { arrives: 9m, service: renewal, of: alice } }",
        "3:58 alice | `alice` asks for one card only, which is nobody's old one | expected another customer | leave `of:` away for a card of long ago",
    ),
    (
        "customers: { bob: { arrives: 9, service: renewal, of: alice }, alice: {} }",
        "3:30 9 | `9` has no unit | expected a number with its unit, like 90s, 1m 30s, 250ms or 2h | did you mean `9s`?",
    ),
    (
        "customers: { alice: { arrives: 2h } }",
        "3:32 2h | the story is over before that | expected less than the horizon, 2h | raise `horizon:`, which is 2h unless it is written",
    ),
    (
        "horizon: 5m\ncustomers: { alice: { orders: in-app, fetches-at: 10m } }",
        "4:51 10m | the story is over before that | expected less than the horizon, 5m | raise `horizon:`, which is 2h unless it is written",
    ),
    (
        "horizon: 5\ncustomers: { alice: { arrives: 3h } }",
        "3:10 5 | `5` has no unit | expected a number with its unit, like 90s, 1m 30s, 250ms or 2h | did you mean `5s`?",
    ),
    (
        "customers: { alice: { cardholder: \" \" } }",
        "3:35 \" \" | a person has a name | expected a name, like `ALICE MARTIN` | to order another name on purpose, write `order: { encryptedData.name: ... }`",
    ),
    (
        "customers: { alice: { cardholder: '' } }",
        "3:35 '' | a person has a name | expected a name, like `ALICE MARTIN` | to order another name on purpose, write `order: { encryptedData.name: ... }`",
    ),
    (
        "customers: { alice: { cardholder: 4-2 } }",
        "3:35 4-2 | a person's name has letters | expected a name, like `ALICE MARTIN` | to order another name on purpose, write `order: { encryptedData.name: ... }`",
    ),
    (
        "customers: { alice: { pan: 411111111111111x } }",
        "3:28 411111111111111x | `411111*****1111x` is not a card number | pan must be 10 to 19 digits | ",
    ),
    (
        "customers: { alice: { pan: 4111111111111112 } }",
        "3:28 4111111111111112 | the last digit of this card number is not its check digit | expected a number with a Luhn check digit | to order a wrong one on purpose, write `order: { encryptedData.pan: ... }`",
    ),
    (
        "customers: { alice: { expires: 0126 } }",
        "3:32 0126 | `0126` is not an expiry | expected `in 3y`, `in 6mo`, or the month as `YYMM` | ",
    ),
    (
        "customers: { alice: { expires: 2605 } }",
        "3:32 2605 | this month is over when the world starts | expected a month from 2026-06-17 on | to order a past expiry on purpose, write `order: { encryptedData.exp: ... }`",
    ),
    (
        "customers: { alice: { order: { persostation: X } } }",
        "3:32 persostation | an order has no field `persostation` | not a documented field | did you mean `persoStation`?",
    ),
    (
        "customers: { alice: { order: { color: red } } }",
        "3:32 color | an order has no field `color` | not a documented field | a member that no document knows is written with `x-` before its name",
    ),
    (
        "customers: { alice: { order: { services.issuance: { json: CREATION } } } }",
        "3:59 CREATION | `CREATION` is not JSON | expected a JSON value, like `7`, `true` or `\"text\"` | ",
    ),
    // Expectations.
    (
        "expect: { customers: { alise: { card: taken } } }",
        "3:24 alise | there is no customer `alise` | unknown customer | did you mean `alice`?",
    ),
    (
        "expect: { stations: { KIOSK-PS-1O1: { taken: 1 } } }",
        "3:23 KIOSK-PS-1O1 | there is no station `KIOSK-PS-1O1` | unknown station | did you mean `KIOSK-PS-101`?",
    ),
    (
        "expect: { customers: { alice: { card: stolen } } }",
        "3:39 stolen | `stolen` is not an end of a card | expected `taken`, `captured`, `in-tray` or `none` | ",
    ),
    (
        "expect: { customers: { alice: { issuer-knows: [CARD_PROD_REQUESTED, CARD_PROD_REDY] } } }",
        "3:69 CARD_PROD_REDY | `CARD_PROD_REDY` is not a production status | expected `CARD_PROD_REQUESTED`, `CARD_PROD_READY`, `CARD_PROD_DONE`, `DATA_EXCEPTION`, `CARD_PROD_EXCEPTION`, `CARD_PROD_CANCELED` or `UNKNOWN` | did you mean `CARD_PROD_READY`?",
    ),
    (
        "expect: { customers: { alice: { refused: FIELD_INVALID_VALU persoStation } } }",
        "3:42 FIELD_INVALID_VALU persoStation | `FIELD_INVALID_VALU` is not an error code of D1 or a status from 400 to 499 | expected `FIELD_INVALID_FORMAT`, `FIELD_INVALID_VALUE`, `CRYPTO_ERROR`, `PARSING_ERROR` or `AUTHORIZER_UNAUTHORIZED` | did you mean `FIELD_INVALID_VALUE`?",
    ),
    (
        "expect: { customers: { alice: { within: 4m } } }",
        "3:41 4m | `4m` is not a limit | expected a duration and its beginning, `4m of arrival` or `2m of order` | ",
    ),
    // YAML itself.
    (
        "seed: &a 1\nhorizon: *a",
        "4:10 *a | an alias is not part of this language | write the value out | ",
    ),
];

#[test]
fn an_unknown_version_names_who_can_read_it_and_hides_the_rest() {
    let found = told(&mistakes("persotwin: 2\nname: x\nwhatever: 1\n"));
    let expected = "1:12 2 | `persotwin: 2` is not a version that this program reads | expected 1 | \
                    a later release of persotwin can read it; this one reads version 1\n";
    assert_eq!(found, expected);
    assert!(told(&mistakes("persotwin: one\n")).contains("write `persotwin: 1`"));
}

#[test]
fn a_file_of_the_other_kind_is_one_mistake() {
    let found = told(&mistakes(
        "persotwin-tenant: 1\nissuer: TWINBANK01\nwhat: ever\n",
    ));
    let expected = "1:1 persotwin-tenant | this is a tenant's file, not a scenario | told by this key | \
                    give it to `persotwin up --tenant FILE`, or name it under `tenant:` in a scenario\n";
    assert_eq!(found, expected);
    let scenario = parse_tenant("a.yaml", "persotwin: 1\nname: x\ncustomers: { a: {} }\n");
    let expected = "1:1 persotwin | this is a scenario, not a tenant's file | told by this key | \
                    give it to `persotwin run FILE`; a tenant's file begins with `persotwin-tenant: 1`\n";
    assert_eq!(told(&scenario.unwrap_err()), expected);
}

#[test]
fn what_stands_in_the_help_for_an_empty_file_is_a_scenario() {
    let shown = render(&mistakes(""), Style::Plain);
    let lines: Vec<&str> = shown
        .lines()
        .skip_while(|line| !line.contains("begin with these lines:"))
        .skip(1)
        .collect();
    assert_eq!(plan(&lines.join("\n")).customers.len(), 1, "{shown}");
}

#[test]
fn what_is_missing_is_missed_where_it_belongs() {
    let found = told(&mistakes("persotwin: 1\n"));
    assert_eq!(
        found,
        "1:1  | a scenario needs `name:` | `name:` is missing here | The title of the story.\n\
         1:1  | a scenario needs `customers:` | `customers:` is missing here | Who wants a card.\n"
    );
    for empty in ["", "\n\n", "# only a comment\n"] {
        assert!(
            told(&mistakes(empty)).contains("this file is empty"),
            "{empty:?}"
        );
    }
    let list = told(&mistakes("- a\n- b\n"));
    let expected = "1:1 - a\n- b | a list is not a scenario | expected a mapping: keys, each with a colon and a value | \n";
    assert_eq!(list, expected);
}

#[test]
fn ten_mistakes_in_one_file_are_ten_diagnostics_in_the_order_of_the_text() {
    let text = include_str!("ten-mistakes.yaml");
    let found = mistakes(text);
    assert_eq!(found.len(), 10, "{}", render(&found, Style::Plain));
    let lines: Vec<usize> = found
        .iter()
        .map(|mistake| mistake.position().line)
        .collect();
    assert!(lines.is_sorted());
    let rendered = render(&found, Style::Plain);
    assert_eq!(rendered.matches("error: ").count(), 10);
    let golden = include_str!("ten-mistakes.txt");
    assert!(rendered == golden, "{rendered}");
}

#[test]
fn no_diagnostic_shows_a_card_number() {
    let text = scenario(
        "customers: { alice: { pan: \"4111 1111 1111 1112\", order: { encryptedData.pan: 4000056655665556 }, taps: 4000056655665556 } }",
    );
    let shown = render(&mistakes(&text), Style::Color);
    for digits in ["1111 1111", "11111111", "5665566"] {
        assert!(!shown.contains(digits), "{shown}");
    }
    assert!(shown.contains("400005******5556"));
}

#[test]
fn broken_yaml_is_shown_like_any_other_mistake() {
    for (text, line) in [
        (
            "name: A: B\n",
            "1:8 : B | this is not YAML | mapping values are not allowed in this context | text with a colon in it is written in quotes\n",
        ),
        (
            "a:\n\tb: 1\n",
            "2:2 b: 1 | this is not YAML | tabs disallowed within this context (block indentation) | indent with blanks\n",
        ),
        (
            "a: { b: 1\nc: 2\n",
            "2:2 : 2 | this is not YAML | while parsing a flow mapping, did not find expected ',' or '}' | look for a missing `}` or comma before this\n",
        ),
        (
            "a:\n  b: 1\n c: 2\n",
            "3:2 c: 2 | this is not YAML | while parsing a block mapping, did not find expected key | keys of one mapping begin in the same column\n",
        ),
    ] {
        assert_eq!(told(&mistakes(text)), line);
    }
}
