//! `encryptedData`, assertions and keys as strangers send them: read or refused, and nothing opens that was not sealed for the key.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use persotwin_contract::jose::jwe::Jwe;
use persotwin_contract::jose::jwk::{PrivateJwk, PublicJwk};
use persotwin_contract::jose::jws::Jws;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

fn key() -> &'static PrivateJwk {
    static KEY: OnceLock<PrivateJwk> = OnceLock::new();
    KEY.get_or_init(|| {
        let kid = "k".parse().expect("a key id");
        PrivateJwk::generate(kid, &mut ChaCha8Rng::seed_from_u64(1))
    })
}

fuzz_target!(|text: &str| {
    if let Ok(jwe) = Jwe::parse(text) {
        let _ = jwe.decrypt(key());
    }
    if let Ok(jws) = Jws::parse(text) {
        let _ = jws.unverified_payload();
    }
    let _ = serde_json::from_str::<PublicJwk>(text);
    let _ = serde_json::from_str::<PrivateJwk>(text);
});
