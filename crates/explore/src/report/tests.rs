use super::*;
use crate::life::Wrong;
use crate::share::Ended;

fn finding(manner: &str) -> Finding {
    Finding {
        wrong: Wrong::Law {
            law: "one-card".to_owned(),
            manner: manner.to_owned(),
        },
        how: manner.to_owned(),
    }
}

/// The report of a share of seeds 1..201 that found something at this seed.
fn report(shard: &str, seed: u64) -> Report {
    let shard = shard.parse().unwrap();
    let seeds: crate::Seeds = "1..201".parse().unwrap();
    let lived = seeds.count(shard).unwrap();
    let mut report = Report {
        shares: vec![Share {
            seeds,
            shard,
            lived,
            ended: Ended::Done,
        }],
        core_ms: 1000,
        census: Census {
            seeds: lived,
            ..Census::default()
        },
        ..Report::default()
    };
    let events = usize::try_from(1000 - seed).unwrap();
    report.find(Found::new(
        seed,
        events,
        &finding("a second card is in a hand"),
    ));
    report
}

/// As files of these names.
fn files(reports: &[(&str, Report)]) -> Vec<Named> {
    let read_one = |(name, report): &(&str, Report)| Named {
        name: (*name).to_owned(),
        report: read(&report.to_lines()).unwrap().remove(0),
    };
    reports.iter().map(read_one).collect()
}

fn merged(reports: &[(&str, Report)]) -> Merged {
    merge(files(reports)).unwrap()
}

fn refused(reports: &[(&str, Report)]) -> Vec<String> {
    let unfit = merge(files(reports)).unwrap_err();
    unfit.iter().map(ToString::to_string).collect()
}

fn remarks(merged: &Merged) -> Vec<String> {
    merged.remarks.iter().map(ToString::to_string).collect()
}

#[test]
fn shards_merge_to_one_report_with_the_shortest_story_first() {
    let merged = merged(&[("b", report("2/2", 8)), ("a", report("1/2", 3))]);
    assert!(merged.is_whole() && merged.remarks.is_empty());
    let report = merged.report;
    let seeds: Vec<u64> = report.found.iter().map(|found| found.seed).collect();
    assert_eq!(seeds, [8, 3]);
    assert_eq!(report.wrong()["one-card"], 2);
    assert_eq!((report.census.seeds, report.speed()), (200, 6000));
    assert_eq!(read(&report.to_lines()).unwrap(), [report]);
}

#[test]
fn one_report_twice_is_counted_once() {
    let slower = Report {
        core_ms: 2000,
        ..report("1/1", 3)
    };
    let merged = merged(&[("a", report("1/1", 3)), ("b", slower)]);
    assert_eq!(
        remarks(&merged),
        ["b is the same report as a, and is counted once"]
    );
    assert!(merged.is_whole());
    assert_eq!(merged.report, report("1/1", 3));
}

#[test]
fn seeds_that_two_reports_tell_of_have_no_sum() {
    let mut cut = report("2/2", 8);
    cut.shares[0].lived = 12;
    cut.shares[0].ended = Ended::Interrupted;
    let all = [
        ("a", report("1/2", 3)),
        ("b", cut),
        ("again", report("2/2", 8)),
        ("whole", report("1/1", 3)),
    ];
    assert_eq!(
        refused(&all),
        [
            "b and again both tell of seed 2 (b: seeds 1..201, shard 2/2, interrupted after 12 of 100 seeds; \
             again: seeds 1..201, shard 2/2): leave one of them away",
            "a and whole both tell of seed 1 (a: seeds 1..201, shard 1/2; whole: seeds 1..201): leave one of them away",
        ]
    );
}

#[test]
fn what_is_missing_is_told() {
    let mut cut = report("1/4", 8);
    cut.shares[0].lived = 12;
    cut.shares[0].ended = Ended::Interrupted;
    let merged = merged(&[("a", cut), ("b", report("4/4", 4))]);
    assert_eq!(
        remarks(&merged),
        [
            "a: seeds 1..201, shard 1/4: interrupted after 12 of 50 seeds",
            "shards 2/4 and 3/4 of seeds 1..201 are missing"
        ]
    );
    assert!(!merged.is_whole());
    let lines = merged.to_lines();
    assert!(
        lines.contains(
            r#""missing":[{"seeds":"1..201","shard":"2/4"},{"seeds":"1..201","shard":"3/4"}]"#
        ),
        "{lines}"
    );
}

#[test]
fn of_many_missing_shards_some_are_named_and_those_without_seeds_are_not() {
    let one = merged(&[("a", report("1/300", 1))]);
    let told = remarks(&one);
    assert!(
        told[0].starts_with("shards 2/300, 3/300, ")
            && told[0].ends_with(" and 189 others of seeds 1..201 are missing"),
        "{told:?}"
    );
    let shards: Vec<Report> = (1..=200).map(|n| report(&format!("{n}/300"), n)).collect();
    let all: Vec<_> = shards.into_iter().map(|report| ("x", report)).collect();
    assert!(merged(&all).is_whole());
}

#[test]
fn a_range_that_time_has_ended_is_not_whole() {
    let mut short = report("1/1", 3);
    short.shares[0].lived = 50;
    short.shares[0].ended = Ended::TimeUp;
    let cut = merged(&[("a", short)]);
    assert_eq!(
        remarks(&cut),
        ["a: seeds 1..201: out of time after 50 of 200 seeds"]
    );
    assert!(!cut.is_whole());
    let mut open = report("1/1", 3);
    open.shares[0].seeds = "1..".parse().unwrap();
    open.shares[0].ended = Ended::TimeUp;
    assert!(merged(&[("a", open)]).is_whole());
}

#[test]
fn reports_of_other_machines_are_not_mixed() {
    let naive = Report {
        behaviour: vec!["naive-no-outbox".to_owned()],
        ..report("2/2", 8)
    };
    assert_eq!(
        refused(&[("a", report("1/2", 3)), ("b", naive)]),
        [
            "b is of machines that are naive-no-outbox, and a of machines that lack nothing: they are no one report"
        ]
    );
}

#[test]
fn what_is_no_whole_report_says_what_it_is_in_words() {
    let whole = report("1/1", 3).to_lines();
    let first = whole.lines().next().unwrap();
    let says = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(
        says(first),
        "its last line, the summary, is missing: whoever wrote it was stopped"
    );
    assert_eq!(
        says("\n"),
        "it is empty: whoever should write the report was stopped before"
    );
    for other in ["{}", "persotwin: 1", "[1]", "7"] {
        let text = format!("{first}\n{other}\n");
        assert_eq!(
            says(&text),
            "line 2 is no line of an explore report, which has a JSON object a line"
        );
    }
    assert_eq!(
        says(&whole.replace("\"lived\":200", "\"lived\":\"all\"")),
        "line 2 calls itself `summary` of an explore report, and is not one that this program reads"
    );
    assert_eq!(
        says(&whole.replace("\"version\":1", "\"version\":2")),
        "line 1 is of version 2 of explore reports, and this program reads version 1"
    );
}

#[test]
fn reports_one_after_the_other_are_each_read() {
    let (one, two) = (report("1/2", 3), report("2/2", 8));
    let both = format!("{}{}", one.to_lines(), two.to_lines());
    assert_eq!(read(&both).unwrap(), [one, two]);
}

#[test]
fn every_line_has_its_version() {
    for line in report("1/1", 3).to_lines().lines() {
        assert!(line.starts_with("{\"version\":1,\"kind\":\""), "{line}");
    }
}

#[test]
fn a_share_without_seeds_is_one_sentence() {
    let share = Share {
        seeds: "1..3".parse().unwrap(),
        shard: "5/8".parse().unwrap(),
        lived: 0,
        ended: Ended::Done,
    };
    let empty = Report {
        shares: vec![share],
        ..Report::default()
    };
    assert_eq!(
        empty.to_string(),
        "nothing to explore: seeds 1..3, shard 5/8 holds no seed\n"
    );
}

#[test]
fn people_read_how_far_it_came_and_what_is_not_listed() {
    let mut report = report("1/1", 1);
    for seed in 2..=60 {
        let events = 100 - usize::try_from(seed).unwrap();
        report.find(Found::new(
            seed,
            events,
            &finding("a second card is in a hand"),
        ));
    }
    assert_eq!(report.found.len(), 50);
    assert!(report.found.iter().all(|found| found.seed > 10));
    report.shares[0].lived = 60;
    report.shares[0].ended = Ended::Interrupted;
    let text = report.to_string();
    assert!(text.contains("\nno order was made; "), "{text}");
    assert!(
        text.ends_with("\ninterrupted after 60 of 200 seeds\n"),
        "{text}"
    );
    assert!(
        text.contains("list 50 of these 60 seeds, the 50 with the shortest stories of each manner"),
        "{text}"
    );
    assert!(text.contains("\n1 of 1 manner not shrunk; "), "{text}");
    assert!(report.to_lines().contains(r#""seeds":60,"listed":50"#));
}

#[test]
fn a_small_world_says_where_it_came_from_and_where_it_is() {
    let mut draft = crate::Draft::empty(1);
    draft.behaviour = vec![persotwin_faults::Behaviour::NoOutbox];
    let shrunk = Shrunk {
        draft,
        left: Left::Stopped,
        lives: 1,
        events: (70, 75),
        lines: (30, 4),
    };
    let mut small = Small::new(17, &finding("a second card is in a hand"), &shrunk);
    assert!(
        small.scenario.starts_with(
            "# What is left of the world of seed 17, not fully shrunk: it was interrupted, or time was up: persotwin explore --seeds 17 --behaviour naive-no-outbox\n"
        ),
        "{}",
        small.scenario
    );
    small.file = Some(small.file_name());
    let report = Report {
        shrunk: vec![small.seen_from(Path::new("out"))],
        ..Report::default()
    };
    let text = report.to_string();
    for says in [
        "lines are left of 30 after 1 attempt, 75 events instead of 70, not fully shrunk: ",
        "\n  written to out/one-card-17.yaml\n",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}
