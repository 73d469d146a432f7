//! The chips of a tenant's stocks, as their makers delivered them.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use persotwin_chip::{Factory, Profile};
use persotwin_emv::scp::MasterKeyId;
use persotwin_link::card_stock::CardStock;
use persotwin_link::stock::StockName;
use persotwin_link::tenant::Tenant;

/// How often a chip lets a channel fail to open before it locks its keys (ours).
const TRIES: NonZeroU8 = NonZeroU8::new(10).unwrap();

/// The chip of each stock: its applications, and a security domain under the keys that were really delivered.
///
/// A stock that no chip can be of is none; the language of scenarios refuses it before.
pub fn chips(tenant: &Tenant) -> BTreeMap<StockName, Profile> {
    let chip = |(name, stock): (&StockName, &CardStock)| {
        let aids = stock.applications(name, &tenant.products);
        let factory = Factory {
            terms: stock.delivered.clone(),
            master_key: MasterKeyId::default(),
            tries: TRIES,
        };
        Some((name.clone(), Profile::new(aids).ok()?.secured(factory)))
    };
    tenant.stocks.iter().filter_map(chip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stock_has_a_chip_under_the_keys_that_were_delivered() {
        let mut tenant = Tenant::built_in();
        let name = StockName::default();
        let (stocks, other) = (&mut tenant.stocks, "secure-dual-256".parse().unwrap());
        let really = stocks[&other].terms.clone();
        stocks.get_mut(&name).unwrap().delivered = really.clone();
        let chips = chips(&tenant);
        assert_eq!(chips.len(), 5);
        assert_eq!(chips[&name].factory().unwrap().terms, really);
        assert_eq!(chips[&name].aids().len(), 2);
    }
}
