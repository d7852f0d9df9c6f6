//! One file per command: its arguments and `run`.

pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod contact;
pub(crate) mod demo;
pub(crate) mod device;
pub(crate) mod group;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod network;
pub(crate) mod packet;
pub(crate) mod run;
pub(crate) mod send;
pub(crate) mod sim;
pub(crate) mod wallet;
