//! The data plane: what becomes of a name and of a packet.
//!
//! [`flow`] is one request as a chain of hops, and [`walk`] how it takes them: names are resolved by [`dns`], a node's
//! rules ([`proxy`]) choose an endpoint ([`balance`]), [`policy`] lets packets pass or not, [`arrival`] is who is there.
//! [`in_flight`] is what processes have not answered yet. Clients send all the time ([`sending`]); [`traffic`] is what
//! became of it.

mod arrival;
pub mod balance;
mod connection;
pub mod dns;
pub(crate) mod fact;
pub mod flow;
pub mod in_flight;
pub mod policy;
pub mod proxy;
pub(crate) mod sending;
pub mod source;
pub mod traffic;
pub mod walk;
