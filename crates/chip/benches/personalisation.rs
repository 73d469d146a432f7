//! What a whole personalisation of a chip in memory costs, through a real secure channel, both ends.
//!
//! `cargo bench -p persotwin-chip`. Figures are printed, never asserted; what can be compared is how
//! many times the cost of an open chip, which takes the same data in the clear, and of one SHA-256.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use persotwin_chip::{Chip, ChipSerial, Factory, Profile};
use persotwin_emv::aid::Aid;
use persotwin_emv::dgi::{self, Dgi, DgiId};
use persotwin_emv::scp::{Diversification, Opening, Terms, TermsText};
use persotwin_emv::store_data::{MAX_DATA, split};
use sha2::{Digest, Sha256};

const ROUNDS: u32 = 300;
const KEY: &str = "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F";

/// A card with about 1,200 bytes of records, keys and PIN.
fn groupings() -> Vec<Dgi> {
    let text = "01010C700A57088999990000000000\
                91020BA50950045445535487010191040E820218009408080101001001010\
                08000301122334400667788112233445500778\
                88B4F854F0831FBF2635A212E4DDDB92A11220044556677881122330055667788\
                90000997DCB0CE4E2CB37DF39010020303801008241234FFFFFFFFFF";
    let mut all = dgi::parse(&hex::decode(text).unwrap()).unwrap();
    for record in 1..=5_u16 {
        let value = [&[0x70, 0x81, 0xE0, 0x90, 0x81, 0xDD][..], &[0x5A; 0xDD]].concat();
        all.push(Dgi::new(DgiId(0x0200 + record), value).unwrap());
    }
    all
}

fn aid() -> Aid {
    Aid::parse("A0000000031010").unwrap()
}

fn blank(profile: &Profile) -> Chip {
    let mut chip = Chip::blank(ChipSerial([1, 2, 3, 4, 5, 6, 7, 8]), profile);
    chip.power_on();
    let select = [
        &[0x00, 0xA4, 0x04, 0x00, 0x07][..],
        aid().as_bytes(),
        &[0x00],
    ]
    .concat();
    assert!(chip.transmit(&select).ends_with(&[0x90, 0x00]));
    chip
}

/// In the clear, to a chip of open stock.
fn free(groupings: &[Dgi]) {
    let mut chip = blank(&Profile::generic());
    for command in split(groupings, MAX_DATA).unwrap() {
        assert_eq!(chip.transmit(&command.to_apdu()), [0x90, 0x00]);
    }
    assert!(black_box(chip).personalised().is_some());
}

/// Through a channel: opened, loaded, closed.
fn secured(terms: &Terms, groupings: &[Dgi]) {
    let profile = Profile::generic().secured(Factory::new(terms.clone()));
    let mut chip = blank(&profile);
    let opening = Opening::new(terms, &aid(), [7; 8]);
    let answer = chip.transmit(&opening.command());
    let (proving, command) = opening.answered(&answer).unwrap();
    let mut session = proving.answered(&chip.transmit(&command)).unwrap();
    for command in session.store_data(groupings).unwrap() {
        let (awaiting, command) = session.wrap(&command).unwrap();
        let answer;
        (session, answer) = awaiting.answered(&chip.transmit(&command)).unwrap();
        assert_eq!(answer.status, [0x90, 0x00]);
    }
    assert!(black_box(chip).personalised().is_some());
}

fn timed(mut work: impl FnMut()) -> Duration {
    work();
    #[expect(clippy::disallowed_methods, reason = "a bench measures the wall")]
    let begun = Instant::now();
    (0..ROUNDS).for_each(|_| work());
    begun.elapsed() / ROUNDS
}

fn terms(protocol: &str, level: &str, digits: usize, diversification: Diversification) -> Terms {
    let text = TermsText {
        protocol: protocol.parse().unwrap(),
        transport_key: KEY[..digits].to_owned(),
        diversification,
        key_version: "01".parse().unwrap(),
        level: level.parse().unwrap(),
    };
    Terms::try_from(text).unwrap()
}

fn main() {
    use Diversification::{EmvCps, Kdf3};
    let groupings = groupings();
    let kilobyte = [0x5A; 1024];
    let hash = timed(|| {
        black_box(Sha256::digest(black_box(kilobyte)));
    });
    let open = timed(|| free(&groupings));
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("SHA-256 of 1 KiB: {:.1} µs", micros(hash));
    println!("open chip: {:.1} µs", micros(open));
    for (protocol, level, digits, by) in [
        ("scp02-i55", "01", 32, EmvCps),
        ("scp02-i55", "03", 32, EmvCps),
        ("scp02-i75", "13", 32, EmvCps),
        ("scp03-i70", "01", 32, Kdf3),
        ("scp03-i70", "33", 32, Kdf3),
        ("scp03-i70", "33", 64, Kdf3),
    ] {
        let terms = terms(protocol, level, digits, by);
        let time = timed(|| secured(&terms, &groupings));
        println!(
            "{protocol} level {level}, key of {} bits: {:.1} µs, {:.1} times an open chip, {:.0} SHA-256",
            digits * 4,
            micros(time),
            time.as_secs_f64() / open.as_secs_f64(),
            time.as_secs_f64() / hash.as_secs_f64()
        );
    }
}
