//! How entries of the book stand.

use super::*;
use persotwin_kernel::{Moment, Record};
use persotwin_link::Machine;

fn part(id: &str) -> Part {
    let text = format!(
        "persotwin: 1\nname: x\ncustomers: {{ alice: {{}} }}\n\
         faults: [{{ fault: cover-opens, id: {id}, when: {{ at: 5s }} }}]\n"
    );
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let mut plan = persotwin_scenario::parse("x.yaml", &text, &none).unwrap();
    Part::Fault(Arc::new(plan.faults.remove(0)))
}

fn record(disturbance: Disturbance) -> Record {
    Record {
        seq: 0,
        at: "2026-06-17T10:00:00Z".parse().unwrap(),
        moment: Moment::START,
        machine: Machine::World,
        step: None,
        customer: None,
        event: Event::Disturbance(disturbance),
    }
}

fn struck(id: &str) -> Record {
    record(Disturbance::Fault {
        id: id.to_owned(),
        fault: "cover-opens",
        on: String::new(),
        exchange: None,
        how: None,
    })
}

fn over(id: &str) -> Record {
    record(Disturbance::FaultOver {
        id: id.to_owned(),
        fault: "cover-opens",
        on: String::new(),
    })
}

fn book() -> (Book, FaultId) {
    let book = Book::default();
    book.enter(part("open"), State::Waiting).unwrap();
    (book, "open".parse().unwrap())
}

fn stands(book: &Book, id: &FaultId) -> (State, u32) {
    let declared = book.of(id).unwrap();
    (declared.state, declared.times)
}

#[test]
fn a_fault_waits_is_armed_strikes_and_is_over() {
    let (book, id) = book();
    assert!(book.tries(&id));
    book.armed(&id, Snare::Net);
    assert_eq!(stands(&book, &id), (State::Armed(Snare::Net), 0));
    book.see(&struck("open"));
    book.see(&struck("open"));
    book.missed(&id, "too late".to_owned());
    assert_eq!(stands(&book, &id), (State::Struck, 2));
    book.see(&over("open"));
    assert_eq!(stands(&book, &id), (State::Over, 2));
    assert!(book.tries(&id), "it may strike again");
}

#[test]
fn what_somebody_took_back_stays_away() {
    let (book, id) = book();
    book.cleared(&id);
    assert!(!book.tries(&id) && !book.is_wanted(&id));
    book.see(&struck("open"));
    assert_eq!(stands(&book, &id).0, State::Cleared);
}

#[test]
fn what_cannot_be_says_why_and_may_be_forgotten() {
    let (book, id) = book();
    book.missed(&id, "not yet".to_owned());
    assert_eq!(
        stands(&book, &id).0,
        State::Waiting,
        "its instant has not come"
    );
    book.tries(&id);
    book.missed(&id, "it is down".to_owned());
    assert_eq!(stands(&book, &id).0, State::Missed("it is down".to_owned()));
    book.forget(&id);
    assert!(book.ids().is_empty() && book.all().is_empty());
}

#[test]
fn a_full_book_lets_go_of_what_is_over_first() {
    let (book, first) = book();
    for n in 1..MOST {
        book.enter(part(&format!("n{n}")), State::Waiting).unwrap();
    }
    assert_eq!(book.enter(part("more"), State::Waiting), Err(Full));
    book.cleared(&first);
    assert_eq!(book.enter(part("more"), State::Waiting), Ok(()));
    assert_eq!((book.all().len(), book.of(&first).is_none()), (MOST, true));
}
