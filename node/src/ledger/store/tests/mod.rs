mod chain;
mod crashes;
mod keeping;
mod rows;
