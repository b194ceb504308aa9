//! Object metadata, in parts that writes share.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as api;

use super::{Key, Uid};
use crate::time::Time;

/// Labels or annotations.
pub type Labels = BTreeMap<String, String>;

/// `metadata`, without the identity that [`super::Resource`] holds itself. Managed fields are not simulated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// `metadata.labels`
    pub labels: Rc<Labels>,
    /// `metadata.annotations`
    pub annotations: Rc<Labels>,
    /// `metadata.ownerReferences`
    pub owners: Rc<Vec<Owner>>,
    /// `metadata.finalizers`
    pub finalizers: Rc<Vec<String>>,
    /// `metadata.generateName`
    pub generate_name: Option<Rc<str>>,
    /// `metadata.generation`; 0 for kinds that have none.
    pub generation: i64,
    /// `metadata.creationTimestamp`, cut to the second as the API does.
    pub created: Time,
    /// Set once deletion was asked for.
    pub deletion: Option<Deletion>,
}

/// `metadata.deletionTimestamp` and `metadata.deletionGracePeriodSeconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// When the grace period ends.
    pub at: Time,
    /// How long it is, in seconds.
    pub grace_seconds: i64,
}

/// One of `metadata.ownerReferences`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// `apps/v1`
    pub api_version: Rc<str>,
    /// `ReplicaSet`
    pub kind: Rc<str>,
    /// The owner's name.
    pub name: Rc<str>,
    /// The owner's uid.
    pub uid: Uid,
    /// Whether this owner manages the object.
    pub controller: bool,
    /// Whether foreground deletion of the owner waits for the object.
    pub block_owner_deletion: bool,
}

impl Meta {
    /// The owner marked as controller.
    pub fn controller(&self) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.controller)
    }

    /// Takes apart what a client sent: key, uid, resourceVersion (0 if none) and the rest.
    pub fn from_api(meta: api::ObjectMeta) -> (Key, Uid, u64, Meta) {
        let key = Key::new(meta.namespace.unwrap_or_default(), meta.name.unwrap_or_default());
        let uid = meta.uid.as_deref().map(Uid::parse).unwrap_or_default();
        let resource_version = meta.resource_version.and_then(|text| text.parse().ok()).unwrap_or(0);
        let owners = meta.owner_references.unwrap_or_default().into_iter().map(Owner::from_api).collect();
        let deletion = meta.deletion_timestamp.map(|at| Deletion {
            at: Time::from_api(&at),
            grace_seconds: meta.deletion_grace_period_seconds.unwrap_or(0),
        });
        let rest = Meta {
            labels: Rc::new(meta.labels.unwrap_or_default()),
            annotations: Rc::new(meta.annotations.unwrap_or_default()),
            owners: Rc::new(owners),
            finalizers: Rc::new(meta.finalizers.unwrap_or_default()),
            generate_name: meta.generate_name.filter(|name| !name.is_empty()).map(Into::into),
            generation: meta.generation.unwrap_or(0),
            created: meta.creation_timestamp.map(|at| Time::from_api(&at)).unwrap_or_default(),
            deletion,
        };
        (key, uid, resource_version, rest)
    }

    /// As the API shows it.
    pub fn to_api(&self, key: &Key, uid: Uid, resource_version: u64) -> api::ObjectMeta {
        api::ObjectMeta {
            name: Some(key.name.to_string()),
            namespace: (!key.namespace.is_empty()).then(|| key.namespace.to_string()),
            uid: (uid != Uid::default()).then(|| uid.to_string()),
            resource_version: (resource_version > 0).then(|| resource_version.to_string()),
            labels: (!self.labels.is_empty()).then(|| (*self.labels).clone()),
            annotations: (!self.annotations.is_empty()).then(|| (*self.annotations).clone()),
            owner_references: (!self.owners.is_empty())
                .then(|| self.owners.iter().map(Owner::to_api).collect()),
            finalizers: (!self.finalizers.is_empty()).then(|| (*self.finalizers).clone()),
            generate_name: self.generate_name.as_deref().map(str::to_owned),
            generation: (self.generation > 0).then_some(self.generation),
            creation_timestamp: (uid != Uid::default()).then(|| self.created.to_api()),
            deletion_timestamp: self.deletion.map(|deletion| deletion.at.to_api()),
            deletion_grace_period_seconds: self.deletion.map(|deletion| deletion.grace_seconds),
            ..api::ObjectMeta::default()
        }
    }
}

impl Owner {
    fn from_api(owner: api::OwnerReference) -> Owner {
        Owner {
            api_version: owner.api_version.into(),
            kind: owner.kind.into(),
            name: owner.name.into(),
            uid: Uid::parse(&owner.uid),
            controller: owner.controller.unwrap_or(false),
            block_owner_deletion: owner.block_owner_deletion.unwrap_or(false),
        }
    }

    fn to_api(&self) -> api::OwnerReference {
        api::OwnerReference {
            api_version: self.api_version.to_string(),
            kind: self.kind.to_string(),
            name: self.name.to_string(),
            uid: self.uid.to_string(),
            controller: Some(self.controller),
            block_owner_deletion: Some(self.block_owner_deletion),
        }
    }
}
