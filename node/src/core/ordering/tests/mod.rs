mod asking;
mod deciding;
mod gossiping;
mod people;
mod refusing;
mod strangers;
mod transport;
mod world;
