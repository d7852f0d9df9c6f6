//! What every command that moves money needs: the wallet and its password, a name for the payment
//! so that a repetition pays nothing, and patience with the ledger.

use crate::{
    amount::amount,
    client::{Client, ClientError},
    error::Error,
    secrets::Source,
};
use magpie_protocol::{address::Address, api::wallet::WalletInfo, ledger::Amount, limits};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// The code of a call that the ledger has not decided yet.
const PENDING: i64 = 21009;
/// How long a command waits for the ledger.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two calls for the same thing.
const PAUSE: Duration = Duration::from_millis(250);
/// Bytes of chance in a payment's name.
const KEY_BYTES: usize = 16;
/// What an account without passwords says where one is asked for; the node does not look at it.
const NO_PASSWORD: &str = "none";

/// How a payment is made, whatever it is for.
#[derive(Debug, clap::Args)]
pub(crate) struct Paying {
    /// Read the wallet password from a file, or from stdin with -; otherwise it is asked for
    #[arg(long, value_name = "F|-")]
    password_file: Option<PathBuf>,
    /// The most to pay as a fee, in units
    #[arg(long, value_name = "AMOUNT", default_value = "200000", value_parser = amount)]
    gas: Amount,
    /// Go on with a payment that was not decided in time, under the name that was printed then
    #[arg(long, value_name = "KEY", value_parser = key)]
    key: Option<String>,
}

/// A payment that was made.
#[derive(Debug)]
pub(crate) struct Paid {
    /// What the node answered.
    pub(crate) data: Value,
    /// The payment's name.
    pub(crate) key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fund<'a> {
    #[serde(flatten)]
    what: &'a Value,
    gas: Amount,
    src_address: Address,
    password: &'a str,
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    key: &'a str,
}

impl Paying {
    /// Pays for `what`, an object of the parameters that say so, and waits until that is final.
    pub(crate) fn pay(
        self,
        client: &Client,
        (module, method): (&str, &str),
        what: &Value,
    ) -> Result<Paid, Error> {
        let wallet: WalletInfo = client.ask("wallet", "info", &json!({}))?;
        // An account without passwords has none to ask for.
        let password = match wallet.has_payment_password {
            true => Source::of(self.password_file.as_deref()).read("wallet password")?,
            false => Zeroizing::new(NO_PASSWORD.to_owned()),
        };
        let key = match self.key {
            Some(key) => key,
            None => new_key()?,
        };
        let (gas, src_address) = (self.gas, wallet.address);
        let body = Fund { what, gas, src_address, password: &password, key: &key };
        match until_decided(|| client.call(module, method, &body)) {
            Ok(data) => Ok(Paid { data, key }),
            Err(error) if is_open(&error) => Err(Error::Unfinished { error, key }),
            Err(error) => Err(error.into()),
        }
    }
}

impl Paid {
    /// Returns the failure of what should have followed the payment.
    pub(crate) fn unfinished(&self, error: ClientError) -> Error {
        Error::Unfinished { error, key: self.key.clone() }
    }
}

/// Makes a call that decides something once, until it is decided. `done` is the code that says so
/// to who asks again: after an answer that came too late it means that the first call did it.
pub(crate) fn decide(
    client: &Client,
    (module, method): (&str, &str),
    body: &Value,
    done: i64,
) -> Result<(), ClientError> {
    let mut asked_before = false;
    until_decided(|| match client.call(module, method, body) {
        Err(error) if asked_before && error.is_code(done) => Ok(()),
        answer => {
            asked_before = true;
            answer.map(drop)
        }
    })
}

/// Makes a call again as long as the ledger has not decided, at most for [`PATIENCE`].
pub(crate) fn until_decided<T>(
    mut call: impl FnMut() -> Result<T, ClientError>,
) -> Result<T, ClientError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match call() {
            Err(error) if is_pending(&error) && Instant::now() < end => thread::sleep(PAUSE),
            answer => return answer,
        }
    }
}

/// Says whether the ledger may still do what was asked.
pub(crate) fn is_pending(error: &ClientError) -> bool {
    error.is_code(PENDING)
}

/// Says whether nobody knows what became of a call.
fn is_open(error: &ClientError) -> bool {
    let is_unheard =
        matches!(error, ClientError::TimedOut | ClientError::Gone { .. } | ClientError::Foreign(_));
    is_unheard || is_pending(error)
}

/// Returns a name that no other payment has.
pub(crate) fn new_key() -> Result<String, Error> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Failed(format!("no randomness: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads a payment's name from the command line.
fn key(text: &str) -> Result<String, String> {
    let most = limits::IDEMPOTENCY_KEY_CHARS;
    if text.is_empty() || text.len() > most || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("a key is up to {most} letters, digits and signs"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i64) -> ClientError {
        ClientError::Refused { code, message: String::new() }
    }

    #[test]
    fn only_what_is_not_decided_is_asked_again() {
        let mut answers = vec![Ok(7), Err(refused(PENDING)), Err(refused(PENDING))];
        assert_eq!(until_decided(|| answers.pop().unwrap()).unwrap(), 7);
        let mut answers = vec![Ok(7), Err(refused(20010))];
        assert!(until_decided(|| answers.pop().unwrap()).unwrap_err().is_code(20010));
        assert_eq!(answers.len(), 1, "a refusal is not repeated");
    }

    #[test]
    fn names_of_payments_differ_and_fit() {
        let (one, other) = (new_key().unwrap(), new_key().unwrap());
        assert_ne!(one, other);
        assert_eq!(key(&one), Ok(one));
        for bad in ["", "a b", "群", &"k".repeat(limits::IDEMPOTENCY_KEY_CHARS + 1)] {
            assert!(key(bad).is_err(), "{bad}");
        }
    }
}
