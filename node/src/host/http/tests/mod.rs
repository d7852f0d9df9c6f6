//! The local API from outside: a real server on a free port, with a core that echoes.

mod calls;
mod door;
mod ending;
mod fixture;
mod listening;
