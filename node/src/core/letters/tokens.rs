//! Delivery tokens: what lets mail of a contact in (page 5).

use super::rows::{TOKENS, TokenPair, WITHDRAWN};
use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::{Address, NodeId},
    api::ApiResult,
    bounded::List,
    codec::{decode, encode},
    limits::TOKENS_PER_REQUEST,
    mail::{Answer, Grant, Request, Tokens},
    token::{Quota, Token},
};
use magpie_storage::{engine::Order, table::Keys};

/// Contacts whose tokens are told in one request: each may bring a few to withdraw.
const CONTACTS_PER_REQUEST: usize = TOKENS_PER_REQUEST / WITHDRAWN;
/// Contacts looked through in one step.
const CONTACTS_PER_STEP: usize = 4_096;

impl TokenPair {
    fn is_settled(&self) -> bool {
        (self.given.is_none() || self.registered) && self.withdrawn.is_empty()
    }
}

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
        pair.registered = false;
        self.write(&TOKENS, &(), &to, &pair)?;
        self.core.agenda.plan(Task::Tokens, self.now);
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
        let Some(token) = pair.given.take() else { return Ok(()) };
        pair.registered = false;
        let mut withdrawn = pair.withdrawn.into_vec();
        withdrawn.push(token);
        let surplus = withdrawn.len().saturating_sub(WITHDRAWN);
        withdrawn.drain(..surplus);
        pair.withdrawn = List::new(withdrawn).unwrap_or_default();
        self.write(&TOKENS, &(), &from, &pair)?;
        self.open_mut()?.letters.token_holders.remove(&from);
        self.core.agenda.plan(Task::Tokens, self.now);
        Ok(())
    }

    /// Tells every super node about tokens that are not settled.
    pub(crate) fn register_tokens(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let all =
            TOKENS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, CONTACTS_PER_STEP);
        let unsettled: Vec<_> = self
            .stored(all)?
            .into_iter()
            .filter(|(_, pair)| !pair.is_settled())
            .take(CONTACTS_PER_REQUEST)
            .collect();
        if unsettled.is_empty() || self.core.supers().is_empty() {
            return Ok(());
        }
        let mut request = Tokens {
            account: self.open()?.account.address,
            set: List::default(),
            withdraw: List::default(),
        };
        let mut accounts = Vec::new();
        for (account, pair) in unsettled {
            if let (Some(token), false) = (&pair.given, pair.registered) {
                let grant = Grant { hash: token.hash(), quota: Quota::default() };
                let _ = request.set.push(grant);
            }
            for token in pair.withdrawn.iter() {
                let _ = request.withdraw.push(token.hash());
            }
            accounts.push(account);
        }
        let Ok(bytes) = encode(&Request::Tokens(request)) else { return Ok(()) };
        let mut asked = false;
        for to in self.core.supers() {
            let purpose = Purpose::Tokens(accounts.clone());
            let holders = &self.open()?.letters.token_holders;
            if accounts.iter().all(|a| holders.get(a).is_some_and(|h| h.contains(&to))) {
                continue;
            }
            if !self.core.requests.is_waiting(to, |p| matches!(p, Purpose::Tokens(_))) {
                asked |= self.ask_peer(to, Protocol::Mail, bytes.clone(), purpose);
            }
        }
        let waiting = |p: &Purpose| matches!(p, Purpose::Tokens(_));
        if !asked
            && !self.core.supers().iter().any(|to| self.core.requests.is_waiting(*to, waiting))
        {
            self.retry(Task::Tokens);
        }
        Ok(())
    }

    /// Takes a super node's answer about tokens, or that there is none.
    pub(crate) fn tokens_answered(
        &mut self,
        from: NodeId,
        accounts: Vec<Address>,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let done = answer.and_then(|bytes| decode::<Answer>(bytes).ok()) == Some(Answer::Done);
        let wanted = self.core.enough_to_write();
        if done {
            self.core.agenda.went_well(Task::Tokens);
            for account in accounts {
                let holders = &mut self.open_mut()?.letters.token_holders;
                let holders = holders.entry(account).or_default();
                holders.insert(from);
                if holders.len() >= wanted {
                    self.tokens_settled(account)?;
                }
            }
            self.core.agenda.plan(Task::Tokens, self.now);
        } else {
            self.retry(Task::Tokens);
        }
        Ok(())
    }

    fn tokens_settled(&mut self, account: Address) -> ApiResult<()> {
        self.open_mut()?.letters.token_holders.remove(&account);
        let Some(mut pair) = self.read(&TOKENS, &(), &account)? else { return Ok(()) };
        if pair.is_settled() {
            return Ok(());
        }
        pair.registered = pair.given.is_some();
        pair.withdrawn = List::default();
        self.write(&TOKENS, &(), &account, &pair)?;
        self.core.agenda.plan(Task::Seal(account), self.now);
        Ok(())
    }
}
