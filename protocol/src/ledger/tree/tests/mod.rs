mod by_hand;
mod damage;
mod model;
mod proofs;
mod store;
