#![doc = include_str!("../README.md")]

pub mod audit;
pub mod derive;
pub mod device;
pub mod fast_login;
pub mod kdf;
pub mod keystore;
pub mod light;
pub mod mnemonic;
pub mod secret;
pub mod super_keys;
