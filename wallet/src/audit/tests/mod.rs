//! Audits of real executions, and lies told about them.

mod agrees;
mod asks;
mod chance;
mod heads;
mod lies;
mod world;
