//! What follows from an account's newest device list: whose mailboxes there are, and whose no more.

use super::rows::{LEFT, LISTED, MAILBOXES, MailboxKey, Mark};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::{Address, NodeId},
    record::{Device, RecordKind, VerifiedDeviceList},
};
use magpie_storage::table::TableError;

impl Turn<'_> {
    /// Whether a node is one of an account's devices, by the newest list kept.
    pub(super) fn is_device(&self, account: Address, node: NodeId) -> Result<bool, TableError> {
        LISTED.contains(&self.tx, &(*account.as_bytes(), node))
    }

    /// Brings the index of nodes from the old list to the new one. A device that left loses its
    /// records now and its mailbox step by step.
    pub(super) fn follow_list(
        &mut self,
        old: Option<&VerifiedDeviceList>,
        new: &VerifiedDeviceList,
    ) -> Result<(), TableError> {
        let account = new.account();
        let before: &[Device] = old.map_or(&[], VerifiedDeviceList::devices);
        for Device { device, node, .. } in before {
            if new.device(*device).is_none() {
                self.drop_record(account, RecordKind::KeyBundle, device.0)?;
            }
            if new.device_at(*node).is_none() {
                self.drop_record(account, RecordKind::Addresses, node.0)?;
                self.leave((*account.as_bytes(), *node))?;
            }
        }
        for Device { node, .. } in new.devices() {
            let mailbox = (*account.as_bytes(), *node);
            LISTED.put(&mut self.tx, &mailbox, &Mark)?;
            // It came back before its mailbox was emptied.
            if LEFT.contains(&self.tx, &mailbox)? {
                LEFT.delete(&mut self.tx, &mailbox);
            }
        }
        Ok(())
    }

    fn leave(&mut self, mailbox: MailboxKey) -> Result<(), TableError> {
        LISTED.delete(&mut self.tx, &mailbox);
        if MAILBOXES.contains(&self.tx, &mailbox)? {
            LEFT.put(&mut self.tx, &mailbox, &Mark)?;
            self.core.mesh.forget_at = Some(self.now);
        }
        Ok(())
    }
}
