//! The token that D1 shows with its notifications, where the tenant wants one (documented as optional).

use std::time::Duration;

use http::header;
use persotwin_contract::path;
use persotwin_contract::token::access::AccessToken;
use persotwin_contract::token::outbound::{
    ClientCredentials, InvalidCredentials, OutboundToken, write_client_request,
};
use persotwin_kernel::Moment;
use persotwin_kernel::event::About;
use persotwin_link::Face;
use persotwin_link::tenant::Tenant;
use persotwin_wire::Call;

use crate::machine::D1;

/// How long a token serves whose answer does not say (ours).
const UNTOLD_LIFE: Duration = Duration::from_mins(5);

/// A token is not used in its last seconds (ours): it must still be good when it arrives.
const MARGIN: Duration = Duration::from_secs(30);

/// What D1 shows at the issuer's token operation.
#[derive(Debug)]
pub(crate) struct Purse {
    credentials: ClientCredentials,
    scope: Option<String>,
}

impl Purse {
    pub(crate) fn of(tenant: &Tenant) -> Result<Option<Self>, InvalidCredentials> {
        let Some(oauth) = &tenant.outbound_oauth else {
            return Ok(None);
        };
        Ok(Some(Self {
            credentials: ClientCredentials::new(oauth.client.clone(), oauth.secret.clone())?,
            scope: oauth.scope.clone(),
        }))
    }
}

/// A token and how long it serves.
#[derive(Debug)]
pub(crate) struct HeldToken {
    token: AccessToken,
    until: Moment,
}

/// No token could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoToken;

impl D1 {
    /// The token for the next notification: none where none is wanted, the held one while it serves, else a new one.
    pub(crate) async fn outbound_token(
        &self,
        about: &About,
    ) -> Result<Option<AccessToken>, NoToken> {
        let Some(purse) = &self.purse else {
            return Ok(None);
        };
        // Held while it is fetched, so that many notifications fetch one token.
        let mut held = self.token.lock().await;
        match &*held {
            Some(token) if token.until > self.host.clock.now() => {
                return Ok(Some(token.token.clone()));
            }
            _ => {}
        }
        let body = write_client_request(purse.scope.as_deref());
        let call = Call::post(Face::IssuerToken, path::OUTBOUND_TOKEN)
            .body("application/x-www-form-urlencoded", body)
            .header(header::AUTHORIZATION, &purse.credentials.to_header())
            .about(about.clone())
            .patience(self.config.tenant.d1_timing.patience.get());
        let asked = self.host.clock.now();
        let reply = self.host.wire.call(call).await.map_err(|_| NoToken)?;
        if !reply.is_success() {
            return Err(NoToken);
        }
        let answer: OutboundToken = reply.json().map_err(|_| NoToken)?;
        let life = answer
            .expires_in
            .map_or(UNTOLD_LIFE, |seconds| Duration::from_secs(seconds.0));
        *held = Some(HeldToken {
            token: answer.access_token.clone(),
            until: asked + life.saturating_sub(MARGIN),
        });
        Ok(Some(answer.access_token))
    }

    /// The issuer did not like the token: the next notification fetches another.
    pub(crate) async fn forget_token(&self) {
        *self.token.lock().await = None;
    }
}
