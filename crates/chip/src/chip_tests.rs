//! The chip, seen through its door for commands.

use crate::{Chip, ChipImage, ChipSerial, Life, Profile};
use persotwin_emv::dgi::DgiId;

pub(crate) const VISA: &str = "A0000000031010";
pub(crate) const MASTERCARD: &str = "A0000000041010";
pub(crate) const PSE: &str = "315041592E5359532E4444463031";
const PPSE: &str = "325041592E5359532E4444463031";

/// A complete set. Keys and check values are those of a public personalisation script.
pub(crate) const GROUPINGS: [&str; 8] = [
    "0101 0C 700A 57088999990000000000",
    "0201 08 7006 5F2403311231",
    "3000 0A 9F36020003 9F13020001",
    "9102 14 A512 500454455354 870101 9F38039F1A02 5F2D00",
    "9104 0E 82021800 9408 08010100 10010100",
    "8000 30 11223344006677881122334455007788 8B4F854F0831FBF2635A212E4DDDB92A \
     11220044556677881122330055667788",
    "9000 09 97DCB0CE4E2CB37DF3",
    "7FFF FF0001 00",
];

pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

pub(crate) fn powered() -> Chip {
    let mut chip = Chip::blank(ChipSerial([1, 2, 3, 4, 5, 6, 7, 8]), &Profile::generic());
    chip.power_on();
    chip
}

/// Sends a command and returns the answer as text.
fn send(chip: &mut Chip, command: &str) -> String {
    hex::encode_upper(chip.transmit(&hex(command)))
}

fn select(chip: &mut Chip, name: &str) -> String {
    send(chip, &format!("00A40400{:02X}{name}00", name.len() / 2))
}

/// The groupings cut into blocks of `size`, sent one after the other; the last answer.
fn load(chip: &mut Chip, groupings: &[&str], size: usize) -> String {
    let stream = hex(&groupings.concat());
    let blocks: Vec<_> = stream.chunks(size).collect();
    let mut answer = String::new();
    for (number, block) in blocks.iter().enumerate() {
        let p1 = if number + 1 == blocks.len() {
            0x80
        } else {
            0x00
        };
        let number = u8::try_from(number % 256).unwrap();
        let head = [0x80, 0xE2, p1, number, u8::try_from(block.len()).unwrap()];
        answer = hex::encode_upper(chip.transmit(&[&head[..], block].concat()));
        if answer != "9000" {
            break;
        }
    }
    answer
}

pub(crate) fn personalised() -> Chip {
    let mut chip = powered();
    assert!(select(&mut chip, VISA).ends_with("9000"));
    assert_eq!(load(&mut chip, &GROUPINGS, 255), "9000");
    chip
}

#[test]
fn without_power_there_is_no_answer() {
    let mut chip = Chip::blank(ChipSerial([0; 8]), &Profile::generic());
    assert_eq!(chip.transmit(&[0x00, 0xA4, 0x04, 0x00]), Vec::<u8>::new());
    assert_eq!(chip.power_on(), Profile::ATR);
    assert!(chip.is_powered());
    assert_eq!(send(&mut chip, "00A40400"), "6A82");
}

#[test]
fn a_blank_is_selectable_and_nothing_more() {
    let mut chip = powered();
    assert_eq!(select(&mut chip, PSE), "6A82");
    assert_eq!(select(&mut chip, PPSE), "6A82");
    assert_eq!(
        select(&mut chip, MASTERCARD),
        format!("6F0B8407{MASTERCARD}A5009000")
    );
    for refused in ["80A80000028300", "00B2010C00", "80CA9F3600"] {
        assert_eq!(send(&mut chip, refused), "6985", "{refused}");
    }
    assert!(!chip.holds_keys());
}

#[test]
fn a_blank_becomes_a_card() {
    let mut chip = personalised();
    let list = "9F38039F1A02";
    let application = chip.personalised().unwrap();
    assert_eq!(application.aid().to_string(), VISA);
    assert_eq!(application.label(), Some(&b"TEST"[..]));
    assert_eq!(
        application
            .key_check_values()
            .unwrap()
            .map(|kcv| kcv.to_string()),
        ["97DCB0", "CE4E2C", "B37DF3"]
    );
    assert_eq!(application.records().len(), 2);
    assert_eq!(load(&mut chip, &GROUPINGS, 255), "6985");
    assert_eq!(
        select(&mut chip, VISA),
        format!("6F1D8407{VISA}A512500454455354870101{list}5F2D009000")
    );
    assert_eq!(load(&mut chip, &GROUPINGS, 255), "6985");
}

#[test]
fn a_terminal_reads_the_card() {
    let mut chip = personalised();
    let entry = format!("61124F07{VISA}500454455354870101");
    assert_eq!(
        select(&mut chip, PSE),
        format!("6F18840E{PSE}A5068801015F2D009000")
    );
    assert_eq!(send(&mut chip, "00B2010C00"), format!("7014{entry}9000"));
    assert_eq!(send(&mut chip, "00B2020C00"), "6A83");
    assert_eq!(send(&mut chip, "00B2011400"), "6A82");
    assert_eq!(
        select(&mut chip, PPSE),
        format!("6F29840E{PPSE}A517BF0C14{entry}9000")
    );
    assert!(select(&mut chip, VISA).ends_with("9000"));
    assert_eq!(send(&mut chip, "80CA9F3600"), "9F360200039000");
    assert_eq!(
        send(&mut chip, "80A80000048302084000"),
        "770E82021800940808010100100101009000"
    );
    assert_eq!(send(&mut chip, "80A80000048302084000"), "6985");
    assert_eq!(
        send(&mut chip, "00B2010C00"),
        "700A570889999900000000009000"
    );
    assert_eq!(send(&mut chip, "00B2011400"), "70065F24033112319000");
    assert_eq!(send(&mut chip, "00B2021400"), "6A83");
    assert_eq!(send(&mut chip, "00B2011C00"), "6A82");
    assert_eq!(send(&mut chip, "80CA9F3600"), "9F360200049000");
    assert_eq!(send(&mut chip, "80CA9F1300"), "9F130200019000");
    assert_eq!(send(&mut chip, "80CA9F1700"), "6A88");
    assert_eq!(send(&mut chip, "80CA000000"), "6A86");
}

#[test]
fn processing_options_want_what_the_list_asks_for() {
    let mut chip = personalised();
    select(&mut chip, VISA);
    for wrong in [
        "80A80000028300",
        "80A8000003830108",
        "80A80000058303084000",
        "80A80000028400",
    ] {
        assert_eq!(send(&mut chip, wrong), "6A80", "{wrong}");
    }
    assert_eq!(send(&mut chip, "80A80100028300"), "6A86");
    assert_eq!(send(&mut chip, "80A80000048302084000").len(), 36);
}

#[test]
fn a_counter_at_its_end_begins_no_transaction() {
    let json = serde_json::to_string(&personalised()).unwrap();
    let worn = json.replace("\"transactions\":3", "\"transactions\":65534");
    let mut chip: Chip = serde_json::from_str(&worn).unwrap();
    chip.power_on();
    for expected in ["9000", "6985"] {
        select(&mut chip, VISA);
        assert!(send(&mut chip, "80A80000048302084000").ends_with(expected));
    }
    assert_eq!(send(&mut chip, "80CA9F3600"), "9F3602FFFF9000");
}

#[test]
fn names_may_be_partial() {
    let mut chip = personalised();
    assert!(select(&mut chip, "A0000000").contains(VISA));
    let next = |chip: &mut Chip| send(chip, "00A4040204A000000000");
    assert!(next(&mut chip).contains(MASTERCARD));
    assert_eq!(next(&mut chip), "6A82");
    assert!(select(&mut chip, "A000000004").contains(MASTERCARD));
    assert_eq!(select(&mut chip, "A000000005"), "6A82");
    assert!(select(&mut chip, "31504159").contains(PSE));
    assert_eq!(send(&mut chip, "00A40401"), "6A86");
    assert_eq!(send(&mut chip, "00A40000023F00"), "6A86");
    assert_eq!(select(&mut chip, &"A0".repeat(17)), "6700");
}

#[test]
fn a_failed_select_keeps_what_was_selected() {
    let mut chip = personalised();
    select(&mut chip, VISA);
    assert_eq!(select(&mut chip, "A000000099"), "6A82");
    assert_eq!(send(&mut chip, "80CA9F3600"), "9F360200039000");
}

#[test]
fn blocks_of_any_size_make_the_same_card() {
    let whole = personalised();
    for size in 1..=60 {
        let mut chip = powered();
        select(&mut chip, VISA);
        assert_eq!(load(&mut chip, &GROUPINGS, size), "9000", "{size}");
        assert_eq!(chip.applications(), whole.applications());
    }
}

#[test]
fn a_set_that_lacks_something_stays_selectable() {
    for missing in 0..GROUPINGS.len() {
        let mut chip = powered();
        select(&mut chip, VISA);
        let mut set = GROUPINGS.to_vec();
        let left_out = set.remove(missing);
        let needed = !left_out.starts_with("3000") && !left_out.starts_with("7FFF");
        let expected = match &left_out[..4] {
            "8000" => "6985",
            _ if needed => "6A86",
            _ => "9000",
        };
        assert_eq!(load(&mut chip, &set, 255), expected, "without {left_out}");
        assert_eq!(chip.personalised().is_none(), needed);
        assert_eq!(chip.holds_keys(), !needed);
    }
}

#[test]
fn a_pin_counter_wants_its_pin() {
    let mut chip = powered();
    select(&mut chip, VISA);
    let with_counter = [&["9010 02 0302"], &GROUPINGS[..]].concat();
    assert_eq!(load(&mut chip, &with_counter, 255), "6A80");
    select(&mut chip, VISA);
    let with_counter = [&["9010 02 0303"], &GROUPINGS[..]].concat();
    assert_eq!(load(&mut chip, &with_counter, 255), "6A86");
    select(&mut chip, VISA);
    let with_pin = [
        &["9010 02 0303", "8010 08 241234FFFFFFFFFF"],
        &GROUPINGS[..],
    ]
    .concat();
    assert_eq!(load(&mut chip, &with_pin, 255), "9000");
    assert_eq!(send(&mut chip, "80CA9F1700"), "9F1701039000");
}

#[test]
fn wrong_check_values_are_found() {
    let mut chip = powered();
    select(&mut chip, VISA);
    let mut set = GROUPINGS;
    set[6] = "9000 09 97DCB0CE4E2CB37DF4";
    assert_eq!(load(&mut chip, &set, 255), "6A80");
    assert!(chip.personalised().is_none());
}

#[test]
fn power_loss_forgets_the_half_sent_grouping_only() {
    let mut chip = powered();
    select(&mut chip, VISA);
    assert_eq!(send(&mut chip, "80E2000008 7FFF0201027FFF 02"), "9000");
    chip.power_off();
    chip.power_on();
    assert_eq!(send(&mut chip, "80E200010101"), "6985");
    select(&mut chip, VISA);
    assert_eq!(
        chip.applications()[0].grouping(DgiId(0x7FFF)),
        Some(&[1, 2][..])
    );
    assert_eq!(send(&mut chip, "80E2000101 01"), "6A86");
    assert_eq!(load(&mut chip, &GROUPINGS, 64), "9000");
}

#[test]
fn each_product_can_be_made_from_generic_stock() {
    let mut chip = powered();
    select(&mut chip, MASTERCARD);
    assert_eq!(load(&mut chip, &GROUPINGS, 128), "9000");
    select(&mut chip, PSE);
    let directory = send(&mut chip, "00B2010C00");
    assert!(directory.contains(MASTERCARD) && !directory.contains(VISA));
    assert_eq!(chip.applications()[0].life(), Life::Selectable);
}

#[test]
fn le_may_be_absent_or_large_but_not_too_small() {
    let mut chip = personalised();
    select(&mut chip, VISA);
    assert_eq!(send(&mut chip, "00B2010C"), "6C0C");
    assert_eq!(send(&mut chip, "00B2010C05"), "6C0C");
    assert!(send(&mut chip, "00B2010C0C").ends_with("9000"));
    assert!(send(&mut chip, "00B2010C000000").ends_with("9000"));
    assert_eq!(send(&mut chip, "80A80000048302084001"), "6C10");
    assert_eq!(send(&mut chip, "80CA9F3600"), "9F360200039000");
}

#[test]
fn a_chip_goes_to_a_file_and_back() {
    let mut chip = personalised();
    select(&mut chip, VISA);
    send(&mut chip, "80A80000048302084000");
    let json = serde_json::to_string(&chip).unwrap();
    let mut back: Chip = serde_json::from_str(&json).unwrap();
    assert_eq!(back.applications(), chip.applications());
    assert_eq!(back.serial(), chip.serial());
    back.power_on();
    select(&mut back, VISA);
    assert_eq!(send(&mut back, "80CA9F3600"), "9F360200049000");
}

#[test]
fn a_file_that_no_commands_could_have_made_is_refused() {
    let json = serde_json::to_string(&personalised()).unwrap();
    for (from, to, complaint) in [
        ("97DCB0CE4E2CB37DF3", "97DCB0CE4E2CB37DF4", "grouping 9000"),
        ("\"0201\"", "\"0202\"", "not complete"),
        ("\"0201\"", "\"02G1\"", "not hexadecimal"),
        ("\"0201\"", "\"8102\"", "6A88"),
        ("A0000000041010", "A0000000031010", "same name"),
        ("A0000000041010", "A0", "5 to 16"),
    ] {
        let error = serde_json::from_str::<Chip>(&json.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(error.contains(complaint), "{error}");
        assert!(!error.contains("1122334400667788"));
    }
}

#[test]
fn nothing_secret_is_shown() {
    let mut chip = personalised();
    select(&mut chip, MASTERCARD);
    send(&mut chip, "80E20000048000 3011");
    let shown = format!("{chip:?} {:?}", ChipImage::from(&chip));
    for secret in ["11223344", "17, 34", "99990000", "8999"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_reader_of_t_0_fetches_the_answer() {
    let mut chip = personalised();
    let whole = select(&mut chip, VISA);
    let len = whole.len() / 2 - 2;
    let select_t0 = format!("00A4040007{VISA}");
    assert_eq!(send(&mut chip, &select_t0), format!("61{len:02X}"));
    assert_eq!(send(&mut chip, &format!("00C00000{len:02X}")), whole);
    assert_eq!(send(&mut chip, "00C0000000"), "6985");
    // In two parts, the second asked for with too much.
    send(&mut chip, &select_t0);
    let head = send(&mut chip, "00C0000005");
    assert_eq!(head, format!("{}61{:02X}", &whole[..10], len - 5));
    assert_eq!(send(&mut chip, "00C00000FF"), format!("6C{:02X}", len - 5));
    assert_eq!(send(&mut chip, "00C0000000"), whole[10..]);
    // GPO was done by its first step: the counter moves once.
    assert_eq!(send(&mut chip, "80A800000483020840"), "6110");
    assert!(send(&mut chip, "00C0000010").ends_with("9000"));
    assert_eq!(send(&mut chip, "80CA9F3605"), "9F360200049000");
}

#[test]
fn any_other_command_loses_the_answer_that_waits() {
    for other in ["00B2010C00", "00B2010C05", "00FF000000", "00", "80C0000000"] {
        let mut chip = personalised();
        assert!(send(&mut chip, &format!("00A4040007{VISA}")).starts_with("61"));
        send(&mut chip, other);
        assert_eq!(send(&mut chip, "00C0000000"), "6985", "{other}");
    }
    let mut chip = personalised();
    send(&mut chip, &format!("00A4040007{VISA}"));
    chip.power_on();
    assert_eq!(send(&mut chip, "00C0000000"), "6985");
}

#[test]
fn lengths_may_be_extended() {
    let mut chip = powered();
    let select_extended = format!("00A40400000007{VISA}0000");
    assert!(send(&mut chip, &select_extended).ends_with("9000"));
    let stream = hex(&GROUPINGS.concat());
    let lc = u16::try_from(stream.len()).unwrap().to_be_bytes();
    let command = [&[0x80, 0xE2, 0x80, 0x00, 0x00], &lc[..], &stream].concat();
    assert_eq!(chip.transmit(&command), [0x90, 0x00]);
    assert_eq!(chip.applications(), personalised().applications());
}
