//! A small fixed range of seeds, as `persotwin explore` lives through it.

use persotwin_explore::{Census, Draft, draw, live};

/// No law breaks, whatever these seeds draw.
#[test]
fn no_law_breaks_in_a_small_range() {
    let mut census = Census::default();
    for seed in 1..=40 {
        let lived = live(&draw(seed, &[])).unwrap();
        assert_eq!(lived.finding, None, "seed {seed}");
        census.add(Census::of(&lived));
    }
    // Few seeds vary; over thousands it is more than three.
    assert!(census.strikes_per_seed() >= 2.0, "{census:?}");
    assert!(census.otherwise() >= 0.2, "{census:?}");
}

/// What is shown is what lives: the same journal, to the last byte.
#[test]
fn a_shown_world_tells_the_same_story() {
    let draft = draw(12, &[]);
    let story = |draft: &Draft| {
        let lived = live(draft).unwrap();
        let told = lived.told.unwrap();
        let lines = told.records.iter();
        let lines: Vec<String> = lines
            .map(|record| serde_json::to_string(&**record).unwrap())
            .collect();
        lines
    };
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let plan = persotwin_scenario::parse("shown.yaml", &draft.to_text(), &none).unwrap();
    let options = persotwin_world::Options {
        wire: persotwin_world::WireKind::InProcess,
        seed: None,
    };
    let told = persotwin_world::run(&plan, &options).unwrap();
    let lines: Vec<String> = told
        .records
        .iter()
        .map(|record| serde_json::to_string(&**record).unwrap())
        .collect();
    assert_eq!(story(&draft), lines);
}
