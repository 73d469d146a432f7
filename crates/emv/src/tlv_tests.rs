//! What holds of every data object, and of hand-made wrong ones.

use proptest::prelude::*;

use super::*;

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn first_error(text: &str) -> TlvError {
    let bytes = bytes(text);
    TlvReader::new(&bytes).find_map(Result::err).unwrap()
}

/// The directory answer of a card that a third-party kernel accepted.
#[test]
fn a_directory_answer() {
    let answer = bytes("6F1A840E315041592E5359532E4444463031A5088801015F2D02656E");
    let tree = parse_tree(&answer).unwrap();
    assert_eq!(tree.len(), 1);
    assert_eq!(tree[0].children.len(), 2);
    let language = [Tag::FCI, Tag::FCI_PROPRIETARY, Tag::LANGUAGE_PREFERENCE];
    assert_eq!(find_path(&answer, &language), Ok(Some(&b"en"[..])));
    assert_eq!(find_path(&answer, &[Tag::FCI, Tag::PDOL]), Ok(None));
    let inner = TlvWriter::new()
        .put(Tag::DIRECTORY_SFI, &[1])
        .put(Tag::LANGUAGE_PREFERENCE, b"en");
    let outer = TlvWriter::new()
        .put(Tag::DF_NAME, b"1PAY.SYS.DDF01")
        .nest(Tag::FCI_PROPRIETARY, inner);
    assert_eq!(TlvWriter::new().nest(Tag::FCI, outer).finish(), Ok(answer));
}

#[test]
fn lengths_of_every_form() {
    for (len, head) in [
        (0, "5A00"),
        (127, "5A7F"),
        (128, "5A8180"),
        (255, "5A81FF"),
        (256, "5A820100"),
        (65_535, "5A82FFFF"),
        (65_536, "5A83010000"),
    ] {
        let value = vec![0x11; len];
        let written = TlvWriter::new().put(Tag::PAN, &value).finish().unwrap();
        assert!(written.starts_with(&bytes(head)), "{len}");
        let read: Vec<_> = TlvReader::new(&written).collect();
        assert_eq!(
            read,
            [Ok(Tlv {
                tag: Tag::PAN,
                value: &value
            })]
        );
    }
}

#[test]
fn a_value_beyond_every_form_is_an_error_and_stays_one() {
    let writer = TlvWriter::new().put(Tag::PAN, &vec![0; MAX_VALUE + 1]);
    let writer = TlvWriter::new().nest(Tag::FCI, writer.put(Tag::PAN, &[1]));
    assert_eq!(writer.finish(), Err(TlvError::ValueTooLong));
}

#[test]
fn each_fault_has_its_name_and_place() {
    assert_eq!(first_error("5A"), TlvError::LengthTruncated { position: 1 });
    assert_eq!(
        first_error("5A01115A"),
        TlvError::LengthTruncated { position: 4 }
    );
    assert_eq!(
        first_error("5A82"),
        TlvError::LengthTruncated { position: 1 }
    );
    assert_eq!(first_error("5A80"), TlvError::LengthForm { position: 1 });
    assert_eq!(
        first_error("5A8400000001"),
        TlvError::LengthForm { position: 1 }
    );
    let cut = TlvError::ValueTruncated {
        position: 2,
        needed: 2,
        available: 1,
    };
    assert_eq!(first_error("5A0211"), cut);
    assert_eq!(
        first_error("9F"),
        TlvError::Tag {
            position: 0,
            error: TagError::Truncated
        }
    );
}

#[test]
fn an_error_ends_the_reading() {
    let wrong = bytes("5A805A0111");
    assert_eq!(TlvReader::new(&wrong).count(), 1);
}

#[test]
fn filler_between_objects_is_skipped() {
    let filled = bytes("00005A011100005F3401000000");
    let tags: Vec<_> = TlvReader::new(&filled)
        .map(|object| object.unwrap().tag)
        .collect();
    assert_eq!(tags, [Tag::PAN, Tag::PAN_SEQUENCE]);
}

#[test]
fn endless_nesting_is_refused() {
    let nested =
        |depth| (0..depth).fold(TlvWriter::new(), |w, _| TlvWriter::new().nest(Tag::FCI, w));
    assert!(parse_tree(&nested(MAX_DEPTH - 1).finish().unwrap()).is_ok());
    let deep = nested(MAX_DEPTH + 1).finish().unwrap();
    assert_eq!(parse_tree(&deep), Err(TlvError::TooDeep));
}

#[test]
fn values_do_not_print() {
    let object = Tlv {
        tag: Tag::PAN,
        value: &[0x41; 8],
    };
    assert_eq!(format!("{object:?}"), "Tlv(5A, 8 bytes)");
}

/// A primitive tag of one, two or three bytes.
fn any_primitive_tag() -> impl Strategy<Value = Tag> {
    let class = prop::sample::select(vec![0x00_u32, 0x40, 0x80, 0xC0]);
    let more = prop_oneof![
        (1u32..=0x1E).prop_map(|number| (number, 0)),
        (0u32..=0x7F).prop_map(|last| ((0x1F << 8) | last, 8)),
        (0x80u32..=0xFF, 0u32..=0x7F)
            .prop_map(|(middle, last)| { ((0x1F << 16) | (middle << 8) | last, 16) }),
    ];
    (class, more).prop_map(|(class, (number, shift))| Tag::new((class << shift) | number).unwrap())
}

/// A tree to be written: a value, or a template of trees.
#[derive(Debug, Clone)]
enum Plan {
    Value(Tag, Vec<u8>),
    Template(Tag, Vec<Plan>),
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let leaf = (
        any_primitive_tag(),
        proptest::collection::vec(any::<u8>(), 0..300),
    )
        .prop_map(|(tag, value)| Plan::Value(tag, value));
    leaf.prop_recursive(4, 24, 5, |inner| {
        let templates =
            prop::sample::select(vec![Tag::FCI, Tag::RECORD, Tag::ISSUER_DISCRETIONARY]);
        (templates, proptest::collection::vec(inner, 0..5))
            .prop_map(|(tag, children)| Plan::Template(tag, children))
    })
}

fn write(writer: TlvWriter, plan: &Plan) -> TlvWriter {
    match plan {
        Plan::Value(tag, value) => writer.put(*tag, value),
        Plan::Template(tag, children) => {
            writer.nest(*tag, children.iter().fold(TlvWriter::new(), write))
        }
    }
}

fn agrees(node: &Node<'_>, plan: &Plan) -> bool {
    match plan {
        Plan::Value(tag, value) => node.object == Tlv { tag: *tag, value },
        Plan::Template(tag, children) => {
            node.object.tag == *tag
                && node.children.len() == children.len()
                && node
                    .children
                    .iter()
                    .zip(children)
                    .all(|(node, plan)| agrees(node, plan))
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(plans in proptest::collection::vec(any_plan(), 0..4)) {
        let written = plans.iter().fold(TlvWriter::new(), write).finish().unwrap();
        let tree = parse_tree(&written).unwrap();
        prop_assert_eq!(tree.len(), plans.len());
        prop_assert!(tree.iter().zip(&plans).all(|(node, plan)| agrees(node, plan)));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse_tree(&bytes);
        let _ = TlvReader::new(&bytes).find(Tag::PAN);
        for object in TlvReader::new(&bytes).flatten() {
            prop_assert!(object.value.len() <= bytes.len());
        }
    }

    #[test]
    fn a_cut_is_always_noticed(value in proptest::collection::vec(1u8.., 1..300), cut in any::<prop::sample::Index>()) {
        let written = TlvWriter::new().put(Tag::PAN, &value).finish().unwrap();
        let cut = 1 + cut.index(written.len() - 1);
        prop_assert!(parse_tree(&written[..cut]).is_err());
    }
}
