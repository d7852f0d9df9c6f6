mod believing;
mod following;
mod forks;
mod saved;
mod scene;
