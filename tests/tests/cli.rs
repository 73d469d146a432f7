//! The command as a user types it: every flag, every exit code, and what goes to which stream.

#[path = "cli/catalogue.rs"]
mod catalogue;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/up.rs"]
mod up;

/// A scenario that is as it says.
const GOOD: &str = "scenarios/journeys/happy-path.yaml";

/// A scenario that is well written and wrong about the world: at line 5, column 19.
const WRONG: &str = "\
persotwin: 1
name: Wrong about the card
customers: { alice: {} }
expect:
  customers: { alice: { card: captured } }
";

/// A tenant's block with public keys only.
const PUBLIC_KEYS: &str = "\
issuer-keys:
  keys:
    - kty: EC
      crv: P-256
      kid: my-key-1
      x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU
      y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0
";
