//! Namespaces in tables.

use super::age;
use super::table::{Column, always};
use crate::api::Namespace;
use crate::time::Time;

pub(super) const COLUMNS: &[Column] = &[always("NAME"), always("STATUS"), always("AGE")];

pub(super) fn cells(namespace: &Namespace, now: Time) -> Vec<String> {
    let phase = namespace.status.phase.clone().unwrap_or_default();
    vec![namespace.name().to_owned(), phase, age::since(namespace.meta.created, now)]
}
