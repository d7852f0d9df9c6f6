mod convergence;
mod frame;
mod graph;
mod rules;
mod settling;
mod wire;
mod world;
