//! The key vault, and the stores beside it from which preparation takes templates and pictures (ours).
//!
//! The vault may be out of reach, slow, or without what an order needs. D1 waits and asks again as long as its patience for a
//! preparation goes; after that the order ends in `DATA_EXCEPTION`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use persotwin_contract::ids::OperationId;
use persotwin_contract::production::ProductionCode;

use crate::machine::D1;
use crate::model::Order;

/// How long a preparation waits for a vault that is out of reach (ours).
const VAULT_LIMIT: Duration = Duration::from_mins(1);

/// A handle on the vault that outlives the lives of its D1. Clones are handles on the same one.
#[derive(Debug, Clone, Default)]
pub struct Vault(Arc<Mutex<Option<(VaultTrouble, Whose)>>>);

/// What is wrong with the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultTrouble {
    /// It is out of reach.
    Away,
    /// It takes so much longer.
    Slow(Duration),
    /// It lacks a key, or a store beside it lacks a template.
    LacksKey,
    /// The store of pictures lacks the order's.
    LacksImage,
}

/// Whose orders suffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// All.
    All,
    /// These.
    These(BTreeSet<OperationId>),
}

impl Vault {
    /// From now on something is wrong with it.
    pub fn suffer(&self, trouble: VaultTrouble, whose: Whose) {
        *self.state() = Some((trouble, whose));
    }

    /// From now on nothing is wrong with it.
    pub fn mend(&self) {
        *self.state() = None;
    }

    fn trouble_with(&self, operation: &OperationId) -> Option<VaultTrouble> {
        self.state()
            .as_ref()
            .filter(|(_, whose)| match whose {
                Whose::All => true,
                Whose::These(orders) => orders.contains(operation),
            })
            .map(|(trouble, _)| *trouble)
    }

    fn state(&self) -> MutexGuard<'_, Option<(VaultTrouble, Whose)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl D1 {
    /// Waits for the vault to do its part for an order, as long as that may take.
    pub(crate) async fn open_vault(&self, operation: &OperationId) -> Result<(), ProductionCode> {
        let until = self.host.clock.now() + VAULT_LIMIT;
        for attempt in 1.. {
            match self.config.vault.trouble_with(operation) {
                None => break,
                Some(VaultTrouble::Slow(by)) => {
                    self.host.clock.sleep(by).await;
                    break;
                }
                Some(VaultTrouble::LacksKey) => return Err(ProductionCode::DpIoError),
                Some(VaultTrouble::LacksImage) => return Err(ProductionCode::DpDataRefused),
                Some(VaultTrouble::Away) => {}
            }
            let pause = self.pause("vault", operation, attempt);
            let wanted = self.look(operation, Order::is_open).await.unwrap_or(false);
            if !wanted || self.host.clock.now() + pause >= until {
                return Err(ProductionCode::DpNotAvailable);
            }
            self.host.clock.sleep(pause).await;
        }
        Ok(())
    }
}
