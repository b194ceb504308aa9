//! Facts of the API server's own follow-ups.

/// Why the API server writes something nobody asked for in so many words.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiServer {
    /// Deletion was asked for, the grace period is 0 and no finalizer is left: the object goes.
    NothingHoldsIt,
    /// An eviction was asked for, and the pod's budget had one left.
    BudgetAllows,
    /// A new object was let in: what it uses is counted in the quota's status.
    ChargesQuota,
    /// The CustomResourceDefinition of the object is being deleted.
    DefinitionGoes,
}
