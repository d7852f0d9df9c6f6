//! Red packets and transfers in the calls of `group` and `chat`: what funds them, sends their
//! cards, and claims or accepts them.
//!
//! `request` is what a caller asks with, `data` what it is answered with, `choice` the document's
//! numbers, `uid` how the packet or transfer is found in whatever a caller sends back.

mod choice;
mod data;
mod request;
mod uid;

pub use choice::{Cover, MoneyNotice, MoneyStatus, PacketType};
pub use data::{PacketData, PacketUser, TransferData};
pub use request::{
    FundFortune, FundOrdinary, InsertTransfer, MoneyRemark, ReceiveEnvelope, ReceiveTransfer,
    SendCard, SendReceived,
};
pub use uid::uid_of;
