//! Data groupings: whole, and cut into STORE DATA commands wherever. Both ways of reading agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use persotwin_emv::dgi;
use persotwin_emv::store_data::{Reassembly, split};

fuzz_target!(|bytes: &[u8]| {
    let Some((room, bytes)) = bytes.split_first() else {
        return;
    };
    let mut run = Reassembly::new();
    for (block, part) in bytes.chunks(usize::from(*room).max(1)).enumerate() {
        let block = u8::try_from(block % 256).unwrap_or_default();
        if run.push(0x00, block, part).is_err() {
            break;
        }
    }
    let Ok(groupings) = dgi::parse(bytes) else {
        return;
    };
    let Ok(commands) = split(&groupings, usize::from(*room)) else {
        return;
    };
    let mut run = Reassembly::new();
    let mut found = Vec::new();
    for command in &commands {
        let whole = run.push(command.p1(), command.p2(), command.data());
        found.extend(whole.expect("what was split fits together"));
    }
    assert!(found == groupings);
});
