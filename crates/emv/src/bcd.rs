//! Packed decimal: two digits a byte, high half first (EMV formats `n` and `cn`, documented).

/// Packs nibbles, two a byte; an odd count is filled up on the right with `fill`.
pub(crate) fn pack_nibbles(nibbles: &[u8], fill: u8) -> Vec<u8> {
    nibbles
        .chunks(2)
        .map(|pair| {
            let low = pair.get(1).copied().unwrap_or(fill);
            (pair[0] << 4) | (low & 0x0F)
        })
        .collect()
}

/// The nibbles of `bytes`, high half of each byte first.
pub fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    bytes.iter().flat_map(|b| [b >> 4, b & 0x0F])
}

/// Format `cn`: digits from the left, filled up on the right with `F` to whole bytes.
pub fn pack_compressed(digits: &crate::digits::Digits) -> Vec<u8> {
    let values: Vec<u8> = digits.values().collect();
    pack_nibbles(&values, 0x0F)
}

/// Format `n`: digits at the right, filled up on the left with `0` to whole bytes.
pub fn pack_numeric(digits: &crate::digits::Digits) -> Vec<u8> {
    let lead = digits.len() % 2;
    let values: Vec<u8> = std::iter::repeat_n(0, lead)
        .chain(digits.values())
        .collect();
    pack_nibbles(&values, 0)
}

/// Packs an iterator of nibbles into exactly `N` bytes, from the left; missing ones are zero and
/// surplus ones are ignored.
pub(crate) fn pack_array<const N: usize>(nibbles: impl Iterator<Item = u8>) -> [u8; N] {
    let mut out = [0; N];
    for (index, nibble) in nibbles.take(2 * N).enumerate() {
        let shift = if index % 2 == 0 { 4 } else { 0 };
        out[index / 2] |= (nibble & 0x0F) << shift;
    }
    out
}

/// Reads format `cn`: decimal digits, then only `F`. `None` for any other nibble.
pub fn unpack_compressed(bytes: &[u8]) -> Option<String> {
    let text: String = nibbles(bytes)
        .map(|n| char::from_digit(u32::from(n), 16).unwrap_or('f'))
        .collect();
    let digits = text.trim_end_matches('f');
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.to_owned())
}

/// Reads format `n`: decimal digits only. `None` for any other nibble.
pub fn unpack_numeric(bytes: &[u8]) -> Option<String> {
    let text = hex::encode(bytes);
    text.bytes().all(|b| b.is_ascii_digit()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digits::Digits;

    #[test]
    fn compressed_fills_on_the_right_numeric_on_the_left() {
        let odd = Digits::parse("123").unwrap();
        assert_eq!(pack_compressed(&odd), [0x12, 0x3F]);
        assert_eq!(pack_numeric(&odd), [0x01, 0x23]);
    }

    #[test]
    fn unpacking_refuses_letters() {
        assert_eq!(unpack_compressed(&[0x12, 0x3F]).as_deref(), Some("123"));
        assert_eq!(unpack_compressed(&[0x1F, 0x3F]), None);
        assert_eq!(unpack_compressed(&[0xAF]), None);
        assert_eq!(unpack_numeric(&[0x08, 0x40]).as_deref(), Some("0840"));
        assert_eq!(unpack_numeric(&[0x0F]), None);
    }

    #[test]
    fn an_array_is_filled_from_the_left() {
        assert_eq!(pack_array::<2>([1, 2, 3].into_iter()), [0x12, 0x30]);
        assert_eq!(pack_array::<1>([1, 2, 3].into_iter()), [0x12]);
    }
}
