//! A produced card, looked at and used: `card show`, `card insert` in a reader of our own, and the reader of a world that is up.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

#[path = "card/insert.rs"]
mod insert;
#[path = "card/show.rs"]
mod show;
#[path = "card/up.rs"]
mod up;

use std::fs;

use persotwin_tests::command::{Folder, run};
use serde_json::Value;

/// The card of the happy path, in a folder that goes with it.
struct OnDisk {
    folder: Folder,
    file: String,
}

impl OnDisk {
    fn produced(name: &str) -> Self {
        let folder = Folder::new(name);
        let report = folder.at("out");
        let told = run(&[
            "run",
            "scenarios/journeys/happy-path.yaml",
            "--report",
            &report,
        ]);
        assert_eq!(told.code, Some(0), "{}", told.stdout);
        let file = folder.at("out/happy-path/cards/alice.card.json");
        Self { folder, file }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// A value in the file.
    fn at(&self, pointer: &str) -> String {
        match self.json().pointer(pointer).unwrap() {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    fn pan(&self) -> String {
        self.at("/back/layout/pan").replace(' ', "")
    }

    /// How many transactions the chip has begun, as the file says.
    fn transactions(&self) -> u64 {
        self.at("/chip/applications/0/lasting/transactions")
            .parse()
            .unwrap()
    }
}
