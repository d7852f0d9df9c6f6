//! Sequences that carry their bound in their type, so that a decoder stops at it.
//!
//! In: values that a caller or a peer made. Out: [`List`], [`Blob`] and [`Text`], none longer than
//! its `MAX`. On the wire they look as `Vec<T>`, bytes and `String` do.

mod blob;
mod list;
mod text;
mod too_many;

pub use blob::Blob;
pub use list::List;
pub use text::Text;
pub use too_many::TooMany;

#[cfg(test)]
mod tests;
