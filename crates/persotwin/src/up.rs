//! `persotwin up`: a world in real time, until Ctrl-C.

use std::future::Future;
use std::pin::pin;

use futures_util::future::{Either, select};
use jiff::Timestamp;
use persotwin_kernel::Alarm;
use persotwin_link::tenant::AssertionKeys;
use persotwin_report::LiveStory;
use persotwin_scenario::{Plan, Style, parse, parse_tenant, render};
use persotwin_world::{Customers, Up, UpOptions};

use crate::args::{self, http_address};
use crate::exit::{Exit, Stop};
use crate::{announce, find, output};

/// The world without a scenario: one well-stocked kiosk, and customers whom the mock issuer knows.
const WORLD: &str = "\
persotwin: 1
name: One kiosk, well stocked
stations: { KIOSK-PS-101: { blanks: 1000, reject-bin: 100 } }
customers: { alice: {}, bob: {}, carol: {} }
";

/// Brings the world up and waits.
pub(crate) fn up(args: &args::Up) -> Result<Exit, Stop> {
    if !(args.hardware_speed.is_finite() && args.hardware_speed > 0.0) {
        return Err(Stop::input("--hardware-speed is a number above 0, like 10"));
    }
    let (plan, issuer_url) = plan(args)?;
    let issuer = match issuer_url.as_deref() {
        Some(url) => Some((http_address(url).map_err(Stop::input)?, base(url))),
        None => None,
    };
    #[expect(clippy::disallowed_methods, reason = "a world in real time starts now")]
    let now = Timestamp::now();
    let options = UpOptions {
        first_port: args.port_base,
        issuer,
        customers: if args.scenario.is_some() {
            Customers::Come
        } else {
            Customers::StayAway
        },
        time_scale: args.time_scale,
        hardware_speed: args.hardware_speed,
        seed: args.seed.map(args::Seed::number),
        now,
    };
    persotwin_wire::raise_descriptor_limit();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| Stop::twin(error.to_string()))?
        .block_on(async {
            let alarm = Alarm::default();
            let stopped = pin!(stopped(&alarm));
            let up = pin!(stay_up(&plan, &options, args, alarm.clone()));
            match select(stopped, up).await {
                Either::Left((stopped, _)) => stopped,
                Either::Right((failed, _)) => Err(failed),
            }
        })
}

/// Ctrl-C, or something that the twin itself cannot get over.
async fn stopped(alarm: &Alarm) -> Result<Exit, Stop> {
    match select(pin!(tokio::signal::ctrl_c()), pin!(alarm.wait())).await {
        Either::Left((Ok(()), _)) => {
            output::note("stopped\n");
            Ok(Exit::Interrupted)
        }
        Either::Left((Err(error), _)) => {
            Err(Stop::twin(format!("cannot listen for Ctrl-C: {error}")))
        }
        Either::Right((trouble, _)) => Err(Stop::twin(trouble.to_string())),
    }
}

/// Comes back only with a failure.
async fn stay_up(plan: &Plan, options: &UpOptions, args: &args::Up, alarm: Alarm) -> Stop {
    let up = match Up::start(plan, options, alarm).await {
        Ok(up) => up,
        Err(error) => {
            let cause = std::error::Error::source(&error)
                .map(|cause| format!(": {cause}"))
                .unwrap_or_default();
            return Stop::twin(format!("{error}{cause}{}", way_out(args)));
        }
    };
    if let Some(file) = &args.endpoints
        && let Err(error) = up.endpoints().write(file)
    {
        return Stop::twin(format!(
            "cannot write the endpoints file `{}`: {error}",
            file.display()
        ));
    }
    output::print(&announce::announce(plan, up.endpoints(), options, args));
    follow(&up).await
}

/// What to do about a port that somebody else has.
fn way_out(args: &args::Up) -> &'static str {
    if args.port_base.is_some() {
        "; choose another --port-base, or leave it away for any free ports"
    } else {
        ""
    }
}

/// Tells what happens as the story of a run tells it, line by line.
fn follow(up: &Up) -> impl Future<Output = Stop> {
    let mut reader = up.journal().reader();
    let mut story = LiveStory::default();
    async move {
        loop {
            let record = reader.next().await;
            if let Some(line) = story.tell(&record) {
                output::print(&format!("{line}\n"));
            }
        }
    }
}

fn plan(args: &args::Up) -> Result<(Plan, Option<String>), Stop> {
    let style = output::diagnostic_style();
    let mut plan = args
        .scenario
        .as_ref()
        .map_or_else(|| kiosk(style), |path| find::read(path, style))?;
    if let Some(path) = &args.tenant {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Stop::input(format!("cannot read `{name}`: {error}")))?;
        let file =
            parse_tenant(&name, &text).map_err(|mistakes| Stop::input(render(&mistakes, style)))?;
        plan.tenant = file.tenant;
        plan.issuer_url = file.issuer_url;
        if !file.stations.is_empty() {
            plan.stations = file.stations;
        }
        everybody_fits(&plan, &name)?;
    }
    let issuer_url = args.issuer.clone().or_else(|| plan.issuer_url.clone());
    if issuer_url.is_none() && matches!(plan.tenant.assertion_keys, AssertionKeys::Public(_)) {
        return Err(Stop::input(
            "the tenant has public keys of the issuer only, so the issuer is a real one: say where it listens, with --issuer URL or \
             `issuer-url:` in the tenant",
        ));
    }
    Ok((plan, issuer_url))
}

/// The world without a scenario.
fn kiosk(style: Style) -> Result<Plan, Stop> {
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    parse("up", WORLD, &none).map_err(|mistakes| Stop::twin(render(&mistakes, style)))
}

/// Another tenant than the scenario's own must have what its customers want.
fn everybody_fits(plan: &Plan, file: &str) -> Result<(), Stop> {
    for customer in &plan.customers {
        let (name, station, product) = (&customer.name, &customer.station, &customer.product);
        if !plan.stations.contains_key(station) {
            return Err(Stop::input(format!(
                "{name} goes to station {station}, which the tenant `{file}` does not have"
            )));
        }
        if !plan.tenant.products.contains_key(product) {
            return Err(Stop::input(format!(
                "{name} wants a {product}, which the tenant `{file}` does not have"
            )));
        }
    }
    Ok(())
}

/// What stands before every path of a URL's server.
fn base(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/')
        .map(|at| rest[at..].trim_end_matches('/').to_owned())
        .unwrap_or_default()
}
