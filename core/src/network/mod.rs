//! The data plane: what every node does with packets.

pub mod proxy;
pub mod traffic;
