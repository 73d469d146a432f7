//! The command line as the user types it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use persotwin_explore::range::NotSeeds;
use persotwin_explore::{Seeds, Shard};
use persotwin_faults::Behaviour;
use persotwin_kernel::TimeScale;
use persotwin_link::Span;
use persotwin_reader::words::Show;

/// A digital twin of kiosk instant card issuance on Thales D1: issuer backend, D1, instant issuance agent, card printer and chip,
/// wired over loopback HTTP and run end to end from scenario files.
#[derive(Debug, Parser)]
#[command(name = "persotwin", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all as expected; 1 an expectation or a law is broken; 2 the input is wrong, nothing was run; \
3 the twin itself failed; 4 two runs of one seed differed; 130 interrupted.\n
PERSOTWIN_LOG=debug logs each exchange between machines on standard error; the value is a filter of tracing-subscriber."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenario files, or all scenarios below folders
    Run(Run),
    /// Read scenarios without running them
    Check(Check),
    /// Search seeds for a broken law, and shrink what is found to a scenario file
    Explore(Explore),
    /// Put the reports of several explorations together
    Merge(Merge),
    /// Start the world in real time and keep it running
    Up(Up),
    /// Place one good order as an issuer would, and follow it
    Order(Order),
    /// Look at a produced card, or put it into a PC/SC reader
    #[command(subcommand)]
    Card(Card),
    /// List everything that can go wrong, and what the issuer sees of it
    Faults(List),
    /// List the protections that can be switched off, and the law that breaks then
    Naive(List),
    /// Print the laws that every run is held to
    Laws(Laws),
    /// Print the JSON Schema of scenario files
    Schema(Schema),
    /// Print shell completions
    Completions {
        /// For which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write journal, HAR and produced cards below this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// The seed of all chance, instead of the scenario's own: a number, or `random`
    #[arg(long, value_name = "N|random", env = "PERSOTWIN_SEED")]
    pub(crate) seed: Option<Seed>,
    /// Only scenarios whose path or name contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// How many scenarios run at once; as many as there are cores by default
    #[arg(long, value_name = "N", env = "PERSOTWIN_JOBS", allow_hyphen_values = true, value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroU16>,
    /// Stop after the first scenario that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// How results are printed
    #[arg(long, value_enum, default_value_t, env = "PERSOTWIN_FORMAT")]
    pub(crate) format: Format,
    /// What messages travel on
    #[arg(long, value_enum, default_value_t, env = "PERSOTWIN_WIRE")]
    pub(crate) wire: WireKind,
    /// Run each scenario twice and compare the journals
    #[arg(long)]
    pub(crate) twice: bool,
    /// Leave away what goes wrong: a scenario that is about a fault must fail then
    #[arg(long)]
    pub(crate) without_faults: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Each seed draws a world, which lives until it has come to rest or a law breaks. Several machines share a range of seeds by \
--shard or PERSOTWIN_SHARD=I/N; in an indexed job of Kubernetes by JOB_COMPLETION_INDEX, with the job's completions in PERSOTWIN_SHARDS; in an \
array of Slurm by SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_COUNT, SLURM_ARRAY_TASK_MIN and SLURM_ARRAY_TASK_STEP. Without --seeds each process \
takes fresh seeds of its own, and no share. Each writes a report (--report, or --format json), and `persotwin merge` makes one of them.\n
Exit codes: 0 nothing found; 1 a law is broken; 2 the input is wrong, nothing was explored; 3 the machine failed, try again; 4 two runs of one \
seed differed; 130 interrupted by Ctrl-C or SIGTERM, with the report so far."
)]
pub(crate) struct Explore {
    /// The seeds: `A..B` (B is not meant), `A..`, or one. Fresh ones by default, from a number that is printed
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(crate) seeds: Option<Seeds>,
    /// For how long; a minute where the seeds have no end
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) time: Option<Span>,
    /// How many worlds live at once; as many as there are cores by default
    #[arg(long, value_name = "N", env = "PERSOTWIN_JOBS", allow_hyphen_values = true, value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroU16>,
    /// Only this share of the seeds: the I-th of N. By default the environment's, if it says one
    #[arg(
        long,
        value_name = "I/N",
        requires = "seeds",
        allow_hyphen_values = true
    )]
    pub(crate) shard: Option<Shard>,
    /// Machines that lack a protection, by a name that `persotwin naive` lists; several times for several. Most show within 100 seeds,
    /// some take a thousand
    #[arg(long, value_name = "NAME", value_parser = behaviour())]
    pub(crate) behaviour: Vec<Behaviour>,
    /// Print the world of this seed as a scenario file, and run nothing
    #[arg(long, value_name = "SEED", value_parser = one_seed, allow_hyphen_values = true, conflicts_with_all = ["seeds", "time", "shard", "meta", "report"])]
    pub(crate) show: Option<u64>,
    /// Run each seed in two processes and compare the journals, byte by byte; whether laws hold is not asked
    #[arg(long, conflicts_with = "report")]
    pub(crate) meta: bool,
    /// Print the journal of each seed, one after the other: one half of `--meta`
    #[arg(long, hide = true, requires = "seeds", conflicts_with = "meta")]
    pub(crate) journals: bool,
    /// Write report.jsonl and the shrunk scenario files into this folder, in place of those of an earlier exploration
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// How results are printed
    #[arg(long, value_enum, default_value_t, env = "PERSOTWIN_FORMAT")]
    pub(crate) format: ListFormat,
}

impl Explore {
    /// Each behaviour once, in one order, so that reports of the same machines say the same.
    pub(crate) fn behaviour(&self) -> Vec<Behaviour> {
        let all: BTreeSet<Behaviour> = self.behaviour.iter().copied().collect();
        all.into_iter().collect()
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "A FILE is what `explore --format json` printed, the report.jsonl of `explore --report DIR`, the DIR itself, or what `merge --format \
json` printed. Each seed is counted once: the same report given twice is taken once, and two reports that have only a part of their seeds in \
common are refused, with the names of both. Shards that nobody reported, and explorations that were interrupted, are told in the end.\n
Exit codes: 0 nothing found; 1 a law is broken; 2 a FILE is no report, or the reports do not fit together; 3 nothing found, but shards are \
missing or did not come to the end of their seeds, also where their `--time` ended them, or left no whole report: explore those again."
)]
pub(crate) struct Merge {
    /// Reports: report.jsonl of `explore --report`, its folder, or what `explore --format json` printed
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How the one report is printed
    #[arg(long, value_enum, default_value_t, env = "PERSOTWIN_FORMAT")]
    pub(crate) format: ListFormat,
}

/// Reads the name of a behaviour; for another name, the list of all and the nearest.
fn behaviour() -> impl TypedValueParser<Value = Behaviour> {
    PossibleValuesParser::new(Behaviour::WORDS)
        .try_map(|word| Behaviour::of(&word).ok_or("no such behaviour"))
}

/// Reads how many are at work at once.
fn jobs(text: &str) -> Result<NonZeroU16, &'static str> {
    text.parse()
        .map_err(|_| "how many at once is a whole number from 1 to 65535")
}

/// Reads one seed.
fn one_seed(text: &str) -> Result<u64, String> {
    let seeds: Seeds = text.parse().map_err(|error: NotSeeds| error.to_string())?;
    seeds
        .only()
        .ok_or_else(|| format!("`{text}` is a range; the world of one seed is shown"))
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// A scenario file, or a folder of them, searched for who shows what
    #[arg(long, value_name = "PATH", default_value = "scenarios")]
    pub(crate) scenarios: PathBuf,
    /// How the list is printed
    #[arg(long, value_enum, default_value_t, env = "PERSOTWIN_FORMAT")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Stations, tenant and settings from this scenario; its customers come too, unless the issuer is a real one
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: Option<PathBuf>,
    /// Write the addresses and test keys that a stranger's client needs
    #[arg(long, value_name = "FILE", env = "PERSOTWIN_ENDPOINTS")]
    pub(crate) endpoints: Option<PathBuf>,
    /// The first port; the machines listen on this one and the next ones. Any free ports by default
    #[arg(long, value_name = "N", env = "PERSOTWIN_PORT_BASE", value_parser = clap::value_parser!(u16).range(1024..65000))]
    pub(crate) port_base: Option<u16>,
    /// Another tenant than the built-in one
    #[arg(long, value_name = "FILE", env = "PERSOTWIN_TENANT")]
    pub(crate) tenant: Option<PathBuf>,
    /// A real issuer backend instead of the mock one: D1 notifies URL/notifications/d1/v2/issuers/{issuerId}/cards
    #[arg(long, value_name = "URL", env = "PERSOTWIN_ISSUER")]
    pub(crate) issuer: Option<String>,
    /// How many times as fast as real all time of the twin passes: hardware, pauses, retries and time-outs. The other side sees shorter gaps then
    #[arg(
        long,
        value_name = "X",
        default_value_t = TimeScale::REAL,
        env = "PERSOTWIN_TIME_SCALE"
    )]
    pub(crate) time_scale: TimeScale,
    /// How many times as fast the hardware moves, on top of the time scale
    #[arg(
        long,
        value_name = "X",
        default_value_t = 1.0,
        env = "PERSOTWIN_HARDWARE_SPEED"
    )]
    pub(crate) hardware_speed: f64,
    /// The seed of all chance
    #[arg(long, value_name = "N|random", env = "PERSOTWIN_SEED")]
    pub(crate) seed: Option<Seed>,
}

#[derive(Debug, Args)]
pub(crate) struct Order {
    /// The file that `up --endpoints` wrote
    #[arg(long, value_name = "FILE", env = "PERSOTWIN_ENDPOINTS")]
    pub(crate) endpoints: PathBuf,
    /// The station; the first one by default
    #[arg(long, value_name = "ID")]
    pub(crate) station: Option<String>,
    /// Print the two calls for curl instead of making them
    #[arg(long)]
    pub(crate) print_curl: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Card {
    /// Print what is on its chip, its stripe and its faces, masked
    Show(CardShow),
    /// Hold it in the reader of a running vpcd until Ctrl-C (exit code 0), and tell each command and answer
    Insert(CardInsert),
}

#[derive(Debug, Args)]
pub(crate) struct CardShow {
    /// The card: a file below cards/ in a report
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reveal: Reveal,
}

#[derive(Debug, Args)]
pub(crate) struct CardInsert {
    /// The card: a file below cards/ in a report. What the chip counts is written back to it
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where vpcd listens for cards
    #[arg(long, value_name = "HOST:PORT", default_value_t = format!("127.0.0.1:{}", persotwin_reader::FIRST_SLOT), env = "PERSOTWIN_READER")]
    pub(crate) reader: String,
    #[command(flatten)]
    pub(crate) reveal: Reveal,
}

/// How much of the card is shown.
#[derive(Debug, Args)]
pub(crate) struct Reveal {
    /// Show every value in full, those that a thief could use too; keys by their check values
    #[arg(long)]
    reveal: bool,
}

impl Reveal {
    pub(crate) fn show(&self) -> Show {
        if self.reveal {
            Show::InFull
        } else {
            Show::Masked
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of tenant files instead of scenarios
    #[arg(long)]
    pub(crate) tenant: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Laws {
    /// How the list is printed
    #[arg(long, value_enum, default_value_t, env = "PERSOTWIN_FORMAT")]
    pub(crate) format: ListFormat,
}

/// A seed on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seed {
    Number(u64),
    Random,
}

impl Seed {
    /// The number; a random one is drawn from the operating system, once, and printed with the run.
    pub(crate) fn number(self) -> u64 {
        use std::hash::{BuildHasher, Hasher, RandomState};
        match self {
            Self::Number(number) => number,
            Self::Random => RandomState::new().build_hasher().finish() >> 16,
        }
    }
}

impl std::str::FromStr for Seed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "random" {
            return Ok(Self::Random);
        }
        text.parse()
            .map(Self::Number)
            .map_err(|_| "a seed is a whole number from 0 to 18446744073709551615, or `random`")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Pretty,
    /// A JSON object a line
    Json,
    /// Annotations for GitHub
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    #[default]
    Pretty,
    /// A JSON object a line
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum WireKind {
    /// TCP on 127.0.0.1
    #[default]
    Loopback,
    /// Pipes in memory
    InProcess,
}

/// Reads `http://HOST:PORT[/…]`; the address that it stands for. Where a name has several, IPv4 comes first: servers at a desk often
/// listen on nothing else.
pub(crate) fn http_address(url: &str) -> Result<SocketAddr, String> {
    use std::net::ToSocketAddrs;
    if url.starts_with("https://") {
        return Err(format!(
            "`{url}`: the twin does not speak TLS yet; let it reach that server at an http:// URL"
        ));
    }
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| format!("`{url}` is no http:// URL"))?;
    let authority = rest.split('/').next().unwrap_or_default();
    let has_port = authority
        .rsplit(':')
        .next()
        .is_some_and(|port| port.parse::<u16>().is_ok())
        && authority.contains(':');
    let authority = if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let found = authority
        .to_socket_addrs()
        .map_err(|error| format!("`{authority}` is no address: {error}"))?;
    found
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| format!("`{authority}` is no address"))
}
