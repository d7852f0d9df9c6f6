//! `magpie init`: makes the account of a data directory on which no node runs, and shows the
//! mnemonic once. The node that does it opens no door.

use crate::{
    client::ClientError,
    context::Context,
    error::Error,
    runtime::runtime,
    secrets::Source,
    settings::{SettingsFlags, load},
};
use magpie_node::host::{Node, NodeConfig, mailbox::CODE_OK};
use magpie_wallet::{
    kdf::Password,
    mnemonic::{Entropy, Language},
};
use serde_json::json;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

#[derive(Debug, clap::Args)]
#[command(after_help = "Whoever has the twelve words has the account: write them down, show them \
    to nobody.\nThe login password opens the node, the wallet password spends and shows the words \
    again.")]
pub(crate) struct Init {
    /// Take the account of a mnemonic that is read from stdin
    #[arg(long)]
    mnemonic_stdin: bool,
    /// Read the login password from a file, or from stdin with -; otherwise it is asked for
    #[arg(long, value_name = "F|-")]
    password_file: Option<PathBuf>,
    /// Read the wallet password from a file, or from stdin with -; otherwise it is asked for
    #[arg(long, value_name = "F|-")]
    wallet_password_file: Option<PathBuf>,
    /// Make an account without passwords: who can read the disk has it
    #[arg(long, conflicts_with_all = ["password_file", "wallet_password_file"])]
    anonymous: bool,
}

/// An account that is to be made.
struct Account {
    entropy: Entropy,
    /// The login password and the wallet password; neither for an anonymous account.
    passwords: Option<(Password, Password)>,
}

impl Init {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        self.check_stdin()?;
        let loaded = load(&at.data_dir, &SettingsFlags::default());
        let settings = loaded.map_err(Error::Settings)?.settings;
        let asks = !self.anonymous
            && (self.password_file.is_none() || self.wallet_password_file.is_none());
        // What needs nobody is read first, so that bad input leaves no trace on the disk.
        let account = if asks { None } else { Some(self.account()?) };
        let config = NodeConfig {
            data_dir: at.data_dir.clone(),
            api: None,
            kdf: settings.kdf(),
            network: None,
        };
        let runtime = runtime()?;
        let node = runtime.block_on(Node::start(config))?;
        let made = self.make(account, &runtime, &node);
        let stopped = runtime.block_on(node.stop());
        let entropy = made?;
        stopped?;
        self.show(at, &entropy)
    }

    /// Refuses two things from one stdin.
    fn check_stdin(&self) -> Result<(), Error> {
        let is_stdin = |file: &Option<PathBuf>| file.as_deref() == Some(Path::new("-"));
        let readers = [
            self.mnemonic_stdin,
            is_stdin(&self.password_file),
            is_stdin(&self.wallet_password_file),
        ];
        if readers.into_iter().filter(|reads| *reads).count() > 1 {
            return Err(Error::Usage("only one of the secrets can come from stdin".into()));
        }
        Ok(())
    }

    /// Reads the mnemonic and the passwords, or makes a new mnemonic.
    fn account(&self) -> Result<Account, Error> {
        let entropy = if self.mnemonic_stdin {
            let words = Source::Stdin.read("mnemonic")?;
            Entropy::parse(&words).map_err(|error| Error::Usage(format!("mnemonic: {error}")))?
        } else {
            let mut bytes = Zeroizing::new([0; 16]);
            getrandom::fill(&mut *bytes)
                .map_err(|error| Error::Failed(format!("no randomness: {error}")))?;
            Entropy::from_bytes(*bytes)
        };
        let passwords = if self.anonymous {
            None
        } else {
            let login = new_password(self.password_file.as_deref(), "login password")?;
            let wallet = new_password(self.wallet_password_file.as_deref(), "wallet password")?;
            Some((login, wallet))
        };
        Ok(Account { entropy, passwords })
    }

    /// Lets the node make the account; returns its entropy.
    fn make(
        &self,
        account: Option<Account>,
        runtime: &Runtime,
        node: &Node,
    ) -> Result<Entropy, Error> {
        // Nobody types passwords for nothing.
        if node.was_registered() {
            return Err(Error::Conflict("this data directory has an account already".into()));
        }
        let Account { entropy, passwords } = match account {
            Some(account) => account,
            None => self.account()?,
        };
        let asked = node.handle().register(Some(entropy.clone()), passwords);
        let answer = runtime.block_on(asked);
        if answer.code != CODE_OK {
            let (code, message) = (i64::from(answer.code), answer.message);
            return Err(ClientError::Refused { code, message }.into());
        }
        Ok(entropy)
    }

    /// Prints the address, and the mnemonic where it is new.
    fn show(&self, at: &Context, entropy: &Entropy) -> Result<(), Error> {
        let address = entropy.keys().address().to_string();
        if self.mnemonic_stdin {
            let data = json!({"address": address});
            return at.output.answer(&data, |out| writeln!(out, "{address}"));
        }
        let words = entropy.spell(Language::English);
        let data = json!({"mnemonic": *words, "address": address});
        at.output.answer(&data, |out| writeln!(out, "{}\n{address}", *words))
    }
}

fn new_password(file: Option<&Path>, what: &'static str) -> Result<Password, Error> {
    let mut text = Source::of(file).read_new(what)?;
    Password::new(std::mem::take(&mut *text))
        .map_err(|error| Error::Usage(format!("{what}: {error}")))
}
