//! Public records: what the directory tells about an account to whoever knows its address (page 5).
//!
//! In: bytes from a peer. Out: a [`VerifiedRecord`], with the [`RecordKey`] under which it is kept
//! and the [`RecordOrder`] by which the newest wins. Start at [`Record`]; [`DeviceList`] is the root
//! of trust that all the others are checked against.

mod addresses;
mod bundle;
mod device_list;
mod error;
mod profile;
mod slot;

pub use addresses::{Addresses, AddressesBody, VerifiedAddresses};
pub use bundle::{BundleBody, FallbackKey, KeyBundle, OneTimeKey, VerifiedKeyBundle};
pub use device_list::{
    Device, DeviceList, Entry, ListVersion, SignedEntry, Succession, VerifiedDeviceList,
};
pub use error::RecordError;
pub use profile::{
    Avatar, Card, KeyPart, Profile, ProfileBody, SignedKeyPart, VerifiedCard, VerifiedProfile,
};
pub use slot::{Record, RecordKey, RecordKind, RecordOrder, VerifiedRecord, VerifiedRecordBody};

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
