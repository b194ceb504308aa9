//! The network: names, rules, endpoints, and what becomes of requests on their way.

use expect_test::expect;
use kubestep_core::api::{Key, Pod};
use kubestep_core::engine::{Budget, Cause, Until};
use kubestep_core::network::flow::{Outcome, Silence};
use kubestep_core::network::traffic::{ClientTraffic, Counts};
use kubestep_core::story::request;
use kubestep_core::{Duration, Step, Time, narration};
use kubestep_tests::manifests::{WEB_SERVICE, web};
use kubestep_tests::{Chapter, Story};

const BUDGET: Budget = Budget { steps: 20_000 };

/// It is ready once it answers.
const PROBE: &str = "        readinessProbe: {periodSeconds: 1, tcpSocket: {port: 8080}}\n";

/// Somebody who asks for the Service `web` from every node.
fn client(spec: &str) -> String {
    format!(
        "---\napiVersion: kubestep.dev/v1alpha1\nkind: Traffic\nmetadata: {{name: visitors}}\nspec: {{{spec}}}\n"
    )
}

/// Settings of the simulation.
fn settings(spec: &str) -> String {
    format!("---\napiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {{{spec}}}\n")
}

/// Three pods behind `web`, each ready once it answers, and visitors.
fn shop(pods: &str, more: &str) -> Story {
    let visitors = client("service: web, requestsPerSecond: 100");
    Story::of(&format!("{}{PROBE}{pods}---\n{WEB_SERVICE}{visitors}{more}", web(3, "", "")))
}

fn traffic(story: &Story) -> ClientTraffic {
    story.timeline.head().traffic.client(0).cloned().expect("a client that has begun")
}

fn counts(story: &Story) -> Counts {
    traffic(story).counts
}

/// Lets time pass.
fn pass(story: &mut Story, seconds: u64) {
    story.run(&format!("sim wait {seconds}s"));
}

/// How many requests fail while a command does its work, and for five seconds more.
fn failures_of(story: &mut Story, line: &str) -> u64 {
    let before = counts(story).failed();
    story.run(line);
    pass(story, 5);
    counts(story).failed() - before
}

/// The first pod by name.
fn first_pod(story: &Story) -> String {
    story.timeline.head().store.list::<Pod>().next().expect("a pod").name().to_owned()
}

fn told(chain: &[&Step]) -> String {
    let lines = chain.iter().map(|step| kubestep_tests::line(step));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// What a command prints in a container.
fn exec(story: &mut Story, line: &str) -> String {
    let id = story.run(&format!("exec {line}"));
    story.output(id)
}

#[test]
fn a_request_is_followed_from_its_name_to_its_pod() {
    let mut story = shop("", "");
    story.tells(Chapter::Requests);
    story.run("sim follow visitors");
    expect![[r#"
        3.154   Client visitors: Opens a connection to web: 0 dots, ndots 5.
        3.154   Client visitors: Asks DNS for web.default.svc.cluster.local, name 1 of 4.
        3.155   CoreDNS: Answers web.default.svc.cluster.local: 10.111.180.44.
        3.156   Network of node-1: Sends it to web-658b575bb-xpbql, drawn: 3 of 3.
        3.157   Kubelet on node-3: web-658b575bb-xpbql answers.
    "#]]
    .assert_eq(&story.tells(Chapter::Requests));
}

#[test]
fn a_client_that_waits_for_the_pods_loses_nothing_to_their_start() {
    let patient = |after: &str| {
        let visitors = client(&format!("service: web, requestsPerSecond: 10{after}"));
        let mut story = Story::of(&format!("{}{PROBE}---\n{WEB_SERVICE}{visitors}", web(3, "", "")));
        pass(&mut story, 10);
        traffic(&story)
    };
    assert!(patient("").counts.refused > 0);
    let late = patient(", after: 5s");
    assert_eq!(late.counts.failed(), 0);
    // The Service has its address from its creation on.
    assert!(late.recent().all(|request| request.at > Time(5_000_000_000)), "{:?}", late.recent().next());
}

#[test]
fn an_endpoint_that_goes_after_sigterm_loses_requests_and_a_pre_stop_sleep_saves_them() {
    let mut story = shop("", "");
    let pod = first_pod(&story);
    assert!(failures_of(&mut story, &format!("delete pod {pod}")) > 0);
    let sleep = "        lifecycle: {preStop: {sleep: {seconds: 3}}}\n";
    let mut story = shop(sleep, "");
    let pod = first_pod(&story);
    assert_eq!(failures_of(&mut story, &format!("delete pod {pod}")), 0);
}

#[test]
fn a_proxy_that_is_slower_than_the_sleep_still_loses_some() {
    let sleep = "        lifecycle: {preStop: {sleep: {seconds: 3}}}\n";
    let mut story = shop(sleep, &settings("proxies: {node-2: 5s}"));
    let pod = first_pod(&story);
    assert!(failures_of(&mut story, &format!("delete pod {pod}")) > 0);
    assert!(
        traffic(&story)
            .failures()
            .all(|request| &*request.node == "node-2" || request.at < Time(5_000_000_000))
    );
}

#[test]
fn a_lost_request_tells_what_it_was_lost_by() {
    let mut story = shop("", "");
    let pod = first_pod(&story);
    story.run(&format!("delete pod {pod}"));
    let lost = traffic(&story);
    let lost =
        lost.failures().find(|request| matches!(request.outcome, Outcome::Lost(_))).expect("a lost one");
    let chain = request::why(&story.timeline, lost);
    expect![[r#"
        3.178   Kubelet on node-1: Sends SIGTERM to web of web-658b575bb-56wqm: SIGKILL follows in 30 s.
        3.154   kubectl: Deletes web-658b575bb-56wqm: the request names no grace period.
        3.149   You: Ran kubectl delete pod web-658b575bb-56wqm
    "#]]
    .assert_eq(&told(&chain));
}

#[test]
fn a_variable_is_stale_where_dns_is_not() {
    let mut story = Story::of(&format!("{}---\n{WEB_SERVICE}", web(1, "", "")));
    story.run("delete service web");
    story.apply(WEB_SERVICE);
    let said = |story: &mut Story| {
        let variable = exec(story, "deploy/web -- printenv WEB_SERVICE_HOST");
        let answer = exec(story, "deploy/web -- nslookup web");
        let address =
            answer.lines().rev().find_map(|line| line.strip_prefix("Address: ")).unwrap_or("").to_owned();
        (variable.trim().to_owned(), address)
    };
    let (variable, address) = said(&mut story);
    assert_ne!(variable, address);
    // A container that is started again is made anew.
    let pod = first_pod(&story);
    story.run(&format!("sim exit {pod} 1"));
    pass(&mut story, 30);
    let (variable, address) = said(&mut story);
    assert_eq!(variable, address);
}

#[test]
fn a_selector_that_matches_nothing_leaves_no_endpoints_and_requests_are_refused() {
    let service = WEB_SERVICE.replace("app: web", "app: wbe");
    let mut story = Story::of(&format!(
        "{}---\n{service}{}",
        web(2, "", ""),
        client("service: web, requestsPerSecond: 10")
    ));
    pass(&mut story, 2);
    let all = counts(&story);
    assert_eq!((all.answered, all.lost, all.refused + all.timed_out), (0, 0, all.total()));
    story.run("sim follow visitors");
    expect![[r#"
        4.214   Client visitors: Opens a connection to web: 0 dots, ndots 5.
        4.214   Client visitors: Asks DNS for web.default.svc.cluster.local, name 1 of 4.
        4.215   CoreDNS: Answers web.default.svc.cluster.local: 10.111.180.44.
        4.216   Network of node-1: Rejects it: web has no usable endpoint.
    "#]]
    .assert_eq(&story.tells(Chapter::Requests));
    let refused = traffic(&story).failures().last().cloned().expect("a refused one");
    expect![[r#"
        0.074   kube-proxy on node-1: Writes rules that reject packets for web.
        0.010   kubectl: Creates web: the cluster has none of that name.
        0.000   You: Ran kubectl apply -f manifest.yaml
    "#]]
    .assert_eq(&told(&request::why(&story.timeline, &refused)));
}

const DB: &str = "---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - {name: sql, image: postgres, ports: [{containerPort: 5432}], readinessProbe: {periodSeconds: 1, tcpSocket: {port: 5432}}}
";

#[test]
fn a_headless_service_is_known_by_its_pods() {
    let mut story = Story::of(&format!("{}{DB}", web(1, "", "")));
    expect![[r#"
        Server:		10.96.0.10
        Address:	10.96.0.10#53

        Name:	db.default.svc.cluster.local
        Address: 10.244.1.2
        Name:	db.default.svc.cluster.local
        Address: 10.244.3.2

    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- nslookup db"));
    expect![[r#"
        Server:		10.96.0.10
        Address:	10.96.0.10#53

        Name:	db-1.db.default.svc.cluster.local
        Address: 10.244.3.2

    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- nslookup db-1.db"));
    expect![[r#"
        Server:		10.96.0.10
        Address:	10.96.0.10#53

        _sql._tcp.db.default.svc.cluster.local	service = 0 100 5432 db-0.db.default.svc.cluster.local.
        _sql._tcp.db.default.svc.cluster.local	service = 0 100 5432 db-1.db.default.svc.cluster.local.

    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- nslookup -type=srv _sql._tcp.db"));
    expect![[r#"
        db-0, container sql
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- curl db-0.db:5432"));
    // One that is not ready has no address.
    story.run("sim unready db-1");
    expect![[r#"
        Server:		10.96.0.10
        Address:	10.96.0.10#53

        ** server can't find db-1.db: NXDOMAIN

        command terminated with exit code 1
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- nslookup db-1.db"));
}

#[test]
fn an_answer_that_is_kept_outlives_the_pod() {
    let failures = |caches: &str| {
        let visitors = client(&format!("service: db, requestsPerSecond: 20{caches}"));
        let mut story = Story::of(format!("{DB}{visitors}").trim_start_matches("---\n"));
        pass(&mut story, 3);
        let pod = traffic(&story).recent().last().and_then(|request| request.pod.clone()).expect("a pod").0;
        let before = counts(&story).failed();
        story.run(&format!("delete pod {}", pod.name));
        pass(&mut story, 40);
        counts(&story).failed() - before
    };
    let (kept, asked) = (failures(", cacheDns: true"), failures(""));
    assert!(kept > 4 * asked, "{kept} {asked}");
    // What is kept is good for thirty seconds.
    assert!(kept <= 20 * 31, "{kept}");
}

#[test]
fn where_every_pod_terminates_those_that_still_serve_are_used() {
    let sleep = "        lifecycle: {preStop: {sleep: {seconds: 6}}}\n";
    let mut story = shop(sleep, "");
    pass(&mut story, 3);
    story.run("sim stop replicaset");
    let before = counts(&story);
    story.give("delete pods --all --wait=false");
    let until = story.timeline.head().now + Duration::from_seconds(5);
    story.give("sim wait 5s");
    while story.timeline.head().now < until {
        story.steps(1);
    }
    let after = counts(&story);
    assert!(after.answered > before.answered + 450, "{before:?} {after:?}");
    assert_eq!(after.failed(), before.failed());
    let head = story.timeline.head();
    let rules = head.machines.get("node-1").and_then(|node| node.rules.service(&Key::new("default", "web")));
    assert!(rules.is_some_and(|rules| rules.ports[0].inside.is_fallback));
}

#[test]
fn a_client_that_is_kept_together_stays_with_one_pod() {
    let service = format!("{WEB_SERVICE}  sessionAffinity: ClientIP\n");
    let visitors = client("service: web, requestsPerSecond: 50, from: node-1");
    let mut story = Story::of(&format!("{}{PROBE}---\n{service}{visitors}", web(3, "", "")));
    pass(&mut story, 3);
    let pods: Vec<_> =
        story.timeline.head().store.list::<Pod>().map(|pod| (pod.uid, pod.name().to_owned())).collect();
    let reached = |story: &Story| -> Vec<String> {
        let traffic = traffic(story);
        let hit = pods.iter().filter(|(uid, _)| traffic.answered_by(*uid) > 0);
        hit.map(|(_, name)| name.clone()).collect()
    };
    let first = reached(&story);
    assert_eq!(first.len(), 1, "{first:?}");
    // When it goes, another one takes its place.
    story.run(&format!("delete pod {}", first[0]));
    pass(&mut story, 3);
    let recent: Vec<_> = traffic(&story).recent().filter_map(|request| request.pod.clone()).collect();
    assert!(recent.windows(2).all(|pair| pair[0] == pair[1]) && &*recent[0].0.name != first[0].as_str());
}

#[test]
fn ipvs_gives_each_endpoint_its_turn() {
    let ipvs = settings("proxyMode: ipvs");
    let visitors = client("service: web, requestsPerSecond: 30, from: node-1");
    let mut story = Story::of(&format!("{}{PROBE}---\n{WEB_SERVICE}{visitors}{ipvs}", web(3, "", "")));
    pass(&mut story, 4);
    let all = traffic(&story);
    let recent: Vec<_> = all.recent().filter_map(|request| request.pod.clone()).collect();
    assert!(recent.windows(4).all(|four| four[0] == four[3] && four[0] != four[1] && four[1] != four[2]));
}

const DENY: &str = "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-frontends}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from: [{podSelector: {matchLabels: {tier: frontend}}}]
    ports: [{port: 8080}]
";

#[test]
fn a_policy_lets_some_pass_and_names_itself_to_the_others() {
    let pod = |name: &str, labels: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {labels}}}\nspec: {{containers: [{{name: app, image: app}}]}}\n"
        )
    };
    let pods = format!("{}{}", pod("friend", "{tier: frontend}"), pod("stranger", "{tier: other}"));
    let strangers = client("service: web, requestsPerSecond: 10, from: pod/stranger");
    let mut story = Story::of(&format!("{}{PROBE}---\n{WEB_SERVICE}{pods}{strangers}", web(1, "", "")));
    pass(&mut story, 1);
    let before = counts(&story);
    assert!(before.answered > 0);
    story.apply(DENY);
    expect![[r#"
        web-658b575bb-f56tw, container web
    "#]]
    .assert_eq(&exec(&mut story, "friend -- curl -s web"));
    let id = story.run("exec stranger -- curl -sS -m 2 web");
    pass(&mut story, 3);
    expect![[r#"
        curl: (28) Connection timed out after 2001 milliseconds
        command terminated with exit code 28
    "#]]
    .assert_eq(&story.output(id));
    story.tells(Chapter::Requests);
    story.run("sim follow visitors");
    expect![[r#"
        7.214   Client visitors: Opens a connection to web: 0 dots, ndots 5.
        7.214   Client visitors: Asks DNS for web.default.svc.cluster.local, name 1 of 4.
        7.215   CoreDNS: Answers web.default.svc.cluster.local: 10.111.180.44.
        7.216   Network of node-2: Sends it to web-658b575bb-f56tw, drawn: 1 of 1.
        7.217   Network of node-3: Drops it at web-658b575bb-f56tw: only-frontends denies it.
    "#]]
    .assert_eq(&story.tells(Chapter::Requests));
    let denied = traffic(&story).failures().last().cloned().expect("a denied one");
    assert!(matches!(denied.outcome, Outcome::TimedOut(Silence::Denied(_))));
    assert_eq!(denied.policy, Some(Key::new("default", "only-frontends")));
    expect![[r#"
        4.156   kubectl: Creates only-frontends: the cluster has none of that name.
        4.151   You: Ran kubectl apply -f manifest.yaml
    "#]]
    .assert_eq(&told(&request::why(&story.timeline, &denied)));
    let id = story.run("get networkpolicy");
    expect![[r#"
        NAME             POD-SELECTOR   AGE
        only-frontends   app=web        3s
    "#]]
    .assert_eq(&story.output(id));
    let chain = request::why(&story.timeline, &denied);
    assert!(
        chain.last().is_some_and(|step| step.causes.iter().any(|cause| matches!(cause, Cause::Command(_))))
    );
}

#[test]
fn a_name_walks_the_search_path_and_a_wrong_one_has_no_address() {
    let mut story = Story::of(&format!(
        "{}---\n{WEB_SERVICE}{}",
        web(1, "", ""),
        client("service: web, requestsPerSecond: 5, from: deploy/web")
    ));
    story.run("delete service web");
    story.tells(Chapter::Requests);
    story.run("sim follow visitors");
    expect![[r#"
        2.614   Client visitors: Opens a connection to web: 0 dots, ndots 5.
        2.614   Client visitors: Asks DNS for web.default.svc.cluster.local, name 1 of 4.
        2.615   CoreDNS: Has no address for web.default.svc.cluster.local: no such name.
        2.616   Client visitors: Asks DNS for web.svc.cluster.local, name 2 of 4.
        2.617   CoreDNS: Has no address for web.svc.cluster.local: no such name.
        2.618   Client visitors: Asks DNS for web.cluster.local, name 3 of 4.
        2.619   CoreDNS: Has no address for web.cluster.local: no such name.
        2.620   Client visitors: Asks DNS for web, name 4 of 4.
        2.621   CoreDNS: Has no address for web: no such name.
    "#]]
    .assert_eq(&story.tells(Chapter::Requests));
    assert!(counts(&story).unresolved > 0);
    expect![[r#"
        Server:		10.96.0.10
        Address:	10.96.0.10#53

        ** server can't find web: NXDOMAIN

        command terminated with exit code 1
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- nslookup web"));
    expect![[r#"
        curl: (6) Could not resolve host: web
        command terminated with exit code 6
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- curl web"));
    expect![[r#"
        search default.svc.cluster.local svc.cluster.local cluster.local
        nameserver 10.96.0.10
        options ndots:5
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- cat /etc/resolv.conf"));
    expect![[r#"
        # Kubernetes-managed hosts file.
        127.0.0.1	localhost
        ::1	localhost ip6-localhost ip6-loopback
        fe00::	ip6-localnet
        fe00::	ip6-mcastprefix
        fe00::1	ip6-allnodes
        fe00::2	ip6-allrouters
        10.244.1.2	web-8588b5bfb4-56wqm
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- cat /etc/hosts"));
}

#[test]
fn an_external_name_stands_for_another() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec: {type: ExternalName, externalName: api.example.com}\n";
    let mut story = Story::of(&format!("{}{service}", web(1, "", "")));
    expect![[r#"
        Server:		10.96.0.10
        Address:	10.96.0.10#53

        api.default.svc.cluster.local	canonical name = api.example.com.
        Name:	api.example.com
        Address: 203.0.113.173

    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- nslookup api"));
    expect![[r#"
        An answer from beyond what is simulated
    "#]]
    .assert_eq(&exec(&mut story, "deploy/web -- curl http://api/v1"));
}

#[test]
fn from_outside_a_local_service_answers_where_its_pods_are_and_nowhere_else() {
    let service = format!("{WEB_SERVICE}  type: NodePort\n  externalTrafficPolicy: Local\n");
    let visitors = client("service: web, requestsPerSecond: 60, from: Outside");
    let mut story = Story::of(&format!("{}{PROBE}---\n{service}{visitors}", web(1, "", "")));
    pass(&mut story, 3);
    let home = story.timeline.head().store.list::<Pod>().next().and_then(|pod| pod.node().map(str::to_owned));
    for request in traffic(&story).recent() {
        let is_home = Some(&*request.node) == home.as_deref();
        let expected = if is_home { Outcome::Answered } else { Outcome::TimedOut(Silence::NoLocalEndpoint) };
        assert_eq!(request.outcome, expected, "{request:?}");
    }
}

#[test]
fn exec_says_what_kubectl_says_where_nothing_runs() {
    let image = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: app}, {name: log, image: log}]}\n";
    let mut story = Story::before(image);
    story.timeline.advance(Until::Time(Time(100_000_000)), BUDGET);
    let said = |story: &mut Story, line: &str| {
        let id = story.give(line);
        story.timeline.advance(Until::Command(id), BUDGET);
        story.output(id)
    };
    expect![[r#"
        Defaulted container "app" out of: app, log
        error: Internal error occurred: unable to upgrade connection: container not found ("app")
    "#]]
    .assert_eq(&said(&mut story, "exec web -- env"));
    expect![[r#"
        Error from server (NotFound): pods "wbe" not found
    "#]]
    .assert_eq(&said(&mut story, "exec wbe -- env"));
    story.rest();
    expect![[r#"
        Defaulted container "app" out of: app, log
        web
    "#]]
    .assert_eq(&said(&mut story, "exec web -- hostname"));
    expect![[r#"
        error: container side not found in pod web
    "#]]
    .assert_eq(&said(&mut story, "exec web -c side -- hostname"));
    expect![[r#"
        cat: /etc/passwd: No such file or directory
        command terminated with exit code 1
    "#]]
    .assert_eq(&said(&mut story, "exec web -c log -- cat /etc/passwd"));
    expect![[r#"
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        HOSTNAME=web
        KUBERNETES_SERVICE_HOST=10.96.0.1
        KUBERNETES_SERVICE_PORT=443
        KUBERNETES_SERVICE_PORT_HTTPS=443
        KUBERNETES_PORT=tcp://10.96.0.1:443
        KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443
        KUBERNETES_PORT_443_TCP_PROTO=tcp
        KUBERNETES_PORT_443_TCP_PORT=443
        KUBERNETES_PORT_443_TCP_ADDR=10.96.0.1
        HOME=/root
    "#]]
    .assert_eq(&said(&mut story, "exec web -c log -- env"));
    story.run("sim finish web 0");
    expect![[r#"
        error: cannot exec into a container in a completed pod; current phase is Succeeded
    "#]]
    .assert_eq(&said(&mut story, "exec web -- env"));
    let refused = |line: &str| kubestep_core::Command::parse(line, &|_| None).unwrap_err();
    expect![[r#"
        error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead
        See 'kubectl exec -h' for help and examples"#]]
    .assert_eq(&refused("exec web env"));
    expect!["error: you must specify at least one command for the container"].assert_eq(&refused("exec web"));
}

#[test]
fn a_load_balancer_that_keeps_packets_local_gets_a_port_to_ask_for_health() {
    let service = format!("{WEB_SERVICE}  type: LoadBalancer\n  externalTrafficPolicy: Local\n");
    let mut story = Story::of(&service);
    let port = |story: &mut Story| {
        let id = story.run("get service web -o jsonpath={.spec.healthCheckNodePort}");
        story.output(id)
    };
    let given = port(&mut story);
    assert!((30_000..32_768).contains(&given.parse::<u32>().unwrap_or(0)), "{given}");
    story.run("patch service web -p '{\"spec\": {\"externalTrafficPolicy\": \"Cluster\"}}'");
    assert_eq!(port(&mut story), "");
}

#[test]
fn near_endpoints_are_preferred_where_the_service_says_so() {
    let service = format!("{WEB_SERVICE}  trafficDistribution: PreferSameZone\n");
    let spread = "      topologySpreadConstraints:\n      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}\n";
    let visitors = client("service: web, requestsPerSecond: 50, from: node-2");
    let mut story = Story::of(&format!("{}{PROBE}---\n{service}{visitors}", web(3, "", spread)));
    pass(&mut story, 2);
    let before = counts(&story);
    let hosts = |story: &Story| -> Vec<String> {
        let traffic = traffic(story);
        let pods = traffic.recent().filter_map(|request| request.pod.clone());
        let store = story.timeline.head().store.clone();
        pods.filter_map(|(key, _)| store.get::<Pod>(&key)?.node().map(str::to_owned)).collect()
    };
    assert!(before.answered > 0 && hosts(&story).iter().all(|host| host == "node-2"), "{:?}", hosts(&story));
    // Without one of its own, a zone takes any.
    let own =
        story.timeline.head().store.pods_on("node-2").next().map(|pod| pod.name().to_owned()).expect("a pod");
    story.run("cordon node-2");
    story.run(&format!("delete pod {own}"));
    pass(&mut story, 3);
    assert!(hosts(&story).iter().any(|host| host != "node-2"), "{:?}", hosts(&story));
}

#[test]
fn every_headline_of_a_hop_is_short() {
    let mut story = shop("", "");
    story.run("sim follow visitors");
    for step in story.timeline.steps().iter().filter(|step| Chapter::Requests.contains(step)) {
        let headline = narration::headline(step).to_string();
        assert!(headline.chars().count() <= narration::HEADLINE_LIMIT, "{headline}");
    }
}
