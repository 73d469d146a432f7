//! A storm: five hundred kiosks are asked for a card in the same instant, over real sockets.

use std::fmt::Write as _;

use persotwin_kernel::Event;
use persotwin_kernel::event::News;
use persotwin_tests::{complaints, read, told};
use persotwin_world::WireKind;

const KIOSKS: u32 = 500;

#[test]
fn five_hundred_kiosks_at_once() {
    let mut text = "persotwin: 1\nname: A storm\nstations:\n".to_owned();
    for kiosk in 1..=KIOSKS {
        let _ = writeln!(text, "  KIOSK-PS-{kiosk}: {{ blanks: 2 }}");
    }
    text += "customers:\n";
    for kiosk in 1..=KIOSKS {
        let _ = writeln!(text, "  customer-{kiosk}: {{ station: KIOSK-PS-{kiosk} }}");
    }
    text += "expect: { orders: { accepted: 500, refused: 0 }, notifications: { count: 1500 }, done-not-in-hand: 0 }\n";
    let told = told(&read("storm.yaml", &text), WireKind::Loopback);
    assert!(complaints(&told).is_empty(), "{:#?}", complaints(&told));
    let seen = told.records.iter().filter(|record| match &record.event {
        Event::Order(belief) => matches!(belief.news, News::CardSeen { .. }),
        _ => false,
    });
    assert_eq!(seen.count(), 500, "every card is in its customer's hand");
}
