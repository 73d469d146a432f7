//! Orders as an issuer writes them.

use persotwin_contract::card::CardData;
use persotwin_contract::jose::jwe;
use persotwin_contract::names::PrintName;
use persotwin_contract::order::{ClearOrder, Issuance, PaymentApplication, Services};
use persotwin_contract::rules::NameRule;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde_json::Value;

use crate::doubles::{World, station};

/// An order for VISA-CLASSIC; each field may be changed before it is written.
pub(crate) struct Order {
    pub(crate) clear: ClearOrder,
    pub(crate) data: CardData,
    /// Another one gives other bytes of the JWE.
    pub(crate) seed: u64,
}

impl Order {
    pub(crate) fn good() -> Self {
        let application = PaymentApplication {
            config: "VISA-CLASSIC".parse().unwrap(),
            oda_key_index: "01".parse().unwrap(),
            derivation_key_index: "01".parse().unwrap(),
            cv_key_index: None,
            pv_key_index: None,
        };
        let mut clear = ClearOrder::instant(
            station(),
            Services::of(Issuance::Creation),
            "later".parse().unwrap(),
            application,
        );
        clear.card_product_id = Some("VISA-CLASSIC".parse().unwrap());
        let name = PrintName::new("ALICE MARTIN", NameRule::Embossing).unwrap();
        Self {
            clear,
            data: CardData::new(
                "4111111111111111".parse().unwrap(),
                "2906".parse().unwrap(),
                name,
            ),
            seed: 1,
        }
    }

    pub(crate) fn named(request: &str) -> Self {
        let mut order = Self::good();
        order.clear.issuer_request_id = Some(request.parse().unwrap());
        order
    }

    pub(crate) fn again(self, issuance: Issuance) -> Self {
        let services = Services::of(issuance);
        Self {
            clear: ClearOrder {
                services,
                ..self.clear
            },
            ..self
        }
    }

    pub(crate) fn freshly_encrypted(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The body.
    pub(crate) fn body(&self, world: &World) -> Vec<u8> {
        self.body_around(world, &self.data.to_plaintext())
    }

    /// The body around other data than card data.
    pub(crate) fn body_around(&self, world: &World, plaintext: &[u8]) -> Vec<u8> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let jwe = jwe::encrypt(plaintext, world.config.jwe_key(), &mut rng).unwrap();
        let mut clear = self.clear.clone();
        clear.encrypted_data = jwe.parse().unwrap();
        clear.to_body()
    }

    /// The body with clear members changed.
    pub(crate) fn changed(&self, world: &World, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut body: Value = serde_json::from_slice(&self.body(world)).unwrap();
        change(&mut body);
        body.to_string().into_bytes()
    }

    /// The body with decrypted members changed.
    pub(crate) fn changed_inside(&self, world: &World, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut data: Value = serde_json::from_slice(&self.data.to_plaintext()).unwrap();
        change(&mut data);
        self.body_around(world, data.to_string().as_bytes())
    }
}
