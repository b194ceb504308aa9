//! Kinds that are kept and shown, and that nobody acts on: the rest of what a cluster has from its first day
//! (Ingresses, webhooks, …) and what CustomResourceDefinitions add to it.
//!
//! A kind is a number, so that naming an object costs no more than it did. The numbers of added kinds are handed out as
//! they come; nothing but equality is read from them: order and words come from the names.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;
use std::sync::Mutex;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};

use super::kind::{KindNames, named};
use super::{Inert, resource};

/// How many kinds can be added; more are kinds that nobody knows.
const MOST_ADDED: usize = 1000;

/// One of these kinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InertKind(u16);

/// What is stored of such an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Its kind.
    pub kind: InertKind,
    /// Every field but `apiVersion`, `kind` and `metadata`, as it was written.
    pub fields: Map<String, Value>,
}

/// A kind that was added.
#[derive(Clone, Copy)]
struct Added {
    names: &'static KindNames<'static>,
    /// On a person's word, without a definition.
    is_kept: bool,
}

/// The kinds that were added, by their numbers from `BUILT_IN.len()` on.
static ADDED: Mutex<Vec<Added>> = Mutex::new(Vec::new());

fn added() -> Vec<Added> {
    ADDED.lock().map(|added| added.clone()).unwrap_or_default()
}

impl InertKind {
    /// What every cluster has.
    pub fn built_in() -> impl Iterator<Item = InertKind> {
        (0..BUILT_IN.len()).map(|place| InertKind(place as u16))
    }

    /// What was added, the latest first.
    pub(crate) fn defined() -> Vec<InertKind> {
        (0..added().len()).rev().map(|place| InertKind((BUILT_IN.len() + place) as u16)).collect()
    }

    /// The built-in kind that a manifest names.
    pub(crate) fn named(api_version: &str, kind: &str) -> Option<InertKind> {
        let is_meant = |known: &InertKind| {
            let names = known.names();
            names.api_version == api_version && names.kind == kind
        };
        InertKind::built_in().chain(InertKind::defined()).find(is_meant)
    }

    /// The kind that a definition describes, added if it is new. `None`: there are too many.
    pub(crate) fn define(names: &KindNames<'_>) -> Option<InertKind> {
        InertKind::add(names, false)
    }

    /// The kind of this name, added if it is new, for objects that are kept without a definition.
    pub(crate) fn keep(api_version: &str, kind: &str) -> Option<InertKind> {
        let singular = kind.to_ascii_lowercase();
        // As kubectl guesses the names of resources. Upstream: `meta.UnsafeGuessKindToResource`.
        let plural = match singular.chars().last() {
            Some('s') => format!("{singular}es"),
            Some('y') => format!("{}ies", &singular[..singular.len() - 1]),
            _ => format!("{singular}s"),
        };
        let names = KindNames {
            kind,
            api_version,
            plural: &plural,
            singular: &singular,
            short: &[],
            namespaced: true,
        };
        InertKind::add(&names, true)
    }

    fn add(names: &KindNames<'_>, is_kept: bool) -> Option<InertKind> {
        let mut added = ADDED.lock().ok()?;
        let known = added.iter().position(|known| known.is_kept == is_kept && known.names == names);
        if let Some(place) = known {
            return Some(InertKind((BUILT_IN.len() + place) as u16));
        }
        if added.len() >= MOST_ADDED {
            return None;
        }
        // Kept for good, as the names of the other kinds are.
        let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let short: Vec<&'static str> = names.short.iter().map(|name| leaked(name)).collect();
        let names = KindNames {
            kind: leaked(names.kind),
            api_version: leaked(names.api_version),
            plural: leaked(names.plural),
            singular: leaked(names.singular),
            short: Box::leak(short.into_boxed_slice()),
            namespaced: names.namespaced,
        };
        added.push(Added { names: Box::leak(Box::new(names)), is_kept });
        Some(InertKind((BUILT_IN.len() + added.len() - 1) as u16))
    }

    /// Whether it came by a definition, or by being kept, and not with the cluster.
    pub fn is_added(self) -> bool {
        usize::from(self.0) >= BUILT_IN.len()
    }

    /// Whether it is kept on a person's word, without a definition.
    pub fn is_kept(self) -> bool {
        usize::from(self.0).checked_sub(BUILT_IN.len()).is_some_and(|place| added()[place].is_kept)
    }

    /// What the API calls it.
    pub fn names(self) -> &'static KindNames<'static> {
        let place = usize::from(self.0);
        match BUILT_IN.get(place) {
            Some(names) => names,
            None => added()[place - BUILT_IN.len()].names,
        }
    }
}

impl Ord for InertKind {
    fn cmp(&self, other: &InertKind) -> Ordering {
        let order = |kind: &InertKind| {
            let names = kind.names();
            (
                names.kind,
                names.api_version,
                names.plural,
                names.singular,
                names.short,
                names.namespaced,
                kind.is_kept(),
            )
        };
        if self == other { Ordering::Equal } else { order(self).cmp(&order(other)) }
    }
}

impl PartialOrd for InertKind {
    fn partial_cmp(&self, other: &InertKind) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for InertKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.names().kind)
    }
}

/// As the API shows it: fields that need no order come in that of their names.
pub(super) fn to_value(it: &Inert, metadata: &ObjectMeta) -> Value {
    let names = it.spec.kind.names();
    let mut value = it.spec.fields.clone();
    value.insert("apiVersion".to_owned(), names.api_version.into());
    value.insert("kind".to_owned(), names.kind.into());
    value.insert("metadata".to_owned(), serde_json::to_value(metadata).unwrap_or_default());
    Value::Object(value)
}

/// The object that `value` describes.
pub(super) fn from_value(kind: InertKind, value: &Value) -> Result<Inert, serde_json::Error> {
    let metadata = match value.get("metadata") {
        None | Some(Value::Null) => ObjectMeta::default(),
        Some(metadata) => serde::Deserialize::deserialize(metadata)?,
    };
    let mut fields = value.as_object().cloned().unwrap_or_default();
    // What Go would decode to nothing is not there.
    fields.retain(|name, field| {
        !matches!(name.as_str(), "apiVersion" | "kind" | "metadata") && !field.is_null()
    });
    Ok(resource(metadata, Rc::new(Content { kind, fields }), ()))
}

const ADMISSION: &str = "admissionregistration.k8s.io/v1";
const NETWORKING: &str = "networking.k8s.io/v1";
const STORAGE: &str = "storage.k8s.io/v1";
const FLOW: &str = "flowcontrol.apiserver.k8s.io/v1";
const RESOURCE: &str = "resource.k8s.io/v1";

/// What a cluster of 1.36 serves beside the kinds of [`super::Kind::ALL`], but for reviews, which are never stored.
static BUILT_IN: [KindNames<'static>; 24] = [
    named("PodTemplate", "v1", "podtemplates", "podtemplate", &[], true),
    named(
        "MutatingAdmissionPolicy",
        ADMISSION,
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicy",
        &[],
        false,
    ),
    named(
        "MutatingAdmissionPolicyBinding",
        ADMISSION,
        "mutatingadmissionpolicybindings",
        "mutatingadmissionpolicybinding",
        &[],
        false,
    ),
    named(
        "MutatingWebhookConfiguration",
        ADMISSION,
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfiguration",
        &[],
        false,
    ),
    named(
        "ValidatingAdmissionPolicy",
        ADMISSION,
        "validatingadmissionpolicies",
        "validatingadmissionpolicy",
        &[],
        false,
    ),
    named(
        "ValidatingAdmissionPolicyBinding",
        ADMISSION,
        "validatingadmissionpolicybindings",
        "validatingadmissionpolicybinding",
        &[],
        false,
    ),
    named(
        "ValidatingWebhookConfiguration",
        ADMISSION,
        "validatingwebhookconfigurations",
        "validatingwebhookconfiguration",
        &[],
        false,
    ),
    named(
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        "customresourcedefinitions",
        "customresourcedefinition",
        &["crd", "crds"],
        false,
    ),
    named("APIService", "apiregistration.k8s.io/v1", "apiservices", "apiservice", &[], false),
    named(
        "CertificateSigningRequest",
        "certificates.k8s.io/v1",
        "certificatesigningrequests",
        "certificatesigningrequest",
        &["csr"],
        false,
    ),
    named("Lease", "coordination.k8s.io/v1", "leases", "lease", &[], true),
    named("FlowSchema", FLOW, "flowschemas", "flowschema", &[], false),
    named(
        "PriorityLevelConfiguration",
        FLOW,
        "prioritylevelconfigurations",
        "prioritylevelconfiguration",
        &[],
        false,
    ),
    named("Ingress", NETWORKING, "ingresses", "ingress", &["ing"], true),
    named("IngressClass", NETWORKING, "ingressclasses", "ingressclass", &[], false),
    named("IPAddress", NETWORKING, "ipaddresses", "ipaddress", &["ip"], false),
    named("ServiceCIDR", NETWORKING, "servicecidrs", "servicecidr", &[], false),
    named("RuntimeClass", "node.k8s.io/v1", "runtimeclasses", "runtimeclass", &[], false),
    named("DeviceClass", RESOURCE, "deviceclasses", "deviceclass", &[], false),
    named("ResourceClaim", RESOURCE, "resourceclaims", "resourceclaim", &[], true),
    named("CSIDriver", STORAGE, "csidrivers", "csidriver", &[], false),
    named("CSINode", STORAGE, "csinodes", "csinode", &[], false),
    named("VolumeAttachment", STORAGE, "volumeattachments", "volumeattachment", &[], false),
    named(
        "VolumeAttributesClass",
        STORAGE,
        "volumeattributesclasses",
        "volumeattributesclass",
        &["vac"],
        false,
    ),
];
