//! The swarm: one task that owns libp2p.
