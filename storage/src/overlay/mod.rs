//! Steps that read each other before they are committed together.
//!
//! In: an [`Engine`], and one batch a step. Out: reads that see the store plus every batch
//! pushed since, and one atomic, flushed write for all of them. A step works on a [`Tx`], which
//! reads its own writes over the overlay and ends as a batch:
//!
//! ```
//! use magpie_storage::{engine::MemoryDisk, overlay::{Overlay, Tx, View}};
//! let mut overlay = Overlay::new(Box::new(MemoryDisk::new().open()?));
//! let mut tx = Tx::new(&overlay);
//! tx.put(b"key".to_vec(), b"value".to_vec());
//! overlay.push(tx.into_batch());
//! assert_eq!(overlay.get(b"key")?, Some(b"value".to_vec()));
//! overlay.commit()?; // durable from here on: now publish
//! # Ok::<(), magpie_storage::engine::EngineError>(())
//! ```

mod group;
mod tx;
mod view;

pub use group::{GROUP_BYTES, Overlay};
pub use tx::Tx;
pub use view::View;

#[cfg(test)]
mod tests;
