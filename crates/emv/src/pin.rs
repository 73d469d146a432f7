//! PINs and PIN blocks (ISO 9564-1 formats 0, 1 and 2, documented).

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::bcd;
use crate::digits::secret_digits;
use crate::pan::Pan;
use crate::tdes::{Block, TdesKey, xor};

secret_digits! {
    /// A PIN of 4 to 12 digits; it prints as `Pin(***)`.
    Pin, 4..=12
}

/// A PIN block in the clear: 8 bytes. It prints as `PinBlock(***)`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PinBlock(Block);

/// Why a PIN block holds no PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinBlockError {
    /// The first half byte is not the format asked for.
    #[error("PIN block of another format")]
    Format,
    /// The length is not 4 to 12.
    #[error("PIN block: length is not 4 to 12")]
    Length,
    /// A digit is not decimal: mostly the sign of a wrong key or a wrong card number.
    #[error("PIN block: a PIN digit is not decimal")]
    Digit,
    /// The filler is not `F`.
    #[error("PIN block: wrong filler")]
    Filler,
}

impl PinBlock {
    /// The block of these bytes, whatever they hold.
    pub fn new(bytes: Block) -> Self {
        Self(bytes)
    }

    /// Format 0: length, PIN and `F`s, combined with twelve digits of the card number.
    pub fn format_0(pin: &Pin, pan: &Pan) -> Self {
        Self(xor(
            pin_field(0, pin, std::iter::repeat(0x0F)),
            account_field(pan),
        ))
    }

    /// Format 1: length and PIN, filled up with half bytes that only this transaction knows, taken
    /// from the end of `unique`.
    pub fn format_1(pin: &Pin, unique: Block) -> Self {
        let used = 2 + pin.digits().len();
        let filler: Vec<u8> = bcd::nibbles(&unique).skip(used).collect();
        Self(pin_field(1, pin, filler.into_iter()))
    }

    /// Format 2: length, PIN and `F`s. This is the reference PIN that a chip is given, and what a
    /// terminal sends with VERIFY.
    pub fn format_2(pin: &Pin) -> Self {
        Self(pin_field(2, pin, std::iter::repeat(0x0F)))
    }

    /// The block of an issuer script that changes the PIN: length, PIN and `F`s, combined with four
    /// bytes of the card's key for cryptograms; with the PIN that is replaced too, if that is given
    /// (documented by published vectors).
    pub fn script(new: &Pin, current: Option<&Pin>, card_key: &TdesKey) -> Self {
        let field = pin_field(0, new, std::iter::repeat(0x0F));
        Self(xor(field, script_mask(current, card_key)))
    }

    /// The new PIN in the block of an issuer script.
    ///
    /// # Errors
    /// Every [`PinBlockError`].
    pub fn read_script(
        &self,
        current: Option<&Pin>,
        card_key: &TdesKey,
    ) -> Result<Pin, PinBlockError> {
        read_field(0, xor(self.0, script_mask(current, card_key)), Filler::AllF)
    }

    /// The PIN of a format 0 block for this card number.
    ///
    /// # Errors
    /// Every [`PinBlockError`].
    pub fn read_format_0(&self, pan: &Pan) -> Result<Pin, PinBlockError> {
        read_field(0, xor(self.0, account_field(pan)), Filler::AllF)
    }

    /// The PIN of a format 1 block.
    ///
    /// # Errors
    /// Every [`PinBlockError`] but [`PinBlockError::Filler`].
    pub fn read_format_1(&self) -> Result<Pin, PinBlockError> {
        read_field(1, self.0, Filler::Any)
    }

    /// The PIN of a format 2 block.
    ///
    /// # Errors
    /// Every [`PinBlockError`].
    pub fn read_format_2(&self) -> Result<Pin, PinBlockError> {
        read_field(2, self.0, Filler::AllF)
    }

    /// The bytes in the clear: never log them.
    pub fn expose(&self) -> &Block {
        &self.0
    }
}

impl std::fmt::Debug for PinBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinBlock(***)")
    }
}

/// What stands behind the PIN.
#[derive(Clone, Copy)]
enum Filler {
    AllF,
    Any,
}

/// Format, length, PIN, filler.
fn pin_field(format: u8, pin: &Pin, filler: impl Iterator<Item = u8>) -> Block {
    let length = pin.digits().values().fold(0, |count, _| count + 1);
    bcd::pack_array(
        [format, length]
            .into_iter()
            .chain(pin.digits().values())
            .chain(filler),
    )
}

/// Four zeros and the twelve digits left of the check digit, zeros on the left of a short number.
fn account_field(pan: &Pan) -> Block {
    let account = pan.right_without_check_digit(12);
    let lead = 16 - account.len();
    let account = account.bytes().map(|byte| byte.wrapping_sub(b'0'));
    bcd::pack_array(std::iter::repeat_n(0, lead).chain(account))
}

/// Four zeros and four bytes of the key, combined with the digits of the current PIN.
fn script_mask(current: Option<&Pin>, card_key: &TdesKey) -> Block {
    let [_, _, _, _, a, b, c, d, ..] = *card_key.expose();
    let digits = current.into_iter().flat_map(|pin| pin.digits().values());
    let current = bcd::pack_array(digits.chain(std::iter::repeat(0)));
    xor([0, 0, 0, 0, a, b, c, d], current)
}

fn read_field(format: u8, field: Block, filler: Filler) -> Result<Pin, PinBlockError> {
    let [first, ..] = field;
    if first >> 4 != format {
        return Err(PinBlockError::Format);
    }
    let length = usize::from(first & 0x0F);
    if !(4..=12).contains(&length) {
        return Err(PinBlockError::Length);
    }
    let digits = bcd::nibbles(&field).skip(2).take(length);
    let text: Option<String> = digits
        .map(|nibble| char::from_digit(u32::from(nibble), 10))
        .collect();
    let text = Zeroizing::new(text.ok_or(PinBlockError::Digit)?);
    let pin = Pin::parse(&text).map_err(|_| PinBlockError::Digit)?;
    let rest_is_f = bcd::nibbles(&field)
        .skip(2 + length)
        .all(|nibble| nibble == 0x0F);
    match filler {
        Filler::AllF if !rest_is_f => Err(PinBlockError::Filler),
        Filler::AllF | Filler::Any => Ok(pin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pin(text: &str) -> Pin {
        Pin::parse(text).unwrap()
    }

    /// psec, `tests/test_pinblock.py`.
    #[test]
    fn blocks_of_psec() {
        let pan = Pan::parse("5555555551234567").unwrap();
        let block = PinBlock::format_0(&pin("1234"), &pan);
        assert_eq!(hex::encode_upper(block.expose()), "041261AAAAEDCBA9");
        let block = PinBlock::format_2(&pin("1234"));
        assert_eq!(hex::encode_upper(block.expose()), "241234FFFFFFFFFF");
    }

    #[test]
    fn format_1_keeps_the_callers_filler() {
        let block = PinBlock::format_1(&pin("1234"), 0x0011_2233_4455_6677_u64.to_be_bytes());
        assert_eq!(hex::encode(block.expose()), "1412343344556677");
        assert_eq!(block.read_format_1(), Ok(pin("1234")));
    }

    #[test]
    fn each_fault_of_a_block_has_its_name() {
        let read = |value: u64| PinBlock::new(value.to_be_bytes()).read_format_2();
        assert_eq!(read(0x0412_34FF_FFFF_FFFF), Err(PinBlockError::Format));
        assert_eq!(read(0x2312_3FFF_FFFF_FFFF), Err(PinBlockError::Length));
        assert_eq!(read(0x2D12_3456_7890_1234), Err(PinBlockError::Length));
        assert_eq!(read(0x2412_3AFF_FFFF_FFFF), Err(PinBlockError::Digit));
        assert_eq!(read(0x2412_34FF_FFFF_FF0F), Err(PinBlockError::Filler));
    }

    #[test]
    fn nothing_prints() {
        let block = PinBlock::format_2(&pin("1234"));
        assert_eq!(
            format!("{block:?} {:?}", pin("1234")),
            "PinBlock(***) Pin(***)"
        );
    }

    proptest! {
        #[test]
        fn what_was_put_in_comes_out(
            digits in "[0-9]{4,12}", pan in "[0-9]{10,19}", unique in any::<[u8; 8]>(),
        ) {
            let (pin, pan) = (pin(&digits), Pan::parse(&pan).unwrap());
            prop_assert_eq!(PinBlock::format_0(&pin, &pan).read_format_0(&pan).unwrap(), pin.clone());
            prop_assert_eq!(PinBlock::format_1(&pin, unique).read_format_1().unwrap(), pin.clone());
            prop_assert_eq!(PinBlock::format_2(&pin).read_format_2().unwrap(), pin);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in any::<[u8; 8]>(), pan in "[0-9]{10,19}") {
            let block = PinBlock::new(bytes);
            let _ = block.read_format_0(&Pan::parse(&pan).unwrap());
            let _ = (block.read_format_1(), block.read_format_2());
        }
    }
}
