//! Delivery tokens: what lets mail of a contact in (page 5).

use super::rows::TOKENS;
use crate::core::turn::Turn;
use magpie_protocol::{address::Address, api::ApiResult, token::Token};

impl Turn<'_> {
    /// Returns the token that lets this account's mail in, making it if there is none. A letter that
    /// carries it leaves once a majority of the super nodes has its hash.
    pub(crate) fn give_token(&mut self, to: Address) -> ApiResult<Token> {
        let mut pair = self.read(&TOKENS, &(), &to)?.unwrap_or_default();
        if let Some(token) = &pair.given {
            return Ok(token.clone());
        }
        let token = Token::random(self.rng);
        pair.given = Some(token.clone());
        self.write(&TOKENS, &(), &to, &pair)?;
        Ok(token)
    }

    /// Keeps the token that lets our mail in at this account.
    pub(crate) fn take_token(&mut self, from: Address, token: Token) -> ApiResult<()> {
        let mut pair = self.read(&TOKENS, &(), &from)?.unwrap_or_default();
        pair.taken = Some(token);
        self.write(&TOKENS, &(), &from, &pair)
    }

    /// Withdraws the token given to an account: its mail is a stranger's from now on.
    pub(crate) fn withdraw_token(&mut self, from: Address) -> ApiResult<()> {
        let Some(mut pair) = self.read(&TOKENS, &(), &from)? else { return Ok(()) };
        pair.given = None;
        self.write(&TOKENS, &(), &from, &pair)
    }
}
