mod convergence;
mod frame;
mod graph;
mod parcel;
mod rules;
mod settling;
mod wire;
mod world;
