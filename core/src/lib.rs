//! A Kubernetes cluster as a value.
