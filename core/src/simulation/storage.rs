//! The storage class that a cluster may begin with, and who makes its volumes.

use std::rc::Rc;

use k8s_openapi::api::storage::v1 as storage;

use crate::api::{Key, Labels, Meta, Resource, StorageClass, Uid};
use crate::rng::Rng;

/// Who makes the volumes of the default class. Classes of a manifest may name it too.
pub const PROVISIONER: &str = "disk.sim.kubestep.dev";

/// Which storage class the cluster begins with. `spec.defaultStorageClass`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultClass {
    /// None: a claim that no volume fits waits.
    #[default]
    None,
    /// `standard`, whose volumes are made as soon as they are claimed.
    Immediate,
    /// `standard`, whose volumes are made once a pod that uses them has a node.
    WaitForFirstConsumer,
}

impl DefaultClass {
    /// The class, as the API server stores it; `None` where there is none.
    pub(crate) fn object(self, rng: &mut Rng) -> Option<StorageClass> {
        let mode = match self {
            DefaultClass::None => return None,
            DefaultClass::Immediate => "Immediate",
            DefaultClass::WaitForFirstConsumer => "WaitForFirstConsumer",
        };
        let annotations: Labels =
            [("storageclass.kubernetes.io/is-default-class".to_owned(), "true".to_owned())].into();
        let class = storage::StorageClass {
            provisioner: PROVISIONER.to_owned(),
            reclaim_policy: Some("Delete".to_owned()),
            volume_binding_mode: Some(mode.to_owned()),
            ..storage::StorageClass::default()
        };
        Some(Resource {
            key: Key::new("", "standard"),
            uid: Uid::random(rng),
            resource_version: 0,
            meta: Rc::new(Meta { annotations: Rc::new(annotations), ..Meta::default() }),
            spec: Rc::new(class),
            status: (),
        })
    }
}
