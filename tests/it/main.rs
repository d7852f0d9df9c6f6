//! The one integration binary of the workspace; its modules are its table of contents.

mod audit;
mod draw;
mod guard;
