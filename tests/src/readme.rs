//! The README's code blocks, as it has them.

use std::fs;

use crate::root;

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The word after the opening fence, such as `console`; empty if there is none.
    pub kind: String,
    /// What stands between the fences.
    pub text: String,
}

/// Every fenced block, in order.
pub fn blocks() -> Vec<Block> {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(block)) => {
                blocks.push(block.clone());
                open = None;
            }
            (Some(kind), None) => {
                let (kind, text) = (kind.to_owned(), String::new());
                open = Some(Block { kind, text });
            }
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block has no end");
    blocks
}

/// The texts of all blocks of a kind.
pub fn of_kind(kind: &str) -> Vec<String> {
    let of_kind = blocks().into_iter().filter(|block| block.kind == kind);
    of_kind.map(|block| block.text).collect()
}

/// Every command of the console blocks, in order.
pub fn commands() -> Vec<String> {
    let blocks = of_kind("console");
    blocks
        .iter()
        .flat_map(|block| block.lines())
        .map(str::to_owned)
        .collect()
}

/// The stranger's client.
pub fn client() -> String {
    let mut clients = of_kind("python");
    assert_eq!(clients.len(), 1, "one client");
    clients.remove(0)
}

/// The tenant's file with a public key, a JWK, in the place of the ellipses.
pub fn tenant(key: &serde_json::Value) -> String {
    let mut tenants = of_kind("yaml");
    tenants.retain(|text| text.contains("persotwin-tenant: 1"));
    assert_eq!(tenants.len(), 1, "one tenant");
    let filled = ["x", "y"].iter().fold(tenants.remove(0), |text, name| {
        let value = key[name].as_str().unwrap();
        text.replacen(
            &format!("{name}: \"…\""),
            &format!("{name}: \"{value}\""),
            1,
        )
    });
    assert!(!filled.contains('…'), "{filled}");
    filled
}
