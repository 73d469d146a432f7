//! Data objects: any bytes are read or refused, by every reader of them, and what is read is written again as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persotwin_emv::afl::Afl;
use persotwin_emv::dol::Dol;
use persotwin_emv::tlv::{TlvReader, TlvWriter, parse_tree};
use persotwin_emv::track::Track2;
use persotwin_reader::words::{Show, leaves, value};

fuzz_target!(|bytes: &[u8]| {
    let read: Result<Vec<_>, _> = TlvReader::new(bytes).collect();
    if let Ok(objects) = read {
        let writer = objects
            .iter()
            .fold(TlvWriter::new(), |writer, it| writer.put(it.tag, it.value));
        let written = writer.finish().expect("what was read can be written");
        let again: Vec<_> = TlvReader::new(&written)
            .collect::<Result<_, _>>()
            .expect("what was written can be read");
        assert!(again == objects);
    }
    let _ = parse_tree(bytes);
    let _ = Dol::parse(bytes);
    let _ = Afl::parse(bytes);
    let _ = Track2::from_equivalent(bytes);
    for object in leaves(bytes).unwrap_or_default() {
        value(object.tag, object.value, Show::Masked);
        value(object.tag, object.value, Show::InFull);
    }
});
