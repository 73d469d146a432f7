//! `persotwin order`: one good order at a running twin, as an issuer would place it, and what becomes of it.

use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use persotwin_contract::card::CardData;
use persotwin_contract::dates::Expiry;
use persotwin_contract::ids::{CardId, IssuerId, PersoStation};
use persotwin_contract::jose::jwk::PrivateJwk;
use persotwin_contract::names::PrintName;
use persotwin_contract::notification::{Operations, ProductionStatus};
use persotwin_contract::order::{ClearOrder, Issuance, PaymentApplication, Services};
use persotwin_contract::path;
use persotwin_contract::seal::seal;
use persotwin_contract::token::assertion::sign_assertion;
use persotwin_contract::token::request::write_token_request;
use persotwin_emv::digits::Digits;
use persotwin_emv::luhn;
use persotwin_link::Face;
use persotwin_wire::{Call, Reply, fetch};
use persotwin_world::Endpoints;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::args::{Order, http_address};
use crate::exit::{Exit, Stop};
use crate::output;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the status is asked.
const EVERY: Duration = Duration::from_millis(500);
/// How long the production may take before we stop following it.
const FOLLOW: Duration = Duration::from_mins(15);

/// An order that is ready to go.
struct Ready {
    issuer: IssuerId,
    card: CardId,
    station: PersoStation,
    token_url: String,
    base_url: String,
    assertion: String,
    body: Vec<u8>,
}

/// Places the order, or prints the calls.
pub(crate) fn order(args: &Order) -> Result<Exit, Stop> {
    let file = args.endpoints.display();
    let endpoints = Endpoints::read(&args.endpoints).map_err(|error| {
        Stop::input(format!(
            "cannot read the endpoints file `{file}`: {error}; `persotwin up --endpoints` writes it"
        ))
    })?;
    let ready = prepare(&endpoints, args.station.as_deref())?;
    if args.print_curl {
        output::print(&curl(&ready));
        return Ok(Exit::Ok);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| Stop::twin(error.to_string()))?
        .block_on(place(&ready))
}

fn prepare(endpoints: &Endpoints, station: Option<&str>) -> Result<Ready, Stop> {
    let key = endpoints.issuer.signing_key.as_ref().ok_or_else(|| {
        Stop::input("the twin runs with the issuer's own public keys, so only the issuer can sign: order with your own backend")
    })?;
    let key: PrivateJwk = serde_json::from_str(key.get())
        .map_err(|_| Stop::input("`signing_key` is no private JWK"))?;
    let station = match station {
        Some(id) => id,
        None => endpoints
            .stations
            .keys()
            .next()
            .ok_or_else(|| Stop::input("the twin has no station"))?,
    };
    let station: PersoStation = station
        .parse()
        .map_err(|_| Stop::input("that is no station id"))?;
    let (product, config) = endpoints
        .issuer
        .products
        .iter()
        .next()
        .ok_or_else(|| Stop::input("the twin has no product"))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "a real order at a twin in real time: today, and another one each time"
    )]
    let now = Timestamp::now();
    let mut chance =
        ChaCha8Rng::seed_from_u64(u64::try_from(now.as_nanosecond()).unwrap_or_default());
    let broken = |what: &str| Stop::twin(format!("cannot make an order: {what}"));
    let pan = card_number(&config.bin, config.pan_length, &mut chance)
        .ok_or_else(|| broken("no card number"))?;
    let expiry = Expiry::of(
        now.to_zoned(jiff::tz::TimeZone::UTC)
            .date()
            .saturating_add(jiff::Span::new().years(3)),
    );
    let name = PrintName::fold("ALICE MARTIN").map_err(|_| broken("no name"))?;
    let card = CardData::new(
        pan.parse().map_err(|_| broken("no card number"))?,
        expiry.ok_or_else(|| broken("no expiry"))?,
        name,
    );
    let encrypted = seal(&card, &endpoints.d1.jwe_key, &mut chance)
        .map_err(|error| broken(&error.to_string()))?;
    let application = PaymentApplication {
        config: config.config.parse().map_err(|_| broken("no config"))?,
        oda_key_index: fixed("01")?,
        derivation_key_index: fixed("01")?,
        cv_key_index: None,
        pv_key_index: None,
    };
    let mut order = ClearOrder::instant(
        station.clone(),
        Services::of(Issuance::Creation),
        encrypted,
        application,
    );
    order.card_product_id = Some(product.parse().map_err(|_| broken("no product"))?);
    let id = format!("{:016x}", chance.random::<u64>());
    order.issuer_request_id = Some(fixed(&format!("order-{id}"))?);
    Ok(Ready {
        assertion: sign_assertion(
            &key,
            &endpoints.issuer.id,
            now,
            SignedDuration::from_mins(5),
            None,
        ),
        issuer: endpoints.issuer.id.clone(),
        card: fixed(&format!("card-{id}"))?,
        station,
        token_url: endpoints.d1.token.clone(),
        base_url: endpoints.d1.orders.clone(),
        body: order.to_body(),
    })
}

fn fixed<T: std::str::FromStr>(text: &str) -> Result<T, Stop> {
    text.parse().map_err(|_| Stop::twin("cannot make an order"))
}

/// A card number of a product with its check digit.
fn card_number(bin: &str, length: u8, chance: &mut ChaCha8Rng) -> Option<String> {
    let mut number = bin.to_owned();
    while number.len() + 1 < usize::from(length) {
        number.push(char::from(b'0' + chance.random_range(0..10)));
    }
    let check = luhn::check_digit(&Digits::parse(&number).ok()?);
    number.push(char::from(b'0' + check));
    Some(number)
}

/// The two calls for a shell.
fn curl(ready: &Ready) -> String {
    let token = write_token_request(&ready.assertion);
    let body = String::from_utf8_lossy(&ready.body);
    let url = order_url(ready);
    format!(
        "TOKEN=$(curl -sS '{}' -d '{token}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         curl -sS -i '{url}' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{body}'\n",
        ready.token_url
    )
}

fn order_url(ready: &Ready) -> String {
    let path = path::production(&ready.issuer, &ready.card);
    format!(
        "{}{}",
        ready.base_url,
        path.strip_prefix(path::BANKING).unwrap_or(&path)
    )
}

async fn place(ready: &Ready) -> Result<Exit, Stop> {
    let address = http_address(&ready.base_url).map_err(Stop::input)?;
    let ask = async |call: Call| -> Result<Reply, Stop> {
        let failed = |failure| Stop::twin(format!("{address}: {failure}; is the twin still up?"));
        fetch(address, call.into_request(), PATIENCE)
            .await
            .map_err(failed)
    };
    let form = write_token_request(&ready.assertion);
    let token =
        ask(Call::post(Face::Token, path::TOKEN).body("application/x-www-form-urlencoded", form))
            .await?;
    let token = token_of(&token)?;
    let order = Call::post(Face::Orders, &path::production(&ready.issuer, &ready.card))
        .bearer(&token)
        .body("application/json", ready.body.clone());
    output::print(&format!("order for {} at {}: ", ready.card, ready.station));
    match fetch(address, order.into_request(), PATIENCE).await {
        Ok(reply) => {
            output::print(&format!("HTTP {} {}\n", reply.status(), text(&reply)));
            if reply.status() != 202 {
                return Ok(Exit::Broken);
            }
        }
        Err(failure) => output::print(&format!(
            "{failure}; D1 may have accepted it all the same, so its status is followed\n"
        )),
    }
    let status = path::production_status(&ready.issuer, &ready.card);
    let mut seen = None;
    let mut left = FOLLOW;
    while !left.is_zero() {
        let reply = ask(Call::new(Method::GET, Face::Orders, &status).bearer(&token)).await?;
        let last = Operations::read(reply.body())
            .ok()
            .and_then(|all| all.operations.into_iter().last());
        if let Some(operation) = last
            && let Some(stands) = operation
                .details
                .as_ref()
                .map(|details| details.status.clone())
            && seen.as_ref() != Some(&stands)
        {
            let why = operation
                .error_code
                .map(|code| format!(", {code}"))
                .unwrap_or_default();
            output::print(&format!("{stands}{why}\n"));
            if stands.is_final() {
                return Ok(if stands == ProductionStatus::CardProdDone {
                    Exit::Ok
                } else {
                    Exit::Broken
                });
            }
            seen = Some(stands);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a client of another process, in real time"
        )]
        tokio::time::sleep(EVERY).await;
        left = left.saturating_sub(EVERY);
    }
    Err(Stop::twin("the production did not end within 15 minutes"))
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(reply.body()).into_owned()
}

fn token_of(reply: &Reply) -> Result<String, Stop> {
    let value: Option<serde_json::Value> = reply.json().ok();
    let token = value
        .as_ref()
        .and_then(|value| value["access_token"].as_str());
    token.map(str::to_owned).ok_or_else(|| {
        Stop::twin(format!(
            "D1 gave no token: HTTP {} {}",
            reply.status(),
            text(reply)
        ))
    })
}
