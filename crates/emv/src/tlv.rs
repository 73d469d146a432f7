//! BER-TLV data objects: reading and writing (ISO/IEC 8825-1 as EMV Book 3 annex B uses it).
//!
//! A data object is a tag, a length and a value. Lengths to 127 take one byte, longer ones `81`,
//! `82` or `83` and that many bytes. Indefinite lengths (`80`) and longer forms are errors. A
//! length need not be in its shortest form to be read, but is written so. Filler bytes `00`
//! between data objects are skipped, as EMV allows.

use std::fmt;

use crate::tag::{Form, Tag, TagError};

/// The longest value that can be written: what a length of form `83` can say.
pub const MAX_VALUE: usize = 0xFF_FFFF;

/// How deep templates may nest in [`parse_tree`] (ours; payment cards need four).
pub const MAX_DEPTH: usize = 16;

/// Why bytes are not data objects. Positions are offsets in bytes from the start of the bytes
/// handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    /// No tag where one must be.
    #[error("{error} at byte {position}")]
    Tag {
        /// Where the tag begins.
        position: usize,
        /// What is wrong with it.
        error: TagError,
    },
    /// The bytes end within a length.
    #[error("length cut short at byte {position}")]
    LengthTruncated {
        /// Where the length begins.
        position: usize,
    },
    /// A length of the indefinite form or of more than three bytes.
    #[error("length of an unknown form at byte {position}")]
    LengthForm {
        /// Where the length begins.
        position: usize,
    },
    /// The value is longer than the bytes that are left.
    #[error("value of {needed} bytes with {available} left at byte {position}")]
    ValueTruncated {
        /// Where the value begins.
        position: usize,
        /// What the length says.
        needed: usize,
        /// What is there.
        available: usize,
    },
    /// Templates nest deeper than [`MAX_DEPTH`].
    #[error("templates nest too deep")]
    TooDeep,
    /// A value longer than [`MAX_VALUE`] cannot be written.
    #[error("value too long to be written")]
    ValueTooLong,
}

/// One data object, borrowed from the bytes it was read from. `Debug` shows tag and length only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The bytes of the value.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The data objects within the value. Meaningful for a template.
    pub fn children(&self) -> TlvReader<'a> {
        TlvReader::new(self.value)
    }
}

impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv({}, {} bytes)", self.tag, self.value.len())
    }
}

/// Reads the data objects of one level, one after the other; it ends after the first error.
#[derive(Clone)]
pub struct TlvReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> TlvReader<'a> {
    /// Reads `bytes` from the start.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// The first data object of this level with the tag.
    ///
    /// # Errors
    /// A [`TlvError`] in what stands before it.
    pub fn find(mut self, tag: Tag) -> Result<Option<&'a [u8]>, TlvError> {
        self.find_map(|object| match object {
            Ok(object) if object.tag == tag => Some(Ok(object.value)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
        .transpose()
    }

    fn read(&mut self) -> Result<Tlv<'a>, TlvError> {
        let start = self.position;
        let rest = &self.bytes[start..];
        let (tag, after_tag) = Tag::read(rest).map_err(|error| TlvError::Tag {
            position: start,
            error,
        })?;
        let length_at = self.bytes.len() - after_tag.len();
        let (needed, body) = read_length(after_tag, length_at)?;
        let position = self.bytes.len() - body.len();
        let value = body.get(..needed).ok_or(TlvError::ValueTruncated {
            position,
            needed,
            available: body.len(),
        })?;
        self.position = position + needed;
        Ok(Tlv { tag, value })
    }
}

impl<'a> Iterator for TlvReader<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.bytes.get(self.position) == Some(&0x00) {
            self.position += 1;
        }
        if self.position >= self.bytes.len() {
            return None;
        }
        let object = self.read();
        if object.is_err() {
            self.position = self.bytes.len();
        }
        Some(object)
    }
}

impl fmt::Debug for TlvReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlvReader(at {} of {})", self.position, self.bytes.len())
    }
}

impl std::iter::FusedIterator for TlvReader<'_> {}

/// Reads a length at the start of `bytes`, and gives what follows it.
fn read_length(bytes: &[u8], position: usize) -> Result<(usize, &[u8]), TlvError> {
    let truncated = TlvError::LengthTruncated { position };
    let (first, rest) = bytes.split_first().ok_or(truncated)?;
    let count = match first {
        0x00..=0x7F => return Ok((usize::from(*first), rest)),
        0x81..=0x83 => usize::from(first & 0x0F),
        _ => return Err(TlvError::LengthForm { position }),
    };
    let (digits, rest) = rest.split_at_checked(count).ok_or(truncated)?;
    let length = digits
        .iter()
        .fold(0, |length, byte| (length << 8) | usize::from(*byte));
    Ok((length, rest))
}

/// The value found by going down one tag after the other: `[FCI, FCI_PROPRIETARY, PDOL]`.
///
/// # Errors
/// A [`TlvError`] in what stands before it; positions are within the template it is in.
pub fn find_path<'a>(bytes: &'a [u8], path: &[Tag]) -> Result<Option<&'a [u8]>, TlvError> {
    let mut value = bytes;
    for tag in path {
        match TlvReader::new(value).find(*tag)? {
            Some(found) => value = found,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// A data object with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// The data object itself.
    pub object: Tlv<'a>,
    /// What a template holds; empty for a primitive one.
    pub children: Vec<Node<'a>>,
}

/// Reads data objects with all templates opened.
///
/// # Errors
/// Every [`TlvError`]; positions are within the template they are in.
pub fn parse_tree(bytes: &[u8]) -> Result<Vec<Node<'_>>, TlvError> {
    parse_level(bytes, MAX_DEPTH)
}

fn parse_level(bytes: &[u8], depth: usize) -> Result<Vec<Node<'_>>, TlvError> {
    let below = depth.checked_sub(1).ok_or(TlvError::TooDeep)?;
    TlvReader::new(bytes)
        .map(|object| {
            let object = object?;
            let children = match object.tag.form() {
                Form::Primitive => Vec::new(),
                Form::Constructed => parse_level(object.value, below)?,
            };
            Ok(Node { object, children })
        })
        .collect()
}

/// Writes data objects.
///
/// ```
/// # use persotwin_emv::{tag::Tag, tlv::TlvWriter};
/// let bytes = TlvWriter::new()
///     .nest(Tag::FCI, TlvWriter::new().put(Tag::DF_NAME, b"\xA0\x00\x00\x00\x03\x10\x10"))
///     .finish()?;
/// assert_eq!(bytes, b"\x6F\x09\x84\x07\xA0\x00\x00\x00\x03\x10\x10");
/// # Ok::<(), persotwin_emv::tlv::TlvError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct TlvWriter {
    bytes: Result<Vec<u8>, TlvError>,
}

impl TlvWriter {
    /// A writer that has written nothing.
    pub fn new() -> Self {
        Self {
            bytes: Ok(Vec::new()),
        }
    }

    /// Writes a data object.
    pub fn put(self, tag: Tag, value: &[u8]) -> Self {
        let bytes = self.bytes.and_then(|mut bytes| {
            write_object(&mut bytes, tag, value)?;
            Ok(bytes)
        });
        Self { bytes }
    }

    /// Writes a data object if there is a value for it.
    pub fn put_some(self, tag: Tag, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => self.put(tag, value),
            None => self,
        }
    }

    /// Writes data objects that are encoded already, as they are.
    pub fn append(self, encoded: &[u8]) -> Self {
        let bytes = self.bytes.map(|mut bytes| {
            bytes.extend_from_slice(encoded);
            bytes
        });
        Self { bytes }
    }

    /// Writes a template around what another writer has written.
    pub fn nest(self, tag: Tag, inner: Self) -> Self {
        match inner.bytes {
            Ok(inner) => self.put(tag, &inner),
            Err(error) => Self {
                bytes: self.bytes.and(Err(error)),
            },
        }
    }

    /// What was written.
    ///
    /// # Errors
    /// [`TlvError::ValueTooLong`].
    pub fn finish(self) -> Result<Vec<u8>, TlvError> {
        self.bytes
    }
}

impl Default for TlvWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TlvWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bytes {
            Ok(bytes) => write!(f, "TlvWriter({} bytes)", bytes.len()),
            Err(error) => write!(f, "TlvWriter({error})"),
        }
    }
}

fn write_object(out: &mut Vec<u8>, tag: Tag, value: &[u8]) -> Result<(), TlvError> {
    if value.len() > MAX_VALUE {
        return Err(TlvError::ValueTooLong);
    }
    out.extend(tag.bytes());
    let length = value.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    match digits[..] {
        [] => out.push(0),
        [short @ 0x00..=0x7F] => out.push(short),
        [_] => out.push(0x81),
        [_, _] => out.push(0x82),
        _ => out.push(0x83),
    }
    if value.len() > 0x7F {
        out.extend(digits);
    }
    out.extend_from_slice(value);
    Ok(())
}

#[cfg(test)]
#[path = "tlv_tests.rs"]
mod tests;
