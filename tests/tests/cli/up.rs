//! `up`, and `order` against it.

use std::fs;
use std::net::TcpListener;

use persotwin_tests::command::{Folder, Staying, command, ended, run};
use serde_json::Value;

use crate::PUBLIC_KEYS;

#[test]
fn up_prints_every_address_and_stops_on_ctrl_c() {
    let folder = Folder::new("up");
    let file = folder.at("endpoints.json");
    let mut up = Staying::start(command(&["up"]).args(["--endpoints", &file]));
    let said = up.until("Ctrl-C stops it.");
    let endpoints: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for pointer in [
        "/d1/token",
        "/d1/orders",
        "/issuer/kiosk",
        "/issuer/notifications",
        "/control",
        "/stations/KIOSK-PS-101/agent",
        "/stations/KIOSK-PS-101/printer",
        "/stations/KIOSK-PS-101/chip",
    ] {
        let address = endpoints
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer}"));
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        assert!(said.contains(address), "{pointer}: {address}");
    }
    for rule in [
        "issuer_request_id: both (documented)",
        "done_when: released (inferred)",
    ] {
        assert!(said.contains(rule), "{rule}: {said}");
    }
    let long = said
        .lines()
        .find(|line| line.chars().count() > 80 && !line.contains("http"));
    assert_eq!(long, None);
    assert_eq!(
        folder.files(),
        ["endpoints.json"],
        "the temporary name is gone"
    );
    let ended = up.interrupt();
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(130), "stopped\n")
    );
}

#[test]
fn an_order_is_placed_and_followed() {
    let folder = Folder::new("order");
    let file = folder.at("endpoints.json");
    let mut up = Staying::up(&["--endpoints", &file, "--hardware-speed", "100"]);
    let ordered = run(&["order", "--endpoints", &file]);
    assert_eq!(ordered.code, Some(0), "{}", ordered.stderr);
    assert!(
        ordered.stdout.starts_with("order for card-"),
        "{}",
        ordered.stdout
    );
    assert!(
        ordered
            .stdout
            .contains(" at KIOSK-PS-101: HTTP 202 {\"operationId\":\""),
        "{}",
        ordered.stdout
    );
    assert_eq!(ordered.stdout.lines().last(), Some("CARD_PROD_DONE"));
    up.until("CARD_PROD_DONE");
    let by_environment =
        ended(command(&["order", "--station", "KIOSK-PS-101"]).env("PERSOTWIN_ENDPOINTS", &file));
    assert_eq!(by_environment.code, Some(0), "{}", by_environment.stderr);
    let refused = run(&["order", "--endpoints", &file, "--station", "NOWHERE"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused
            .stdout
            .contains("HTTP 400 {\"errorCode\":\"FIELD_INVALID_VALUE\""),
        "{}",
        refused.stdout
    );
    let printed = run(&["order", "--endpoints", &file, "--print-curl"]);
    assert_eq!(
        (printed.code, printed.stdout.matches("curl -sS").count()),
        (Some(0), 2)
    );
    up.interrupt();
    let gone = run(&["order", "--endpoints", &file]);
    assert_eq!(gone.code, Some(3));
    assert!(
        gone.stderr.contains("is the twin still up?"),
        "{}",
        gone.stderr
    );
}

#[test]
fn customers_of_a_scenario_come_in_real_time() {
    let mut up = Staying::up(&[
        "scenarios/journeys/happy-path.yaml",
        "--hardware-speed",
        "1000",
    ]);
    up.until("CARD_PROD_DONE");
    assert_eq!(up.interrupt().code, Some(130));
}

#[test]
fn ports_are_where_they_were_asked_for_or_it_says_who_has_them() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = run(&["up", "--port-base", &port]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), ""));
    let said = format!("error: cannot listen on 127.0.0.1:{port}: Address already in use");
    assert!(told.stderr.starts_with(&said), "{}", told.stderr);
    assert!(
        told.stderr.contains("--port-base"),
        "what to do: {}",
        told.stderr
    );
    assert_eq!(run(&["up", "--port-base", "80"]).code, Some(2));
}

#[test]
fn an_endpoints_file_that_cannot_be_written_ends_with_3() {
    let folder = Folder::new("endpoints");
    let file = folder.write("file", "not a folder");
    let told = run(&["up", "--endpoints", &format!("{file}/endpoints.json")]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), ""));
    assert!(
        told.stderr.contains("cannot write the endpoints file"),
        "{}",
        told.stderr
    );
    assert_eq!(folder.files(), ["file"], "nothing is left behind");
}

#[test]
fn wrong_input_ends_with_2() {
    let folder = Folder::new("up-input");
    let public = folder.write(
        "public.yaml",
        &format!("persotwin-tenant: 1\n{PUBLIC_KEYS}"),
    );
    let other = folder.write(
        "other.yaml",
        "persotwin-tenant: 1\nstations: { KIOSK-ELSEWHERE: {} }\n",
    );
    let mistaken = folder.write("mistaken.yaml", "persotwin-tenant: 1\nisuer: X\n");
    let not_json = folder.write("endpoints.json", "{}");
    let happy = "scenarios/journeys/happy-path.yaml";
    let cases: [(&[&str], &str); 11] = [
        (
            &["up", "--tenant", &public],
            "say where it listens, with --issuer URL",
        ),
        (
            &["up", happy, "--tenant", &other],
            "alice goes to station KIOSK-PS-101, which the tenant",
        ),
        (&["up", "--tenant", &mistaken], "did you mean `issuer`?"),
        (
            &["up", "--tenant", "no/such/file"],
            "cannot read `no/such/file`",
        ),
        (
            &["up", "--issuer", "localhost:8080"],
            "`localhost:8080` is no http:// URL",
        ),
        (
            &["up", "--issuer", "https://localhost:8080"],
            "does not speak TLS yet",
        ),
        (
            &["up", "--issuer", "http://no.such.host.invalid"],
            "is no address",
        ),
        (
            &["up", "--hardware-speed", "0"],
            "--hardware-speed is a number above 0",
        ),
        (
            &["up", "no/such/scenario.yaml"],
            "cannot read `no/such/scenario.yaml`",
        ),
        (
            &["order", "--endpoints", "no/such/file"],
            "`persotwin up --endpoints` writes it",
        ),
        (
            &["order", "--endpoints", &not_json],
            "cannot read the endpoints file",
        ),
    ];
    for (args, said) in cases {
        let ended = run(args);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{args:?}: {}",
            ended.stderr
        );
        assert!(ended.stderr.contains(said), "{args:?}: {}", ended.stderr);
    }
}
