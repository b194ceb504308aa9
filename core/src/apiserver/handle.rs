//! One request, from its arrival to its answer.

use super::{ApiError, Change, Store, Write};
use crate::rng::Rng;
use crate::time::Time;

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `kubernetes-admin`, `system:node:node-1`, `system:serviceaccount:kube-system:replicaset-controller`, …
    pub user: &'a str,
    /// Virtual time.
    pub now: Time,
}

/// Takes one request through every station.
///
/// # Errors
/// The refusal, which names the station that stopped the request; the store is as it was.
pub fn handle(
    store: &mut Store,
    request: Request<'_>,
    write: &Write,
    rng: &mut Rng,
) -> Result<Change, ApiError> {
    let _ = (store, request, rng);
    Err(ApiError::not_found(&write.target()))
}
