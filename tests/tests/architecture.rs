//! The house as ARCHITECTURE.md draws it, held against the sources.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that fails shall fail its test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Floors by crate, from the table in ARCHITECTURE.md.
fn floors() -> BTreeMap<String, u32> {
    let text = read(&root().join("ARCHITECTURE.md"));
    let mut floors = BTreeMap::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let (Some(floor), Some(crates)) = (cells.next(), cells.next()) else {
            continue;
        };
        let Ok(floor) = floor.parse() else { continue };
        floors.extend(
            crates
                .split(',')
                .map(|name| (name.trim().trim_matches('`').to_owned(), floor)),
        );
    }
    floors
}

/// The workspace crates that a manifest names, development dependencies apart.
fn dependencies(manifest: &str) -> Vec<String> {
    let normal = manifest
        .split("[dev-dependencies]")
        .next()
        .unwrap_or_default();
    let named = normal
        .lines()
        .filter_map(|line| line.strip_prefix("persotwin-"));
    named
        .filter_map(|rest| rest.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect()
}

fn crates() -> Vec<(String, PathBuf)> {
    let mut crates: Vec<(String, PathBuf)> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    crates.sort();
    crates
}

/// All Rust files of the product, tests apart.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn product_sources() -> Vec<(String, PathBuf, String)> {
    let mut all = Vec::new();
    for (name, path) in crates() {
        let mut files = Vec::new();
        sources(&path.join("src"), &mut files);
        files.sort();
        for file in files {
            let text = read(&file);
            // Unit tests stand at the end of a file, or in one of their own.
            let product = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default()
                .to_owned();
            if !file.to_string_lossy().contains("tests") {
                all.push((name.clone(), file, product));
            }
        }
    }
    all
}

#[test]
fn a_crate_uses_only_crates_on_lower_floors() {
    let floors = floors();
    for (name, path) in crates() {
        let own = *floors
            .get(&name)
            .unwrap_or_else(|| panic!("`{name}` is not on the map"));
        for used in dependencies(&read(&path.join("Cargo.toml"))) {
            let floor = *floors
                .get(&used)
                .unwrap_or_else(|| panic!("`{used}` is not on the map"));
            assert!(
                floor < own,
                "`{name}` (floor {own}) uses `{used}` (floor {floor})"
            );
        }
    }
}

#[test]
fn every_crate_on_the_map_exists() {
    for name in floors().keys().filter(|name| *name != "tests") {
        assert!(
            root().join("crates").join(name).is_dir(),
            "`{name}` is on the map, but there is no such crate"
        );
    }
}

#[test]
fn only_wire_opens_sockets() {
    for (name, file, text) in product_sources() {
        let opens = ["TcpListener", "TcpStream", "TcpSocket", "UdpSocket"]
            .iter()
            .any(|word| text.contains(word));
        assert!(
            !opens || name == "wire",
            "{} opens a socket",
            file.display()
        );
    }
}

#[test]
fn only_kernel_spawns() {
    let spawns = [
        "tokio::spawn",
        "task::spawn",
        "JoinSet",
        "spawn_blocking",
        "spawn_local",
    ];
    for (name, file, text) in product_sources() {
        let found = spawns.iter().find(|word| text.contains(**word));
        assert!(
            found.is_none() || name == "kernel",
            "{} spawns by itself: {found:?}",
            file.display()
        );
    }
}

#[test]
fn nobody_selects_without_order() {
    for (_, file, text) in product_sources() {
        assert!(!text.contains("select!"), "{} uses select!", file.display());
    }
}

#[test]
fn files_stay_small_enough_to_hold_in_the_head() {
    for (_, file, text) in product_sources() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", file.display());
    }
}
