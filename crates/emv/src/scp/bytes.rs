//! Padding, comparison and the headers of secured commands.

use zeroize::Zeroizing;

/// The bit of a class byte that says "secured".
pub(super) const SECURED: u8 = 0x04;

/// Bytes of a MAC or cryptogram as they are sent.
pub(super) const MAC: usize = 8;

/// A MAC or cryptogram as it is sent.
pub(super) type Mac = [u8; MAC];

/// Data with `80` and zeros behind it, up to whole blocks.
pub(super) fn padded(data: &[u8], block: usize) -> Zeroizing<Vec<u8>> {
    let len = (data.len() + 1).next_multiple_of(block);
    // The capacity is there from the start, so that no copy of a secret stays behind.
    let mut out = Zeroizing::new(Vec::with_capacity(len));
    out.extend_from_slice(data);
    out.push(0x80);
    out.resize(len, 0);
    out
}

/// Data as it is, if it fills whole blocks already, else padded.
pub(super) fn filled_up(data: &[u8], block: usize) -> Zeroizing<Vec<u8>> {
    if data.len().is_multiple_of(block) {
        Zeroizing::new(data.to_vec())
    } else {
        padded(data, block)
    }
}

/// What stands before `80` and zeros at the end; nothing if there is no such end.
pub(super) fn unpadded(data: &[u8]) -> Option<&[u8]> {
    let end = data.iter().rposition(|byte| *byte != 0)?;
    match data.split_at_checked(end)? {
        (before, [0x80, ..]) => Some(before),
        _ => None,
    }
}

/// The first `N` bytes, zeros where there are none.
pub(super) fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|index| bytes.get(index).copied().unwrap_or_default())
}

/// Compares every byte, however early the first difference is.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

/// The header and the length that a command MAC covers: class with the bit set, data and MAC
/// counted.
pub(super) fn mac_head(head: [u8; 4], len: usize) -> [u8; 5] {
    let [cla, ins, p1, p2] = head;
    // Callers bound `len` so that it fits; a wrong length would be a wrong MAC, no panic.
    let lc = u8::try_from(len + MAC).unwrap_or(u8::MAX);
    [cla | SECURED, ins, p1, p2, lc]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_comes_off_as_it_went_on() {
        for len in 0..40 {
            let data = vec![0x80; len];
            assert_eq!(unpadded(&padded(&data, 16)), Some(&data[..]));
            assert!(filled_up(&data, 8).len().is_multiple_of(8));
        }
        assert_eq!(*filled_up(&[1; 8], 8), [1; 8]);
        for none in [&[][..], &[0, 0], &[1, 0]] {
            assert_eq!(unpadded(none), None);
        }
    }
}
