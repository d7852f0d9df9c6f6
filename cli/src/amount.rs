//! Amounts as people write and read them: units, or coins with the word behind them.

use crate::rows::number;
use magpie_protocol::ledger::Amount;
use serde_json::Value;

/// The word behind an amount in coins.
const COIN: &str = "coin";

/// Reads an amount from the command line: a whole number of units, or coins with up to 8 decimals
/// and the word behind them, such as `1.5coin`. Nothing is no amount.
pub(crate) fn amount(text: &str) -> Result<Amount, String> {
    let units = match text.strip_suffix("coins").or_else(|| text.strip_suffix(COIN)) {
        Some(coins) => units(coins.trim_end()),
        None => digits(text),
    };
    match units {
        Some(0) => Err("an amount is more than nothing".into()),
        Some(units) => Ok(Amount(units)),
        None => {
            Err("an amount is a whole number of units such as 150000000, or coins with up to 8 \
                     decimals such as 1.5coin"
                .into())
        }
    }
}

/// Returns the units in a number of coins.
fn units(coins: &str) -> Option<u64> {
    let (whole, part) = coins.split_once('.').unwrap_or((coins, "0"));
    let decimals = Amount::DECIMALS as usize;
    if part.len() > decimals {
        return None;
    }
    let part = digits(part).and(digits(&format!("{part:0<decimals$}")))?;
    digits(whole)?.checked_mul(Amount::COIN.0)?.checked_add(part)
}

/// Returns the number that plain digits say; a sign is none.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Returns an amount in coins, without the zeros at its end.
pub(crate) fn coins(Amount(units): Amount) -> String {
    let text = Amount(units).to_string();
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {COIN}{}", if text == "1" { "" } else { "s" })
}

/// Returns the amount in a field of an answer, in coins.
pub(crate) fn coins_of(row: &Value, key: &str) -> String {
    coins(Amount(u64::try_from(number(row, key)).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_coins_are_told_apart_by_the_word() {
        for (text, units) in [
            ("1", 1),
            ("150000000", 150_000_000),
            ("1.5coin", 150_000_000),
            ("1coin", 100_000_000),
            ("9 coins", 900_000_000),
            ("0.00000001coin", 1),
            ("184467440737.09551615coins", u64::MAX),
        ] {
            assert_eq!(amount(text), Ok(Amount(units)), "{text}");
        }
    }

    #[test]
    fn what_could_be_either_or_nothing_is_refused() {
        for text in [
            "",
            "0",
            "0coin",
            "1.5",
            "-1",
            "+1",
            "1e3",
            "coin",
            ".coin",
            "1.coin",
            ".5coin",
            "1,5coin",
            "1.000000001coin",
            "184467440737.09551616coin",
            "18446744073709551616",
            "1 units",
            "１",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn coins_are_shown_without_what_says_nothing() {
        for (units, text) in [
            (0, "0 coins"),
            (1, "0.00000001 coins"),
            (100_000_000, "1 coin"),
            (1_000_000_000, "10 coins"),
            (1_230_000_000, "12.3 coins"),
        ] {
            assert_eq!(coins(Amount(units)), text);
        }
    }
}
