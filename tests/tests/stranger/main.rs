//! The documented contract over real HTTP, as a stranger's client meets it: every refusal, every habit of real client stacks, and
//! after all of it a good order on the same world.

mod access;
mod broken;
mod doors;
mod fields;
mod garbage;
mod habits;
mod restarts;
mod same;
mod sealed;
mod token;
mod untruths;
