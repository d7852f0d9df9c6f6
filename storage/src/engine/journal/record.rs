//! The journal's bytes: a header, then batches, each bound to all that stands before it.
//!
//! ```text
//! header   "MAGPIEJ1"  generation: 8  since: 8  check: 16
//! record   length of body: 4  check: 16  body
//! body     for each change: length of key: 4  key  0: 1                            deleted
//!                           length of key: 4  key  1: 1  length of value: 4  value  put
//! ```
//!
//! Numbers are big-endian. A check is the first 16 bytes of BLAKE3 over a domain string, the check
//! before it and what it checks, so that no record can follow another one than it was written behind:
//! what an earlier generation or a torn write left there reads as the end.

use crate::engine::Batch;
use magpie_protocol::domain::JOURNAL;

/// Bytes of a header.
pub(super) const HEADER_BYTES: usize = 40;
/// Bytes of a record before its body.
const RECORD_BYTES: usize = LENGTH_BYTES + CHECK_BYTES;

const MAGIC: [u8; 8] = *b"MAGPIEJ1";
const LENGTH_BYTES: usize = 4;
const CHECK_BYTES: usize = 16;
const DELETED: u8 = 0;
const PUT: u8 = 1;

/// What the next record is bound to.
pub(super) type Check = [u8; CHECK_BYTES];

/// What a half is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Its number: halves are written in turn, each with the next one.
    pub(super) generation: u64,
    /// The first generation that an opening has to read.
    pub(super) since: u64,
}

impl Header {
    /// Returns its bytes, and the check that the first record is bound to.
    pub(super) fn encode(self) -> ([u8; HEADER_BYTES], Check) {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&self.generation.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.since.to_be_bytes());
        let check = check(&[0; CHECK_BYTES], &bytes[..24]);
        bytes[24..].copy_from_slice(&check);
        (bytes, check)
    }

    /// Reads the header of a half and its check; nothing if there is none.
    pub(super) fn read(half: &[u8]) -> Option<(Self, Check)> {
        let bytes: &[u8; HEADER_BYTES] = half.first_chunk()?;
        let number = |at: usize| {
            let digits = bytes.get(at..at + 8).and_then(|digits| digits.first_chunk());
            digits.map(|digits| u64::from_be_bytes(*digits))
        };
        let header = Self { generation: number(8)?, since: number(16)? };
        let (encoded, check) = header.encode();
        (encoded == *bytes).then_some((header, check))
    }
}

/// Appends a batch as a record bound to the check before it, and returns its own. A batch that a
/// record cannot hold (4 GiB) appends nothing.
pub(super) fn append(out: &mut Vec<u8>, before: &Check, batch: &Batch) -> Option<Check> {
    let start = out.len();
    let body_at = start + RECORD_BYTES;
    out.resize(body_at, 0);
    for (key, change) in batch.iter() {
        out.extend_from_slice(&length(key)?);
        out.extend_from_slice(key);
        match change {
            None => out.push(DELETED),
            Some(value) => {
                out.push(PUT);
                out.extend_from_slice(&length(value)?);
                out.extend_from_slice(value);
            }
        }
    }
    let check = check(before, out.get(body_at..)?);
    let length = length(out.get(body_at..)?)?;
    out.get_mut(start..start + LENGTH_BYTES)?.copy_from_slice(&length);
    out.get_mut(start + LENGTH_BYTES..body_at)?.copy_from_slice(&check);
    Some(check)
}

/// Returns how long the record of a batch is.
pub(super) fn record_bytes(batch: &Batch) -> usize {
    let each =
        |(_, change): (&[u8], Option<&[u8]>)| LENGTH_BYTES + 1 + change.map_or(0, |_| LENGTH_BYTES);
    RECORD_BYTES + batch.bytes() + batch.iter().map(each).sum::<usize>()
}

/// Reads the record at the start of `rest` that is bound to `before`; nothing if there is none.
/// Returns its batch, its check and how long it is.
pub(super) fn read(rest: &[u8], before: &Check) -> Option<(Batch, Check, usize)> {
    let (length, tail) = take_length(rest)?;
    let (found, tail) = tail.split_first_chunk::<CHECK_BYTES>()?;
    let body = tail.get(..length)?;
    let check = check(before, body);
    if *found != check {
        return None;
    }
    Some((read_body(body)?, check, RECORD_BYTES + length))
}

fn read_body(mut body: &[u8]) -> Option<Batch> {
    let mut batch = Batch::new();
    while !body.is_empty() {
        let (length, tail) = take_length(body)?;
        let (key, tail) = tail.split_at_checked(length)?;
        let (kind, tail) = tail.split_first()?;
        body = match *kind {
            DELETED => {
                batch.delete(key.to_vec());
                tail
            }
            PUT => {
                let (length, tail) = take_length(tail)?;
                let (value, tail) = tail.split_at_checked(length)?;
                batch.put(key.to_vec(), value.to_vec());
                tail
            }
            _ => return None,
        };
    }
    Some(batch)
}

fn take_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, tail) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    Some((usize::try_from(u32::from_be_bytes(*length)).ok()?, tail))
}

fn length(bytes: &[u8]) -> Option<[u8; LENGTH_BYTES]> {
    u32::try_from(bytes.len()).ok().map(u32::to_be_bytes)
}

fn check(before: &Check, bytes: &[u8]) -> Check {
    let mut hasher = blake3::Hasher::new();
    hasher.update(JOURNAL.as_str().as_bytes());
    hasher.update(before);
    hasher.update(bytes);
    let mut check = [0; CHECK_BYTES];
    hasher.finalize_xof().fill(&mut check);
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn batch() -> Batch {
        let mut batch = Batch::new();
        batch.put(b"key".to_vec(), b"value".to_vec());
        batch.delete(b"gone".to_vec());
        batch
    }

    #[test]
    fn golden_bytes_of_a_header_and_a_record() {
        let (header, check) = Header { generation: 2, since: 1 }.encode();
        assert_eq!(hex::encode(header), GOLDEN_HEADER);
        let mut record = Vec::new();
        append(&mut record, &check, &batch()).unwrap();
        assert_eq!(hex::encode(&record), GOLDEN_RECORD);
        assert_eq!(record.len(), record_bytes(&batch()));
    }

    const GOLDEN_HEADER: &str =
        "4d41475049454a31000000000000000200000000000000019d8c1f2024339a3851e0a5892a881b59";
    const GOLDEN_RECORD: &str = "0000001a5dd9f458e70215080a557d2ff2de655400000004676f6e65\
         00000000036b6579010000000576616c7565";

    #[test]
    fn a_record_follows_the_one_it_was_written_behind_and_no_other() {
        let (_, first) = Header { generation: 1, since: 1 }.encode();
        let (_, other) = Header { generation: 2, since: 1 }.encode();
        let mut bytes = Vec::new();
        let second = append(&mut bytes, &first, &batch()).unwrap();
        let end = bytes.len();
        append(&mut bytes, &second, &Batch::new()).unwrap();
        let (found, check, length) = read(&bytes, &first).unwrap();
        assert_eq!((found, check, length), (batch(), second, end));
        assert_eq!(read(&bytes[end..], &second).unwrap().0, Batch::new());
        assert_eq!(read(&bytes, &other), None);
        assert_eq!(read(&bytes, &second), None);
        assert_eq!(read(&bytes[end..], &first), None);
    }

    type Changes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

    fn of(changes: Changes) -> Batch {
        let mut batch = Batch::new();
        for (key, change) in changes {
            match change {
                Some(value) => batch.put(key, value),
                None => batch.delete(key),
            }
        }
        batch
    }

    proptest! {
        #[test]
        fn any_batch_comes_back_and_a_changed_bit_ends_the_journal(
            changes in prop::collection::vec(
                (prop::collection::vec(any::<u8>(), 0..9),
                 prop::option::of(prop::collection::vec(any::<u8>(), 0..40))), 0..9),
            bit in any::<prop::sample::Index>(),
        ) {
            let batch = of(changes);
            let mut bytes = Vec::new();
            append(&mut bytes, &[7; CHECK_BYTES], &batch).unwrap();
            prop_assert_eq!(bytes.len(), record_bytes(&batch));
            prop_assert_eq!(read(&bytes, &[7; CHECK_BYTES]).unwrap().0, batch);
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(read(&bytes, &[7; CHECK_BYTES]), None);
        }

        #[test]
        fn random_bytes_are_no_record_and_no_header(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            prop_assert_eq!(read(&bytes, &[7; CHECK_BYTES]), None);
            prop_assert_eq!(Header::read(&bytes), None);
        }

        /// Behind a right check stands what this program wrote; a body read alone must not panic.
        #[test]
        fn a_body_of_any_bytes_is_read_or_refused(
            bytes in prop::collection::vec(0_u8..3, 0..60),
        ) {
            let _ = read_body(&bytes);
        }
    }
}
