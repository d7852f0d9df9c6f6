//! What the key store promises: slots and wallet lock in `locks`, bytes in `body`, waits in `waits`.

mod body;
mod fixture;
mod locks;
mod waits;
