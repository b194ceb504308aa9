//! What else kubectl does: watch, wait, logs, diff, explain, and kinds that nobody acts on.

use expect_test::expect;
use kubestep_tests::Story;

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
    printed(
        POD,
        commands,
        expect![[r#"
        $ get pods -w
        NAME   READY   STATUS    RESTARTS   AGE
        web    2/2     Running   0          2s
        web    1/2     Error     0          22s
        web    0/2     Error     0          23s
        web    0/2     Error     0          24s
        web    0/2     Error     0          24s
        web    0/2     Error     0          24s
        $ get pod web --watch-only -o name
        pod/web
        pod/web
        pod/web
        pod/web
        pod/web
        $ delete pod web
        pod "web" deleted from default namespace
        $ sim interrupt
        $ get pods,svc -w
        error: you may only specify a single resource type
    "#]],
    );
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
    printed(
        POD,
        commands,
        expect![[r#"
            $ logs web
            Defaulted container "web" out of: web, log
            nginx:1.27 starts as process 1
            answers on port 80
            $ logs web -c log --timestamps
            2026-01-01T00:00:02.523000000Z busybox starts as process 1
            $ logs web -c nope
            error: container nope is not valid for pod web
            $ logs none
            error: error from server (NotFound): pods "none" not found in namespace "default"
            $ logs web --all-containers --prefix --tail=1
            [pod/web/web] answers on port 80
            [pod/web/log] busybox starts as process 1
            $ logs -f web
            Defaulted container "web" out of: web, log
            nginx:1.27 starts as process 1
            answers on port 80
            SIGTERM: finishes what it does, for 0.6 s
            exits with code 0
            $ delete pod web --wait=false
            pod "web" deleted from default namespace
            $ sim wait 40s
            $ logs web -p
            error: error from server (NotFound): pods "web" not found in namespace "default"
            $ logs
            error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.
            POD or TYPE/NAME is a required argument for the logs command
            See 'kubectl logs -h' for help and examples
        "#]],
    );
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
    printed(
        POD,
        commands,
        expect![[r#"
        $ wait pod/web --for=condition=Ready
        pod/web condition met
        $ wait pod web --for=condition=ready=false --timeout=2s
        error: timed out waiting for the condition on pods/web
        $ wait pod/web --for=jsonpath='{.status.phase}'=Failed --timeout=60s
        pod/web condition met
        $ wait pod/none --for=delete
        $ wait pod/none --for=condition=Ready
        Error from server (NotFound): pods "none" not found
        $ wait pod/web --for=nonsense
        error: unrecognized condition: "nonsense"
        $ wait pods --for=delete
        error: resource(s) were provided, but no name was specified
        $ delete pod web --wait=false
        pod "web" deleted from default namespace
        $ wait pod/web --for=delete
    "#]],
    );
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
    printed(
        CRONTAB,
        commands,
        expect![[r#"
            $ get crd
            NAME                          CREATED AT
            crontabs.stable.example.com   2026-01-01T00:00:00Z
            $ get crontabs
            No resources found in default namespace.
            $ get ct -A
            No resources found
            $ get widgets
            error: the server doesn't have a resource type "widgets"
            $ api-resources --api-group=stable.example.com
            NAME       SHORTNAMES   APIVERSION              NAMESPACED   KIND
            crontabs   ct           stable.example.com/v1   true         CronTab
            $ create role r --verb=get --resource=crontabs --dry-run=client -o yaml
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              name: r
            rules:
            - apiGroups:
              - stable.example.com
              resources:
              - crontabs
              verbs:
              - get
            $ apply -f - <<EOF
            crontab.stable.example.com/mine created
            $ get ct
            NAME   AGE
            mine   0s
            $ get ct mine -o yaml
            apiVersion: stable.example.com/v1
            kind: CronTab
            metadata:
              annotations:
                kubectl.kubernetes.io/last-applied-configuration: |
                  {"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"annotations":{},"name":"mine","namespace":"default"},"spec":{"cronSpec":1}}
              creationTimestamp: "2026-01-01T00:00:00Z"
              generation: 1
              name: mine
              namespace: default
              resourceVersion: "17"
              uid: 143eb604-8aba-49fe-9d95-1737b4d20d9e
            spec:
              cronSpec: 1
            $ label ct mine a=b
            crontab.stable.example.com/mine labeled
            $ delete crontab mine
            crontab.stable.example.com "mine" deleted from default namespace
        "#]],
    );
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
    printed(
        "",
        commands,
        expect![[r#"
            $ gte pods
            error: unknown command "gte" for "kubectl"

            Did you mean this?
            	get
            $ delte pod web
            error: unknown command "delte" for "kubectl"

            Did you mean this?
            	delete
            $ rolout status deploy/web
            error: unknown command "rolout" for "kubectl"

            Did you mean this?
            	rollout
            $ rollout statsu deploy/web
            error: unknown command "statsu deploy/web"
            See 'kubectl rollout -h' for help and examples
            $ set imge deploy/web a=b
            error: unknown command "imge deploy/web a=b"
            See 'kubectl set -h' for help and examples
            $ create deploymnt web
            error: Unexpected args: [deploymnt web]
            See 'kubectl create -h' for help and examples
            $ get pod --al
            error: unknown flag: --al
            See 'kubectl get --help' for usage.
            $ get pods -q
            error: unknown shorthand flag: 'q' in -q
            See 'kubectl get --help' for usage.
            $ port-forward web 80
            Error from server (NotFound): pods "web" not found
            $ get pods | grep web
            error: there is no shell here that could read |: one kubectl command at a time
            $ config use-context other
            error: no context exists with the name: "other"
            $ explain pods.spec.nope
            error: field "nope" does not exist
            $ explain deployment.spec.strategy.rollingUpdate
            GROUP:      apps
            KIND:       Deployment
            VERSION:    v1

            FIELD: rollingUpdate <RollingUpdateDeployment>

            DESCRIPTION:
                Only the types of fields are known here, not upstream's sentences about them.

            FIELDS:
              maxSurge	<IntOrString>
              maxUnavailable	<IntOrString>

        "#]],
    );
}

#[test]
fn nothing_is_created_of_a_kind_whose_definition_is_on_its_way_out() {
    let held = "apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: held, finalizers: [example.com/keep]}\n";
    let late = format!("{CRONTAB}{}", held.replace("held", "late"));
    let mut story = Story::of(CRONTAB);
    story.apply(&format!("{CRONTAB}{held}"));
    story.run("delete crd crontabs.stable.example.com --wait=false");
    let refused = story.apply(&late);
    expect![[r#"
        Warning: Detected changes to resource crontabs.stable.example.com which is currently being deleted.
        customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com unchanged
        Error from server (MethodNotAllowed): error when creating "manifest.yaml": create not allowed while custom resource definition is terminating
    "#]].assert_eq(&story.output(refused));
    story.run("patch crontab held --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]'");
    let created = story.apply(&late);
    expect![[r#"
        customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created
        error: resource mapping not found for name: "late" namespace: "default" from "manifest.yaml": no matches for kind "CronTab" in version "stable.example.com/v1"
        ensure CRDs are installed first
    "#]]
    .assert_eq(&story.output(created));
}
