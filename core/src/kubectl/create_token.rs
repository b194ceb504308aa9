//! `kubectl create token`: a ServiceAccount's token, with the claims that a pod's has too. It is signed by nobody: its third
//! part is empty, as RFC 7519 has it for tokens that are not secured. Upstream:
//! `k8s.io/kubectl/pkg/cmd/create/create_token.go`, `pkg/registry/core/serviceaccount/storage/token.go`.

use serde_json::{Value, json};

use super::create::one_name;
use super::create_service::base64;
use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::print::yaml;
use super::session::SessionTurn;
use super::{DEFAULT_NAMESPACE, shape};
use crate::api::{Key, Kind, ObjectRef, ServiceAccount};
use crate::time::Duration;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateToken {
    account: ObjectRef,
    audiences: Vec<String>,
    lasts: Duration,
    output: String,
}

const FLAGS: [Flag; 4] = [
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("audience", None, Takes::Text),
    Flag::new("duration", None, Takes::Time),
];

const API: &str = "https://kubernetes.default.svc.cluster.local";
/// How long a token lasts that is asked for without a duration.
const LASTS: Duration = Duration::from_seconds(3600);
/// The shortest that one may last.
const SHORTEST: Duration = Duration::from_seconds(600);

impl CreateToken {
    /// Reads what follows `kubectl create token`.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<CreateToken, String> {
        let arguments = Arguments::read("kubectl create token", words, &FLAGS)?;
        let name = one_name(&arguments)?;
        let output = arguments.text("output").unwrap_or_default();
        if !matches!(output, "" | "json" | "yaml") {
            return Err(shape::no_printer(output, shape::FORMATS, "json and yaml"));
        }
        let lasts = arguments.time("duration").unwrap_or_default();
        if lasts.0 % 1_000_000_000 != 0 {
            return Err("error: --duration cannot be expressed in units less than seconds".to_owned());
        }
        let mut audiences: Vec<String> = arguments.texts("audience").map(str::to_owned).collect();
        if audiences.iter().any(String::is_empty) {
            return Err("error: --audience must not be an empty string".to_owned());
        }
        if audiences.is_empty() {
            audiences.push(API.to_owned());
        }
        let namespace = arguments.text("namespace").unwrap_or(DEFAULT_NAMESPACE);
        Ok(CreateToken {
            account: ObjectRef::new(Kind::ServiceAccount, Key::new(namespace, name)),
            audiences,
            lasts: if lasts == Duration::ZERO { LASTS } else { lasts },
            output: output.to_owned(),
        })
    }

    /// Prints the token, or why there is none.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        match self.text(turn) {
            Ok(text) => {
                turn.print(text);
                turn.end(0);
            }
            Err(fault) => turn.finish(&[Failure::own(format!("failed to create token: {fault}"))]),
        }
    }

    fn text(&self, turn: &SessionTurn<'_>) -> Result<String, String> {
        let may = turn.may_use("create", &self.account, "token");
        may.map_err(|failure| failure.message())?;
        let account = turn.snapshot.store.get::<ServiceAccount>(&self.account.key);
        let account = account.ok_or_else(|| Failure::not_found(self.account.clone()).message())?;
        if self.lasts < SHORTEST {
            return Err(format!(
                "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {}: may not \
                 specify a duration less than 10 minutes",
                self.lasts.whole_seconds()
            ));
        }
        let (name, namespace) = (account.name(), &*account.key.namespace);
        let (now, until) = (turn.snapshot.now, turn.snapshot.now + self.lasts);
        let claims = json!({
            "aud": self.audiences,
            "exp": until.to_api().0.as_second(),
            "iat": now.to_api().0.as_second(),
            "iss": API,
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": { "name": name, "uid": account.uid.to_string() },
            },
            "nbf": now.to_api().0.as_second(),
            "sub": format!("system:serviceaccount:{namespace}:{name}"),
        });
        let token = format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&claims));
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "metadata": { "creationTimestamp": now.to_api(), "name": name, "namespace": namespace },
            "spec": {
                "audiences": self.audiences,
                "boundObjectRef": null,
                "expirationSeconds": self.lasts.whole_seconds(),
            },
            "status": { "expirationTimestamp": until.to_api(), "token": token },
        });
        Ok(match self.output.as_str() {
            "json" => yaml::json(&request),
            "yaml" => yaml::yaml(&request),
            _ => token + "\n",
        })
    }
}

/// A part of a token: JSON in the alphabet that addresses may hold.
fn part(value: &Value) -> String {
    base64(value.to_string().as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}
