//! The data plane: what becomes of a name and of a packet.
//!
//! [`flow`] is one request as a chain of hops, and [`walk`] how it takes them: names are resolved by [`dns`], a node's
//! rules ([`proxy`]) choose an endpoint ([`balance`]), [`policy`] lets packets pass or not, [`arrival`] is who is there.
//! [`traffic`] is what clients send all the time.

mod arrival;
pub mod balance;
pub mod dns;
pub(crate) mod fact;
pub mod flow;
pub mod policy;
pub mod proxy;
pub mod source;
pub mod traffic;
pub mod walk;
