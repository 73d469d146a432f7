//! The mock D1 backend: it takes an issuer's order, prepares the card, sends it to the station's agent, decides whether the finished
//! card may be given out, and tells the issuer.
//!
//! Its faces stand at one origin:
//!
//! | call | whose | mark |
//! |---|---|---|
//! | `POST /authz/v1/oauth2/token` | issuer's | documented |
//! | `POST /banking/v1/issuers/{issuerId}/physicalCards/{cardId}/operations:production` | issuer's | documented |
//! | `GET /banking/v1/issuers/{issuerId}/physicalCards/{cardId}/productionStatus` | issuer's | documented |
//! | `POST /stations/v1/{persoStation}/…` (see [`persotwin_link::jobs`]) | agents' | ours |
//!
//! and it calls the agent (`PUT /agent/v1/{persoStation}/jobs/{jobId}`, ours) and the issuer
//! (`POST /notifications/d1/v2/issuers/{issuerId}/cards`, documented, and, for products whose PIN is fetched,
//! `GET /cms/api/v1/issuers/{issuerId}/cards/{cardId}/pin`).
//!
//! | room | holds |
//! |---|---|
//! | `model` | orders and what may become of them: read its table first |
//! | `intake`, `checks`, `seal` | step 2: an order is read, checked, accepted once |
//! | `prepare` | step 3: card data to production data, pure |
//! | `vault` | step 3: the key vault and its moods |
//! | `pin` | step 3: the PIN, where it is fetched from the issuer |
//! | `pipeline` | steps 3 to 5: one task follows one order |
//! | `outbox`, `oauth` | step 6: notifications at least once, in order |
//! | `door` | what agents are answered |
//! | `machine`, `entry`, `news` | the books' lock, the ledger's entries, the journal's news |
//! | `http` | routes |
//!
//! **Secrets.** The ledger holds an order as the JWE that came, and a keyed digest. Card data are in the clear in memory only while an
//! order is read, and from its preparation until the agent has the job; after that not even the JWE is kept in memory.

mod checks;
mod config;
mod desk;
mod door;
mod entry;
mod http;
mod intake;
mod machine;
mod model;
mod news;
mod oauth;
mod outbox;
mod pin;
mod pipeline;
mod prepare;
mod seal;
mod vault;

pub use config::{Config, Keys, StationRegistration};
pub use desk::{DeadLetter, Desk, DeskError, Listed, NotInHand};
pub use machine::run;
pub use model::CancelError;
pub use vault::{Vault, VaultTrouble, Whose};
