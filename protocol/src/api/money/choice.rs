//! The document's numbers for kinds, covers and states of packets and transfers.

use crate::{api::field::choices, ledger::PacketKind};

choices! {
    /// How a packet is divided, and among whom.
    pub enum PacketType {
        /// In equal shares.
        Ordinary = 1,
        /// By the draw (拼手气).
        Fortune = 2,
        /// To one person.
        Exclusive = 3,
        /// In equal shares, to those who know the word.
        Password = 4,
        /// By the draw, to those who know the word.
        PasswordFortune = 5,
    }

    /// How a packet looks.
    pub enum Cover {
        /// The default.
        Base = 1,
        /// The snake of 2025.
        Snake = 2,
    }

    /// How a packet or transfer stands to this account.
    pub enum MoneyStatus {
        /// It is not on the ledger yet.
        Sending = 0,
        /// It is, and this account has nothing of it.
        Unclaimed = 1,
        /// This account has its share, or the payee took the transfer.
        Received = 2,
        /// Its time is over, and not all of it is back yet.
        Expired = 3,
        /// What nobody took went back; a transfer was declined or went back.
        Returned = 4,
        /// It never came on the ledger: nothing moved.
        Failed = 5,
    }

    /// What a message about money is.
    pub enum MoneyNotice {
        /// The card.
        Card = 1,
        /// The notice that somebody took a share or decided.
        Notice = 2,
    }
}

impl From<PacketKind> for PacketType {
    fn from(kind: PacketKind) -> Self {
        match kind {
            PacketKind::Ordinary => Self::Ordinary,
            PacketKind::Fortune => Self::Fortune,
            PacketKind::Exclusive => Self::Exclusive,
            PacketKind::Password => Self::Password,
            PacketKind::PasswordFortune => Self::PasswordFortune,
        }
    }
}

impl From<PacketType> for PacketKind {
    fn from(kind: PacketType) -> Self {
        match kind {
            PacketType::Ordinary => Self::Ordinary,
            PacketType::Fortune => Self::Fortune,
            PacketType::Exclusive => Self::Exclusive,
            PacketType::Password => Self::Password,
            PacketType::PasswordFortune => Self::PasswordFortune,
        }
    }
}

impl From<Cover> for u8 {
    fn from(cover: Cover) -> Self {
        match cover {
            Cover::Base => 1,
            Cover::Snake => 2,
        }
    }
}

impl From<u8> for Cover {
    /// Returns the cover of a card; one that this build does not know is the default.
    fn from(number: u8) -> Self {
        if number == 2 { Self::Snake } else { Self::Base }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::field::Choice;

    #[test]
    fn kinds_and_covers_have_the_documents_numbers_both_ways() {
        let kinds = [
            (PacketKind::Ordinary, 1),
            (PacketKind::Fortune, 2),
            (PacketKind::Exclusive, 3),
            (PacketKind::Password, 4),
            (PacketKind::PasswordFortune, 5),
        ];
        assert_eq!(PacketType::ALL.len(), kinds.len());
        for (kind, number) in kinds {
            assert_eq!(PacketType::from(kind).number(), number);
            assert_eq!(PacketKind::from(PacketType::from(kind)), kind);
        }
        for (cover, number) in Cover::ALL {
            assert_eq!(
                (i64::from(u8::from(*cover)), Cover::from(u8::from(*cover))),
                (*number, *cover)
            );
        }
        assert_eq!((Cover::from(0), Cover::from(255)), (Cover::Base, Cover::Base));
    }
}
