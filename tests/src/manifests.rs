//! Manifests that several stories begin with.

/// Three replicas behind a Service: what a first visitor finds in the editor.
pub const MY_DEPLOYMENT: &str = include_str!("../../static/first-visit.yaml");

/// A Deployment called `web` of `replicas`, with lines for its spec (indented by two) and for its pods' spec
/// (indented by six).
pub fn web(replicas: u32, spec: &str, pod_spec: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {replicas}
{spec}  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
{pod_spec}      containers:
      - name: web
        image: web:1
        ports:
        - containerPort: 8080
"
    )
}

/// Its Service.
pub const WEB_SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
  - port: 80
    targetPort: 8080
";
