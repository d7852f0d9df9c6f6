//! The one integration binary of the workspace; its modules are its table of contents.

mod draw;
mod guard;
