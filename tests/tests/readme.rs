//! What the README says, taken from its text: each command, scenario and tenant works as it stands there.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use persotwin_tests::command::{Folder, Staying, command, ended, run};
use persotwin_tests::readme::{self, blocks, client, commands, of_kind};
use persotwin_tests::root;
use persotwin_tests::stranger::{Request, ask};
use persotwin_tests::vpcd::CardReader;
use serde_json::Value;

/// How the README starts the command.
const CARGO: &str = "cargo run --release -- ";

/// How it asks the control face.
const CURL: &str = "curl -sS $CONTROL";

/// The arguments of each command that the README starts through cargo.
fn started() -> Vec<Vec<String>> {
    let ours = commands()
        .into_iter()
        .filter_map(|line| line.strip_prefix(CARGO).map(str::to_owned));
    ours.map(|line| line.split(' ').map(str::to_owned).collect())
        .collect()
}

/// The one command of the README that begins like this.
fn the_command(beginning: &[&str]) -> Vec<String> {
    let all: Vec<_> = started()
        .into_iter()
        .filter(|args| args.iter().zip(beginning).all(|(a, b)| a == b))
        .collect();
    assert_eq!(all.len(), 1, "{beginning:?}: {all:?}");
    all[0].clone()
}

/// The same command, with its endpoints file at this place.
fn with_endpoints(args: Vec<String>, file: &str) -> Vec<String> {
    let at = |arg| {
        if arg == "endpoints.json" {
            file.to_owned()
        } else {
            arg
        }
    };
    args.into_iter().map(at).collect()
}

#[test]
fn nothing_in_the_readme_goes_untested() {
    let others: Vec<String> = commands()
        .into_iter()
        .filter(|line| !line.starts_with(CARGO) && !line.starts_with(CURL))
        .collect();
    assert_eq!(others, ["tests/run"]);
    let verbs: Vec<String> = started().into_iter().map(|args| args[0].clone()).collect();
    assert_eq!(
        verbs,
        [
            "run", "run", "check", "explore", "explore", "explore", "explore", "merge", "run",
            "card", "card", "up", "up", "order", "order"
        ]
    );
    let kinds: BTreeSet<String> = blocks().into_iter().map(|block| block.kind).collect();
    assert_eq!(
        kinds,
        ["", "console", "python", "yaml"].map(str::to_owned).into()
    );
}

#[test]
fn the_first_command_tells_the_story_of_one_card() {
    let told = run(&the_command(&["run", "scenarios/journeys/happy-path.yaml"]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(
        told.stdout.contains("takes card A/00001"),
        "{}",
        told.stdout
    );
}

#[test]
fn the_second_command_runs_the_library() {
    let args = started()
        .into_iter()
        .find(|args| args == &["run", "scenarios"])
        .unwrap();
    let told = run(&args);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let lines = told.stdout.lines().filter(|line| line.starts_with("ok "));
    assert_eq!(
        lines.count(),
        persotwin_tests::library().len(),
        "a line a scenario"
    );
}

#[test]
fn the_twin_looks_for_trouble_as_the_readme_says() {
    let folder = Folder::new("readme-explore");
    let elsewhere = |arg: String| match arg.as_str() {
        // Tests have less time than people.
        "60s" => "1s".to_owned(),
        "1..200" => "1..7".to_owned(),
        text => text
            .strip_prefix("out/")
            .map_or(arg.clone(), |rest| folder.at(rest)),
    };
    let all = started()
        .into_iter()
        .filter(|args| args[0] == "explore" || args[0] == "merge");
    for args in all {
        let args: Vec<String> = args.into_iter().map(elsewhere).collect();
        let told = run(&args);
        let has = |word: &str| args.iter().any(|arg| arg == word);
        let wanted = match told.code {
            // What fresh seeds find nobody knows.
            Some(1) => has("--time") || has("--behaviour"),
            Some(0) => !has("--behaviour"),
            _ => false,
        };
        assert!(wanted, "{args:?}: {}{}", told.stdout, told.stderr);
        assert!(
            told.stdout.contains("seeds a minute and core"),
            "{}",
            told.stdout
        );
        if args[0] == "merge" {
            assert!(
                told.stdout.contains("6 seeds, 0 went wrong"),
                "{}",
                told.stdout
            );
        }
    }
}

#[test]
fn a_card_of_the_readme_is_made_shown_and_put_into_a_reader() {
    let folder = Folder::new("readme-card");
    let here = |args: Vec<String>| -> Vec<String> {
        let elsewhere = |arg: String| match arg.strip_prefix("out") {
            Some(rest) => format!("{}{rest}", folder.at("out")),
            None => arg,
        };
        args.into_iter().map(elsewhere).collect()
    };
    let made = run(&here(the_command(&[
        "run",
        "scenarios/journeys/two-products.yaml",
    ])));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let shown = run(&here(the_command(&["card", "show"])));
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("SFI 2 record 1"), "{}", shown.stdout);
    let reader = CardReader::listen();
    let insert = here(the_command(&["card", "insert"]));
    let held = Staying::start(command(&insert).env("PERSOTWIN_READER", reader.address()));
    assert!(reader.card().atr().starts_with(&[0x3B]));
    assert_eq!(held.end().code, Some(0), "the reader has closed");
}

#[test]
fn the_library_is_good() {
    assert_eq!(run(&the_command(&["check"])).code, Some(0));
}

#[test]
fn the_test_command_is_there_and_installs_what_the_readme_says() {
    let script = fs::read_to_string(root().join("tests/run")).unwrap();
    assert!(script.contains("cargo test --workspace"));
    let packages = fs::read_to_string(root().join("tests/requirements.txt")).unwrap();
    for package in ["jwcrypto", "psec", "pyemv"] {
        assert!(
            packages
                .lines()
                .any(|line| line.starts_with(&format!("{package}=="))),
            "{package}"
        );
    }
    let mode = fs::metadata(root().join("tests/run"))
        .unwrap()
        .permissions()
        .mode();
    assert_ne!(mode & 0o111, 0, "it can be started");
}

#[test]
fn the_scenario_is_the_one_of_the_library_and_runs() {
    let scenario = of_kind("yaml")
        .into_iter()
        .find(|text| text.contains("persotwin: 1"))
        .unwrap();
    let shipped = root().join("scenarios/5-produce/hopper-empty.yaml");
    assert_eq!(scenario, fs::read_to_string(shipped).unwrap());
    let folder = Folder::new("readme-scenario");
    let told = run(&["run", &folder.write("scenario.yaml", &scenario)]);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
}

#[test]
fn the_tenant_is_one_once_it_has_a_key() {
    let folder = Folder::new("readme-tenant");
    let key = serde_json::json!({
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let file = folder.write("tenant.yaml", &readme::tenant(&key));
    let endpoints = folder.at("endpoints.json");
    let up = Staying::up(&["--tenant", &file, "--endpoints", &endpoints]);
    let endpoints: Value = serde_json::from_str(&fs::read_to_string(&endpoints).unwrap()).unwrap();
    assert_eq!(endpoints["issuer"]["id"], "MYBANK0001");
    assert_eq!(
        endpoints["issuer"]["notifications"],
        "http://127.0.0.1:8080/notifications/d1/v2"
    );
    assert_eq!(
        endpoints["issuer"].get("signing_key"),
        None,
        "whoever has the private key signs"
    );
    up.interrupt();
}

#[test]
fn the_world_of_the_readme_comes_up_with_all_that_its_table_names() {
    let folder = Folder::new("readme-up");
    let file = folder.at("endpoints.json");
    let args = with_endpoints(the_command(&["up", "--issuer"]), &file);
    assert!(
        args.contains(&"http://127.0.0.1:8080".to_owned()),
        "the issuer of the README: {args:?}"
    );
    let mut up = Staying::start(command(&args).current_dir(folder.path()));
    up.until("Ctrl-C stops it.");
    let endpoints: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let settings: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| line.rsplit("| ").next()?.strip_suffix(" |"))
        .filter_map(|cell| cell.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    assert_eq!(
        settings,
        [
            "d1.token",
            "d1.orders",
            "d1.jwe_key",
            "issuer.id",
            "issuer.signing_key"
        ]
    );
    for setting in settings {
        let pointer = format!("/{}", setting.replace('.', "/"));
        assert!(endpoints.pointer(&pointer).is_some(), "{setting}");
    }
    assert!(endpoints["stations"]["KIOSK-PS-101"].is_object());
    assert_eq!(
        endpoints["issuer"]["notifications"],
        "http://127.0.0.1:8080/notifications/d1/v2"
    );
    assert!(
        endpoints["issuer"].get("kiosk").is_none(),
        "a real issuer has its own"
    );
    // Its two order commands, in the folder where the file lies. Nobody listens at the issuer's port, and the order goes its way.
    for args in started().into_iter().filter(|args| args[0] == "order") {
        let ordered = ended(command(&args).current_dir(folder.path()));
        assert_eq!(ordered.code, Some(0), "{args:?}: {}", ordered.stderr);
    }
    assert_eq!(up.interrupt().code, Some(130));
}

/// The story that is rehearsed.
const STORY: &str = "scenarios/5-produce/ribbon-changed-for-the-next.yaml";

/// What a line of curl asks: method, path, body.
fn asked(line: &str) -> (&'static str, String, Option<String>) {
    let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
    let body = rest
        .strip_prefix("--json '")
        .and_then(|json| json.strip_suffix('\''));
    let method = match (body, rest) {
        (Some(_), _) => "POST",
        (None, "-X DELETE") => "DELETE",
        (None, "") => "GET",
        (None, other) => panic!("{other}"),
    };
    (method, path.to_owned(), body.map(str::to_owned))
}

#[test]
fn a_story_is_rehearsed_broken_and_mended() {
    let folder = Folder::new("readme-rehearsal");
    let file = folder.at("endpoints.json");
    let args = with_endpoints(the_command(&["up", STORY]), &file);
    let mut up = Staying::start(&mut command(&args));
    let said = up.until("Ctrl-C stops it.");
    for told in [
        "10 times as fast as real",
        "shorter gaps",
        "Your backend's orders play",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let long = said
        .lines()
        .find(|line| line.chars().count() > 80 && !line.contains("http"));
    assert_eq!(long, None);
    let endpoints: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let control = endpoints["control"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    let (host, base) = control.split_at(control.find('/').unwrap());
    let lines = commands();
    let mut statuses = Vec::new();
    for line in lines.iter().filter_map(|line| line.strip_prefix(CURL)) {
        let (method, path, body) = asked(line);
        let request = Request::new(method, &format!("{base}{path}")).header("Host", host);
        let request = match body {
            Some(body) => request.body("application/json", body),
            None => request,
        };
        statuses.push(ask(host.parse().unwrap(), &request).status);
    }
    assert_eq!(statuses, [201, 200, 201, 201, 204]);
    assert_eq!(up.interrupt().code, Some(130));
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let said = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let codes = text.split_once("Exit codes: ").unwrap().1;
        codes.split_once('.').unwrap().0.to_owned()
    };
    assert_eq!(said(&readme), said(&run(&["--help"]).stdout));
}

#[test]
fn the_client_needs_nothing_but_what_is_named() {
    let modules = client();
    let imports: Vec<&str> = modules
        .lines()
        .filter(|line| line.contains("import "))
        .collect();
    assert_eq!(
        imports,
        [
            "import json, time, urllib.parse, urllib.request",
            "from jwcrypto import jwe, jwk, jwt"
        ]
    );
    let lines = client().lines().count();
    assert!(lines <= 24, "a dozen lines or two, not {lines}");
}
