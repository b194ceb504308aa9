//! Lines that kubectl refuses, or answers in a way of its own: in its words.

use expect_test::expect;
use kubestep_tests::manifests::web;

use super::printed;

/// A Deployment, a ConfigMap, and a person who may scale.
fn shop() -> String {
    let more = "
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: blue}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: scaler}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [get]}
- {apiGroups: [apps], resources: [deployments/scale], verbs: [patch]}
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: scaler}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: scaler}
subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
";
    format!("{}{more}", web(2, "", ""))
}

#[test]
fn who_may_scale_need_not_be_allowed_to_change_anything_else() {
    printed(
        &shop(),
        "
        scale deployment web --replicas=3 --as jane
        label deployment web a=b --as jane
        exec deploy/web --as jane -- env
        create token default --as jane
        ",
        expect![[r#"
            $ scale deployment web --replicas=3 --as jane
            deployment.apps/web scaled
            $ label deployment web a=b --as jane
            Error from server (Forbidden): deployments.apps "web" is forbidden: User "jane" cannot patch resource "deployments" in API group "apps" in the namespace "default"
            $ exec deploy/web --as jane -- env
            Error from server (Forbidden): pods "web-8588b5bfb4-j26st" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "default"
            $ create token default --as jane
            error: failed to create token: serviceaccounts "default" is forbidden: User "jane" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"
        "#]],
    );
}

#[test]
fn what_cannot_be_printed_is_told_with_what_can() {
    printed(
        &shop(),
        "
        get cm settings -o table
        create cm x --from-literal=a=1 -o table
        get cm settings other -o name
        get cm settings -o jsonpath={.data[1]}
        get cm settings -o 'jsonpath={.items[1].name}'
        get cm -o custom-columns=NAME:.items[7]
        get cm --sort-by=.spec.size
        get pods.apps
        get node node-1 -A -o name
        ",
        expect![[r#"
            $ get cm settings -o table
            error: unable to match a printer suitable for the output format "table", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml
            $ create cm x --from-literal=a=1 -o table
            error: unable to match a printer suitable for the output format "table", allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml
            $ get cm settings other -o name
            configmap/settings
            Error from server (NotFound): configmaps "other" not found
            $ get cm settings -o jsonpath={.data[1]}
            error: error executing jsonpath "{.data[1]}": Error executing template: map[string]interface {} is not array or slice. Printing more information for debugging the template:
            	template was:
            		{.data[1]}
            	object given to jsonpath engine was:
            		map[string]interface {}{"apiVersion":"v1", "data":map[string]interface {}{"color":"blue"}, "kind":"ConfigMap", "metadata":map[string]interface {}{"annotations":map[string]interface {}{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"data\":{\"color\":\"blue\"},\"kind\":\"ConfigMap\",\"metadata\":{\"annotations\":{},\"name\":\"settings\",\"namespace\":\"default\"}}\n"}, "creationTimestamp":"2026-01-01T00:00:00Z", "name":"settings", "namespace":"default", "resourceVersion":"17", "uid":"143eb604-8aba-49fe-9d95-1737b4d20d9e"}}


            $ get cm settings -o 'jsonpath={.items[1].name}'
            $ get cm -o custom-columns=NAME:.items[7]
            NAME
            <none>
            $ get cm --sort-by=.spec.size
            error: couldn't find any field with path "{.spec.size}" in the list of objects
            $ get pods.apps
            error: the server doesn't have a resource type "pods"
            $ get node node-1 -A -o name
            node/node-1
        "#]],
    );
}

#[test]
fn selectors_are_read_by_the_api_server() {
    printed(
        &shop(),
        "
        get pods -l 'app in (web' -o name
        get cm,svc -l =x
        get pods -l 'app notin (web),!old,tier!=x'
        delete pods -l 'a b'
        ",
        expect![[r#"
            $ get pods -l 'app in (web' -o name
            Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "app in (web", field selector "": unable to parse requirement: found '', expected: ',' or ')'
            $ get cm,svc -l =x
            Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "=x", field selector "": found '=', expected: !, identifier, or 'end of string'
            Error from server (BadRequest): Unable to find "/v1, Resource=services" that match label selector "=x", field selector "": found '=', expected: !, identifier, or 'end of string'
            $ get pods -l 'app notin (web),!old,tier!=x'
            No resources found in default namespace.
            $ delete pods -l 'a b'
            Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "a b", field selector "": unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt
        "#]],
    );
}

#[test]
fn a_patch_that_makes_no_object_is_told_of_as_a_patch() {
    printed(
        &shop(),
        r#"
        patch deploy web -p '{"spec":{"replicas":"x"}}'
        patch deploy web -p '{"spec":{"template":{"spec":{"containers":"x"}}}}'
        patch deploy web -p x
        patch deploy web --type=json -p '{}'
        patch deploy web --type=json -p '[{"op":"remove","path":"/spec/nope"}]'
        patch deploy web -p '{"spec":{"nope":1}}'
        "#,
        expect![[r#"
            $ patch deploy web -p '{"spec":{"replicas":"x"}}'
            The request is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": unrecognized type: int32
            $ patch deploy web -p '{"spec":{"template":{"spec":{"containers":"x"}}}}'
            The request is invalid: patch: Invalid value: "map[spec:map[template:map[spec:map[containers:x]]]]": cannot restore slice from string
            $ patch deploy web -p x
            Error from server (BadRequest): json: cannot unmarshal string into Go value of type map[string]interface {}
            $ patch deploy web --type=json -p '{}'
            Error from server (BadRequest): error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch
            $ patch deploy web --type=json -p '[{"op":"remove","path":"/spec/nope"}]'
            The request is invalid: the server rejected our request due to an error in our request
            $ patch deploy web -p '{"spec":{"nope":1}}'
            Warning: unknown field "spec.nope"
            deployment.apps/web patched (no change)
        "#]],
    );
}

#[test]
fn labels_and_variables_are_listed_and_checked_before_anything_is_asked_for() {
    printed(
        &shop(),
        "
        label cm settings a=b
        label cm settings --list
        label cm --all --list
        label cm settings 'a=b c'
        label cm settings a=b=c
        label cm settings a=b a-
        annotate cm settings a=b a-
        set env deploy/web COLOR=red
        set env deploy/web --list
        set image
        set image cm/settings web=x
        set image deploy/web web=
        ",
        expect![[r#"
            $ label cm settings a=b
            configmap/settings labeled
            $ label cm settings --list
            a=b
            $ label cm --all --list
            Listing labels for ConfigMap./settings:
             a=b
            $ label cm settings 'a=b c'
            error: invalid label value: "a=b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
            $ label cm settings a=b=c
            error: invalid label spec: a=b=c
            $ label cm settings a=b a-
            error: can not both modify and remove a label in the same command
            $ annotate cm settings a=b a-
            error: can not both modify and remove the following annotation(s) in the same command: a
            $ set env deploy/web COLOR=red
            deployment.apps/web env updated
            $ set env deploy/web --list
            # Deployment web, container web
            COLOR=red
            $ set image
            one or more resources must be specified as <resource> <name> or <resource>/<name>
            at least one image update is required
            $ set image cm/settings web=x
            error: configmaps/settings the object is not a pod or does not have a pod template: *v1.ConfigMap

            $ set image deploy/web web=
            error: failed to patch image update to pod template: Deployment.apps "web" is invalid: spec.template.spec.containers[0].image: Required value
        "#]],
    );
}

#[test]
fn what_is_created_has_one_name_and_what_it_needs() {
    printed(
        &shop(),
        "
        create deployment
        create deployment a b --image=x
        create deployment sleepy --image=busybox:1.36 -o name -- sleep 1d
        get deploy sleepy -o jsonpath={.spec.template.spec.containers[0].command}
        create job once --image=busybox:1.36 again
        create cm twice --from-literal=a=1 --from-literal=a=2
        autoscale deploy web
        autoscale cm settings --max=2
        autoscale deploy web --max=3 --cpu-percent=50
        autoscale deploy web --max=3 --cpu-percent=50
        autoscale deploy web --max=5 --cpu=50%
        autoscale deploy web --max=5 --cpu=500m
        get hpa web -o jsonpath={.spec.metrics[0].resource.target}
        ",
        expect![[r#"
            $ create deployment
            error: required flag(s) "image" not set
            $ create deployment a b --image=x
            error: exactly one NAME is required, got 2
            See 'kubectl create deployment -h' for help and examples
            $ create deployment sleepy --image=busybox:1.36 -o name -- sleep 1d
            deployment.apps/sleepy
            $ get deploy sleepy -o jsonpath={.spec.template.spec.containers[0].command}
            ["sleep","1d"]$ create job once --image=busybox:1.36 again
            error: exactly one NAME is required, got 2
            See 'kubectl create job -h' for help and examples
            $ create cm twice --from-literal=a=1 --from-literal=a=2
            error: cannot add key "a", another key by that name already exists in Data for ConfigMap "twice"
            $ autoscale deploy web
            error: required flag(s) "max" not set
            $ autoscale cm settings --max=2
            error: cannot autoscale a ConfigMap: could not find scale subresource for /v1, Resource=configmaps in discovery information
            $ autoscale deploy web --max=3 --cpu-percent=50
            Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).
            horizontalpodautoscaler.autoscaling/web autoscaled
            $ autoscale deploy web --max=3 --cpu-percent=50
            Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).
            error: failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input
            $ autoscale deploy web --max=5 --cpu=50%
            Error from server (AlreadyExists): horizontalpodautoscalers.autoscaling "web" already exists
            $ autoscale deploy web --max=5 --cpu=500m
            error: failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: %!w(<nil>)
            $ get hpa web -o jsonpath={.spec.metrics[0].resource.target}
            {"averageUtilization":50,"type":"Utilization"}"#]],
    );
}

#[test]
fn an_ingress_is_created_from_its_rules() {
    printed(
        &shop(),
        "
        create ingress shop --class=nginx --rule=shop.example/cart*=cart:80,tls=keys --dry-run=client -o yaml
        create ingress shop --rule=shop.example/=web:http
        get ingress
        create ingress shop --rule=web:80
        ",
        expect![[r#"
            $ create ingress shop --class=nginx --rule=shop.example/cart*=cart:80,tls=keys --dry-run=client -o yaml
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: shop
            spec:
              ingressClassName: nginx
              rules:
              - host: shop.example
                http:
                  paths:
                  - backend:
                      service:
                        name: cart
                        port:
                          number: 80
                    path: /cart
                    pathType: Prefix
              tls:
              - hosts:
                - shop.example
                secretName: keys
            status:
              loadBalancer: {}
            $ create ingress shop --rule=shop.example/=web:http
            ingress.networking.k8s.io/shop created
            $ get ingress
            NAME   CLASS    HOSTS          ADDRESS   PORTS   AGE
            shop   <none>   shop.example             80      0s
            $ create ingress shop --rule=web:80
            error: rule web:80 is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]
        "#]],
    );
}

#[test]
fn a_drain_that_only_pretends_leaves_everything_where_it_is() {
    printed(
        &shop(),
        "
        drain node-1 --dry-run=client
        drain node-1 --dry-run=server
        get nodes -o name --field-selector spec.unschedulable=true
        ",
        expect![[r#"
            $ drain node-1 --dry-run=client
            node/node-1 cordoned (dry run)
            evicting pod default/web-8588b5bfb4-j26st (dry run)
            node/node-1 drained (dry run)
            $ drain node-1 --dry-run=server
            node/node-1 cordoned (server dry run)
            evicting pod default/web-8588b5bfb4-j26st (server dry run)
            node/node-1 drained (server dry run)
            $ get nodes -o name --field-selector spec.unschedulable=true
        "#]],
    );
}

#[test]
fn replace_by_force_waits_until_the_old_object_is_gone() {
    let mut story = kubestep_tests::Story::of(&shop());
    let run = |story: &mut kubestep_tests::Story, line: &str, text: &str| {
        let files = |_: &str| Some(text.to_owned());
        let id = story.timeline.submit(kubestep_core::Command::parse(line, &files).unwrap());
        story.timeline.advance(
            kubestep_core::engine::Until::Command(id),
            kubestep_core::engine::Budget { steps: 10_000 },
        );
        story.rest();
        story.output(id)
    };
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: lone}\nspec: {containers: [{name: a, image: 'a:1'}]}\n";
    expect![[r#"
        pod/lone replaced
    "#]]
    .assert_eq(&run(&mut story, "replace --force -f pod.yaml", pod));
    let before = story.run("get pod lone -o jsonpath={.metadata.uid}");
    let before = story.output(before);
    expect![[r#"
        pod "lone" deleted from default namespace
        pod/lone replaced
    "#]]
    .assert_eq(&run(&mut story, "replace --force -f pod.yaml", pod));
    let after = story.run("get pod lone -o jsonpath={.metadata.uid}");
    assert_ne!(before, story.output(after));
    // A finalizer that nobody sees to: it gives up.
    story.run(r#"patch pod lone --type=merge -p '{"metadata":{"finalizers":["example.com/x"]}}'"#);
    expect![[r#"
        pod "lone" deleted from default namespace
        error: timed out waiting for the condition
    "#]]
    .assert_eq(&run(&mut story, "replace --force --timeout=20s -f pod.yaml", pod));
}
