//! The issuer as D1's client: an access token when one is needed, and what an answer means.
//!
//! An assertion lives five minutes (ours; documented: at most fifteen). A token is used again until shortly before its end
//! (documented: until its end; the margin is ours), by this machine's clock since it came, so that a wrong calendar does not matter.
//! An answer 401 renews it once. Whoever needs a token while another call fetches one waits for that call and shares its failure.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use persotwin_contract::media::MediaType;
use persotwin_contract::path;
use persotwin_contract::refusal::ErrorBody;
use persotwin_contract::token::access::AccessToken;
use persotwin_contract::token::assertion::sign_assertion;
use persotwin_contract::token::request::{TokenResponse, write_token_request};
use persotwin_kernel::Moment;
use persotwin_kernel::event::Failure;
use persotwin_link::Face;
use persotwin_wire::{Call, Host, Reply};
use tokio::sync::Mutex;

use crate::config::Setup;
use crate::quote::quoted;

/// How long an assertion holds.
const ASSERTION_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long before its end a token is given up; less for a token that lives short.
const MARGIN: Duration = Duration::from_secs(30);
/// The longest wait that D1 may ask for with `Retry-After`.
const LONGEST_REST: Duration = Duration::from_mins(10);

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It may go better next time; D1 may have said when.
    Passing(Option<Duration>),
    /// It will never go better.
    Refused(Refused),
}

/// What D1 answered when it did not want to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) error: Option<String>,
}

impl From<Failure> for Trouble {
    /// Network errors and time-outs pass.
    fn from(_: Failure) -> Self {
        Self::Passing(None)
    }
}

/// The access token that all calls share.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    cache: Mutex<Cache>,
    /// How many fetches have ended.
    rounds: AtomicU64,
}

#[derive(Debug, Default)]
struct Cache {
    held: Option<Held>,
    /// How the last fetch failed, if it did.
    failed: Option<Trouble>,
}

#[derive(Debug)]
struct Held {
    token: AccessToken,
    until: Moment,
}

impl Tokens {
    async fn get(&self, host: &Host, setup: &Setup) -> Result<AccessToken, Trouble> {
        let asked_in = self.rounds.load(Ordering::Relaxed);
        let mut cache = self.cache.lock().await;
        if let Some(held) = cache
            .held
            .as_ref()
            .filter(|held| host.clock.now() < held.until)
        {
            return Ok(held.token.clone());
        }
        let fetched_meanwhile = self.rounds.load(Ordering::Relaxed) != asked_in;
        if let Some(trouble) = cache.failed.clone().filter(|_| fetched_meanwhile) {
            return Err(trouble);
        }
        let fetched = fetch(host, setup).await;
        self.rounds.fetch_add(1, Ordering::Relaxed);
        match fetched {
            Ok(held) => {
                let token = held.token.clone();
                *cache = Cache {
                    held: Some(held),
                    failed: None,
                };
                Ok(token)
            }
            Err(trouble) => {
                cache.failed = Some(trouble.clone());
                Err(trouble)
            }
        }
    }

    /// D1 does not take this token any more; a newer one stays.
    async fn drop_if_held(&self, token: &AccessToken) {
        let mut cache = self.cache.lock().await;
        cache.held.take_if(|held| held.token == *token);
    }
}

async fn fetch(host: &Host, setup: &Setup) -> Result<Held, Trouble> {
    let (now, life) = (host.calendar.now(), ASSERTION_LIFE);
    let assertion = sign_assertion(&setup.signing_key, &setup.issuer, now, life, None);
    let call = Call::post(Face::Token, path::TOKEN)
        .body(MediaType::Form.as_str(), write_token_request(&assertion))
        .patience(setup.timing.patience.get());
    let reply = judge(host.wire.call(call).await?, host.calendar.now())?;
    // A 200 that is no token is D1's mistake, and may pass.
    let token: TokenResponse = reply.json().map_err(|_| Trouble::Passing(None))?;
    let life = Duration::from_secs(token.expires_in);
    Ok(Held {
        token: token.access_token,
        until: host.clock.now() + life.saturating_sub(MARGIN.min(life / 5)),
    })
}

/// Calls D1 with a token. An answer 401 is asked once more with a new one.
pub(crate) async fn call(
    host: &Host,
    setup: &Setup,
    tokens: &Tokens,
    call: Call,
) -> Result<Reply, Trouble> {
    let call = call.patience(setup.timing.patience.get());
    let token = tokens.get(host, setup).await?;
    let reply = host.wire.call(call.clone().bearer(token.reveal())).await?;
    if reply.status() != 401 {
        return judge(reply, host.calendar.now());
    }
    tokens.drop_if_held(&token).await;
    let token = tokens.get(host, setup).await?;
    let reply = host.wire.call(call.bearer(token.reveal())).await?;
    judge(reply, host.calendar.now())
}

/// 2xx is an answer. 5xx and 429 pass. Whatever else is a refusal, and repeating does not mend it.
fn judge(reply: Reply, now: Timestamp) -> Result<Reply, Trouble> {
    match reply.status() {
        200..=299 => Ok(reply),
        429 | 500..=599 => Err(Trouble::Passing(rest(reply.header("retry-after"), now))),
        status => {
            let body: ErrorBody = reply.json().unwrap_or_default();
            Err(Trouble::Refused(Refused {
                status,
                code: body.error_code.as_deref().map(quoted),
                error: body.error.as_deref().map(quoted),
            }))
        }
    }
}

/// `Retry-After`, in seconds or as a date of this machine's calendar (RFC 9110).
fn rest(header: Option<&str>, now: Timestamp) -> Option<Duration> {
    let text = header?.trim();
    let seconds = || text.parse().ok().map(Duration::from_secs);
    let until = || {
        let date = jiff::fmt::rfc2822::parse(text).ok()?;
        Duration::try_from(date.timestamp().duration_since(now)).ok()
    };
    seconds().or_else(until).map(|rest| rest.min(LONGEST_REST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_is_in_seconds_or_a_date_and_bounded() {
        let now: Timestamp = "2026-06-19T09:59:30Z".parse().unwrap();
        let rest = |header| rest(header, now);
        assert_eq!(rest(Some(" 7 ")), Some(Duration::from_secs(7)));
        assert_eq!(rest(Some("99999999999")), Some(LONGEST_REST));
        let date = "Fri, 19 Jun 2026 10:00:00 GMT";
        assert_eq!(rest(Some(date)), Some(Duration::from_secs(30)));
        for none in ["Fri, 19 Jun 2026 09:00:00 GMT", "-1", "tomorrow", ""] {
            assert_eq!(rest(Some(none)), None, "{none}");
        }
        assert_eq!(rest(None), None);
    }
}
