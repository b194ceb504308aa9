//! What else kubectl does: watch, wait, logs, diff, explain, and kinds that nobody acts on.

use expect_test::expect;

use crate::printed;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {sim.kubestep.dev/exit-after: 20s, sim.kubestep.dev/exit-code: \"3\"}
spec:
  restartPolicy: Never
  containers:
  - {name: web, image: nginx:1.27, ports: [{containerPort: 80}]}
  - {name: log, image: busybox}
---
";

const CRONTAB: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, kind: CronTab, shortNames: [ct]}
  versions: [{name: v1, served: true, storage: true}]
---
";

#[test]
fn a_watch_shows_every_change_as_it_comes() {
    let commands = "
        get pods -w
        get pod web --watch-only -o name
        delete pod web
        sim interrupt
        get pods,svc -w";
    printed(POD, commands, expect![[r#""#]]);
}

#[test]
fn logs_tell_what_a_container_did() {
    let commands = "
        logs web
        logs web -c log --timestamps
        logs web -c nope
        logs none
        logs web --all-containers --prefix --tail=1
        logs -f web
        delete pod web --wait=false
        sim wait 40s
        logs web -p
        logs";
    printed(POD, commands, expect![[r#""#]]);
}

#[test]
fn wait_ends_when_what_it_waits_for_has_come_or_its_time_is_over() {
    let commands = "
        wait pod/web --for=condition=Ready
        wait pod web --for=condition=ready=false --timeout=2s
        wait pod/web --for=jsonpath='{.status.phase}'=Failed --timeout=60s
        wait pod/none --for=delete
        wait pod/none --for=condition=Ready
        wait pod/web --for=nonsense
        wait pods --for=delete
        delete pod web --wait=false
        wait pod/web --for=delete";
    printed(POD, commands, expect![[r#""#]]);
}

#[test]
fn what_a_definition_adds_is_kept_and_shown() {
    let commands = "
        get crd
        get crontabs
        get ct -A
        get widgets
        api-resources --api-group=stable.example.com
        create role r --verb=get --resource=crontabs --dry-run=client -o yaml
        apply -f - <<EOF\\napiVersion: stable.example.com/v1\\nkind: CronTab\\nmetadata: {name: mine}\\nspec: {cronSpec: 1}\\nEOF
        get ct
        get ct mine -o yaml
        label ct mine a=b
        delete crontab mine";
    printed(CRONTAB, commands, expect![[r#""#]]);
}

#[test]
fn a_typo_is_answered_with_what_may_have_been_meant() {
    let commands = "
        gte pods
        delte pod web
        rolout status deploy/web
        rollout statsu deploy/web
        set imge deploy/web a=b
        create deploymnt web
        get pod --al
        get pods -q
        port-forward web 80
        get pods | grep web
        config use-context other
        explain pods.spec.nope
        explain deployment.spec.strategy.rollingUpdate";
    printed("", commands, expect![[r#""#]]);
}
