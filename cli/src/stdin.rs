//! Stdin as the text of an argument that was `-`.

use crate::error::Error;
use std::io::{self, Read};

/// Reads stdin to its end as text of at most `limit` bytes.
pub(crate) fn stdin(limit: usize) -> Result<String, Error> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit as u64 + 1).read_to_end(&mut bytes).map_err(Error::Stdin)?;
    if bytes.len() > limit {
        return Err(Error::Usage(format!("stdin has more than {limit} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Error::Usage("stdin is not UTF-8".into()))
}
