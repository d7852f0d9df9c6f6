//! Passwords and mnemonics: from a prompt without echo, from stdin or from a file, never from an
//! argument, which every process of the machine can read.

use crate::exit::Exit;
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The longest secret that is read, in bytes; a mnemonic of 24 words has some 220.
const SECRET_BYTES_MAX: usize = 4096;

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The terminal, without echo.
    Prompt,
    /// Stdin, to its end.
    Stdin,
    /// A file, to its end.
    File(PathBuf),
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// Nobody can be asked.
    #[error("no terminal to ask for the {0} on: give it by a file, or on stdin with -")]
    NoTerminal(&'static str),
    /// The file or stdin cannot be read.
    #[error("cannot read the {what} from {from}: {error}")]
    Unreadable { what: &'static str, from: String, error: io::Error },
    /// An empty secret protects nothing.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// Longer than [`SECRET_BYTES_MAX`].
    #[error("the {0} is longer than {SECRET_BYTES_MAX} bytes")]
    TooLong(&'static str),
    /// Not text.
    #[error("the {0} is not UTF-8")]
    NotText(&'static str),
    /// Two typings of a new secret are not the same.
    #[error("the two {0}s differ; nothing was changed")]
    Differ(&'static str),
}

impl SecretError {
    /// Returns the exit code of this failure.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { .. } => Exit::Failed,
            _ => Exit::Usage,
        }
    }
}

impl Source {
    /// Returns the source that `--password-file F|-` or its absence names.
    pub(crate) fn of(file: Option<&Path>) -> Self {
        match file {
            None => Self::Prompt,
            Some(path) if path == Path::new("-") => Self::Stdin,
            Some(path) => Self::File(path.to_owned()),
        }
    }

    /// Reads the secret; `what` is its name in the prompt and in errors.
    ///
    /// Exactly one trailing line end is taken off, so spaces and further newlines count.
    pub(crate) fn read(&self, what: &'static str) -> Result<Zeroizing<String>, SecretError> {
        let unreadable =
            |from: String| move |error: io::Error| SecretError::Unreadable { what, from, error };
        match self {
            Self::Prompt => {
                let typed = rpassword::prompt_password(format!("{what}: "))
                    .map_err(|_| SecretError::NoTerminal(what))?;
                accept(Zeroizing::new(typed.into_bytes()), what)
            }
            Self::Stdin => {
                let bytes = read(io::stdin().lock()).map_err(unreadable("stdin".into()))?;
                accept(bytes, what)
            }
            Self::File(path) => {
                let name = path.display().to_string();
                let bytes = File::open(path).and_then(read).map_err(unreadable(name))?;
                accept(bytes, what)
            }
        }
    }

    /// Reads a secret that is new: at a prompt it is asked for twice, because nobody sees a typing
    /// error that is made without echo.
    pub(crate) fn read_new(&self, what: &'static str) -> Result<Zeroizing<String>, SecretError> {
        let secret = self.read(what)?;
        if *self == Self::Prompt {
            let typed = rpassword::prompt_password(format!("{what}, again: "))
                .map_err(|_| SecretError::NoTerminal(what))?;
            if *Zeroizing::new(typed) != *secret {
                return Err(SecretError::Differ(what));
            }
        }
        Ok(secret)
    }
}

/// Reads to the end, or one byte beyond the limit; the buffer never moves, so no copy is left.
fn read(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * SECRET_BYTES_MAX));
    from.take(SECRET_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn accept(
    mut bytes: Zeroizing<Vec<u8>>,
    what: &'static str,
) -> Result<Zeroizing<String>, SecretError> {
    if bytes.len() > SECRET_BYTES_MAX {
        return Err(SecretError::TooLong(what));
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    if bytes.is_empty() {
        return Err(SecretError::Empty(what));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| SecretError::NotText(what))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(bytes: &[u8]) -> Result<String, SecretError> {
        accept(read(bytes).expect("reads from memory"), "password").map(|text| text.to_string())
    }

    #[test]
    fn one_line_end_is_trimmed_and_no_more() {
        assert_eq!(accepted(b"pass word \n").unwrap(), "pass word ");
        assert_eq!(accepted(b"pass\r\n").unwrap(), "pass");
        assert_eq!(accepted(b"pass\n\n").unwrap(), "pass\n");
        assert_eq!(accepted(b"pass\r").unwrap(), "pass\r");
        assert_eq!(accepted("密码".as_bytes()).unwrap(), "密码");
    }

    #[test]
    fn nothing_too_much_and_no_text_are_refused() {
        for empty in [&b""[..], b"\n", b"\r\n"] {
            assert!(matches!(accepted(empty), Err(SecretError::Empty(_))));
        }
        assert!(accepted(&[b'x'; SECRET_BYTES_MAX]).is_ok());
        assert!(matches!(accepted(&[b'x'; SECRET_BYTES_MAX + 1]), Err(SecretError::TooLong(_))));
        assert!(matches!(accepted(&[0xff]), Err(SecretError::NotText(_))));
    }

    #[test]
    fn a_dash_is_stdin() {
        assert_eq!(Source::of(None), Source::Prompt);
        assert_eq!(Source::of(Some(Path::new("-"))), Source::Stdin);
        assert_eq!(Source::of(Some(Path::new("f"))), Source::File("f".into()));
    }
}
