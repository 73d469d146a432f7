//! The issuer's own door for D1: who asks for a token with the right credentials, gets one, and notifications must show it.
//!
//! Documented and optional: client credentials with HTTP Basic. Ours: a token is the second at which it ends and a keyed digest of
//! it, so that the issuer need not remember it and a restarted issuer still knows it.

use jiff::{SignedDuration, Timestamp};
use persotwin_contract::token::TokenRefusal;
use persotwin_contract::token::access::AccessToken;
use persotwin_contract::token::outbound::{
    ClientCredentials, InvalidCredentials, OutboundToken, Seconds,
};
use persotwin_kernel::Chance;
use persotwin_link::tenant;
use rand::Rng;
use zeroize::Zeroizing;

/// How long a token lives (ours).
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// The door of a tenant with outbound OAuth.
#[derive(Debug)]
pub(crate) struct Door {
    credentials: ClientCredentials,
}

impl Door {
    pub(crate) fn new(credentials: &tenant::ClientCredentials) -> Result<Self, InvalidCredentials> {
        let (client, secret) = (credentials.client.clone(), credentials.secret.clone());
        let credentials = ClientCredentials::new(client, secret)?;
        Ok(Self { credentials })
    }

    /// A token for whoever has the credentials.
    pub(crate) fn admit(
        &self,
        authorization: Option<&str>,
        scope: Option<String>,
        now: Timestamp,
        chance: &Chance,
    ) -> Result<OutboundToken, TokenRefusal> {
        self.credentials.check(authorization)?;
        let end = now.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        Ok(OutboundToken {
            access_token: AccessToken::new(self.token(end.as_second(), chance)),
            token_type: "Bearer".to_owned(),
            expires_in: Some(Seconds(LIFE.as_secs().unsigned_abs())),
            scope,
            expires_at: Some(end.into()),
        })
    }

    /// Whether an `Authorization` header carries a token of this door that still lives.
    pub(crate) fn knows(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
        chance: &Chance,
    ) -> bool {
        let Some((scheme, token)) = authorization.and_then(|header| header.trim().split_once(' '))
        else {
            return false;
        };
        let end = token.split('.').next().and_then(|end| end.parse().ok());
        let lives = |end: &i64| now.as_second() < *end;
        scheme.eq_ignore_ascii_case("Bearer")
            && end
                .filter(lives)
                .is_some_and(|end| self.token(end, chance) == token.trim())
    }

    fn token(&self, end: i64, chance: &Chance) -> String {
        let credentials: Zeroizing<String> = self.credentials.to_header();
        let mut digest = [0; 24];
        chance
            .draw("outbound-token", &[&*credentials, &end])
            .fill_bytes(&mut digest);
        format!("{end}.{}", hex::encode(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        let credentials = tenant::ClientCredentials {
            client: "d1".to_owned(),
            secret: "open-sesame".to_owned(),
            scope: None,
        };
        Door::new(&credentials).unwrap()
    }

    fn basic(secret: &str) -> String {
        let credentials = ClientCredentials::new("d1".to_owned(), secret.to_owned()).unwrap();
        credentials.to_header().to_string()
    }

    #[test]
    fn a_token_opens_the_door_until_it_ends_even_after_a_restart() {
        let chance = Chance::new(7).of("issuer");
        let now: Timestamp = "2026-06-17T10:00:00Z".parse().unwrap();
        let header = basic("open-sesame");
        let token = door()
            .admit(Some(&header), None, now, &chance)
            .unwrap()
            .access_token;
        let bearer = token.to_header();
        let knows = |minutes, header: &str| {
            let at = now + SignedDuration::from_mins(minutes);
            door().knows(Some(header), at, &chance)
        };
        assert!(knows(0, &bearer));
        assert!(knows(14, &bearer));
        assert!(!knows(15, &bearer));
        assert!(!knows(0, &format!("{}0", *bearer)));
        assert!(!knows(0, &bearer.replace("Bearer", "Basic")));
        let later = bearer.replacen("Bearer 1", "Bearer 2", 1);
        assert!(!knows(0, &later), "the end is part of what is digested");
    }

    #[test]
    fn wrong_credentials_get_no_token() {
        let chance = Chance::new(7);
        let now = Timestamp::UNIX_EPOCH;
        for header in [None, Some(basic("guess")), Some("Basic".to_owned())] {
            let admitted = door().admit(header.as_deref(), None, now, &chance);
            assert!(admitted.is_err(), "{header:?}");
        }
        assert!(!door().knows(None, now, &chance));
        assert!(!door().knows(Some("Bearer 9999999999.00"), now, &chance));
    }
}
