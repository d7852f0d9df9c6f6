//! The mailbox itself: what is put into it, and the handle that puts it.

use super::{
    call::{ApiAnswer, ApiCall, CODE_FAILED},
    listener::Listener,
};
use crate::core::{Input, Scopes, net::NetEvent};
use magpie_wallet::{kdf::Password, mnemonic::Entropy};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

/// Inputs that wait for the core at most; the next caller is told that the node is busy.
pub const MAILBOX_INPUTS: usize = 1_024;

/// What the tasks around the core put into its mailbox.
#[derive(Debug)]
pub enum HostInput {
    /// A call of the local API.
    Call(ApiCall),
    /// Somebody wants the events.
    Listen {
        /// The last event seen: those after it come first. None starts with what happens next.
        from: Option<u64>,
        /// Where the listener goes.
        reply: oneshot::Sender<Listener>,
    },
    /// Somebody at the keyboard makes the account, perhaps from a mnemonic.
    Register {
        /// The mnemonic's entropy; random without.
        entropy: Option<Entropy>,
        /// The login password and the wallet password; neither for an anonymous account.
        passwords: Option<(Password, Password)>,
        /// Where the answer goes.
        answer: oneshot::Sender<ApiAnswer>,
    },
    /// An input that needs no translation: a key was derived.
    Core(Input),
    /// The swarm tells something.
    Net(NetEvent),
    /// The node stops, after what came before this.
    Stop,
}

/// Why nobody listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// [`MAILBOX_INPUTS`] inputs wait already.
    #[error("the node is busy, {MAILBOX_INPUTS} calls wait")]
    Busy,
    /// The core has ended.
    #[error("the node is stopping")]
    Gone,
}

/// The way into the core for every task around it.
#[derive(Debug, Clone)]
pub struct CoreHandle {
    inputs: mpsc::Sender<HostInput>,
}

/// Makes a mailbox of [`MAILBOX_INPUTS`] places and its handle; the thread of the core reads it.
pub fn mailbox() -> (CoreHandle, mpsc::Receiver<HostInput>) {
    let (inputs, mailbox) = mpsc::channel(MAILBOX_INPUTS);
    (CoreHandle { inputs }, mailbox)
}

impl CoreHandle {
    /// Puts one call to the core and waits for its answer. A full mailbox, or a core that ends before it
    /// answers, is an answer too ([`CODE_FAILED`]); the wait has no deadline of its own.
    pub async fn call(
        &self,
        module: String,
        method: String,
        params: Value,
        scopes: Scopes,
        idempotency_key: Option<String>,
    ) -> ApiAnswer {
        let (answer, answered) = oneshot::channel();
        let call = ApiCall { module, method, params, scopes, idempotency_key, answer };
        self.ask(HostInput::Call(call), answered).await
    }

    /// Makes the node's account and waits until it is on disk.
    pub async fn register(
        &self,
        entropy: Option<Entropy>,
        passwords: Option<(Password, Password)>,
    ) -> ApiAnswer {
        let (answer, answered) = oneshot::channel();
        self.ask(HostInput::Register { entropy, passwords, answer }, answered).await
    }

    async fn ask(&self, input: HostInput, answered: oneshot::Receiver<ApiAnswer>) -> ApiAnswer {
        match self.put(input) {
            Ok(()) => answered.await.unwrap_or_else(|_| {
                ApiAnswer::fault(CODE_FAILED, "the node stopped before it answered")
            }),
            Err(error) => ApiAnswer::fault(CODE_FAILED, error.to_string()),
        }
    }

    /// Returns the sender of the mailbox, for tasks that wait for room in it.
    pub(crate) fn sender(&self) -> mpsc::Sender<HostInput> {
        self.inputs.clone()
    }

    /// Starts to listen for events, those after `from` first where it is given.
    pub async fn listen(&self, from: Option<u64>) -> Result<Listener, ListenError> {
        let (reply, listener) = oneshot::channel();
        self.put(HostInput::Listen { from, reply })?;
        listener.await.map_err(|_| ListenError::Gone)
    }

    /// Tells whether the core still reads its mailbox.
    pub fn is_open(&self) -> bool {
        !self.inputs.is_closed()
    }

    fn put(&self, input: HostInput) -> Result<(), ListenError> {
        self.inputs.try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ListenError::Busy,
            mpsc::error::TrySendError::Closed(_) => ListenError::Gone,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn a_full_mailbox_answers_at_once() {
        let (core, mut mailbox) = mailbox();
        let mut waiting = Vec::new();
        for _ in 0..MAILBOX_INPUTS {
            let (reply, listener) = oneshot::channel();
            core.put(HostInput::Listen { from: None, reply }).unwrap();
            waiting.push(listener);
        }
        let answer = core.call("m".into(), "f".into(), json!({}), Scopes::ALL, None).await;
        assert_eq!((answer.code, answer.data.value()), (CODE_FAILED, Value::Null));
        assert!(answer.message.contains("busy"), "{}", answer.message);
        assert_eq!(core.listen(None).await.unwrap_err(), ListenError::Busy);
        mailbox.recv().await.unwrap();
        core.put(HostInput::Listen { from: None, reply: oneshot::channel().0 }).unwrap();
    }

    #[tokio::test]
    async fn a_core_that_ends_answers_every_caller() {
        let (core, mut mailbox) = mailbox();
        let asks = core.clone();
        let asked = tokio::spawn(async move {
            asks.call("m".into(), "f".into(), json!({}), Scopes::ALL, None).await
        });
        let HostInput::Call(call) = mailbox.recv().await.unwrap() else { panic!("a call") };
        assert!(core.is_open());
        drop((call, mailbox));
        assert_eq!(asked.await.unwrap().code, CODE_FAILED);
        assert!(!core.is_open());
        let answer = core.call("m".into(), "f".into(), json!({}), Scopes::ALL, None).await;
        assert_eq!(answer, ApiAnswer::fault(CODE_FAILED, "the node is stopping"));
        assert_eq!(core.listen(Some(1)).await.unwrap_err(), ListenError::Gone);
    }
}
