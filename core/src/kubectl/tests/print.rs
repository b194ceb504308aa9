//! What kubectl prints of objects: tables and descriptions.

use super::{Answer, SERVICE, Terminal, WEB, fails, prints};

#[test]
fn tables_of_workloads() {
    let mut terminal = Terminal::new();
    terminal.apply(&WEB.replace("replicas: 1", "replicas: 2"));
    terminal.run("rollout status deployment/web", "");
    assert_eq!(
        terminal.shows("get deploy"),
        "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    2/2     2            2           Ns\n"
    );
    assert_eq!(
        terminal.shows("get deploy/web -o wide"),
        "NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES       SELECTOR\n\
         web    2/2     2            2           Ns    web          nginx:1.27   app=web\n"
    );
    assert_eq!(
        terminal.shows("get deployments.apps --show-labels"),
        "NAME   READY   UP-TO-DATE   AVAILABLE   AGE   LABELS\nweb    2/2     2            2           Ns    <none>\n"
    );
    assert_eq!(
        terminal.shows("get rs -l app=web"),
        "NAME             DESIRED   CURRENT   READY   AGE\nweb-596556dd5f   2         2         2       Ns\n"
    );
    assert_eq!(
        terminal.shows("get rs -o wide"),
        "NAME             DESIRED   CURRENT   READY   AGE   CONTAINERS   IMAGES       SELECTOR\n\
         web-596556dd5f   2         2         2       Ns    web          nginx:1.27   \
         app=web,pod-template-hash=596556dd5f\n"
    );
    assert_eq!(
        terminal.shows("get deploy,rs -o name"),
        "deployment.apps/web\nreplicaset.apps/web-596556dd5f\n"
    );
    assert_eq!(
        terminal.run("get deploy -n kube-system", ""),
        Answer {
            exit: 0,
            stdout: String::new(),
            stderr: "No resources found in kube-system namespace.\n".into()
        }
    );
}

#[test]
fn tables_of_services_and_nodes() {
    let mut terminal = Terminal::new();
    let ports = "  - name: a\n    port: 80\n  - name: b\n    port: 53\n    protocol: UDP\n";
    let multi = SERVICE.replace("name: web\n", "name: multi\n").replace("  - port: 80\n", ports);
    let node_port = SERVICE
        .replace("name: web\n", "name: np\n")
        .replace("port: 80\n", "port: 80\n    nodePort: 30080\n  type: NodePort\n");
    let headless =
        SERVICE.replace("name: web\n", "name: head\n").replace("port: 80\n", "port: 80\n  clusterIP: None\n");
    terminal.apply(&format!("{multi}{node_port}{headless}"));
    let table = terminal.shows("get svc");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    let row = |name: &str| rows.iter().find(|row| row[0] == name).unwrap()[1..].join(" ");
    assert_eq!(row("NAME"), "TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE");
    assert_eq!(row("multi"), "ClusterIP <ip> <none> 80/TCP,53/UDP Ns");
    assert_eq!(row("np"), "NodePort <ip> <none> 80:30080/TCP Ns");
    assert_eq!(row("head"), "ClusterIP None <none> 80/TCP Ns");
    assert_eq!(
        terminal.shows("get nodes"),
        "NAME     STATUS   ROLES    AGE   VERSION\nnode-1   Ready    <none>   Ns    v1.36.2\nnode-2   Ready    \
         <none>   Ns    v1.36.2\nnode-3   Ready    <none>   Ns    v1.36.2\n"
    );
    assert_eq!(terminal.run("cordon node-1", ""), prints("node/node-1 cordoned\n"));
    assert_eq!(
        terminal.shows("get node node-1"),
        "NAME     STATUS                     ROLES    AGE   VERSION\n\
         node-1   Ready,SchedulingDisabled   <none>   Ns    v1.36.2\n"
    );
    assert_eq!(terminal.run("uncordon node-1", ""), prints("node/node-1 uncordoned\n"));
    assert_eq!(terminal.run("uncordon node-1", ""), prints("node/node-1 already uncordoned\n"));
    let missing = "Error from server (NotFound): nodes \"node-9\" not found\n";
    assert_eq!(terminal.run("cordon node-9", ""), fails("", missing));
}

#[test]
fn descriptions_of_a_deployment_and_a_service() {
    let mut terminal = Terminal::new();
    terminal.apply(&format!("{WEB}{SERVICE}"));
    terminal.run("rollout status deployment/web", "");
    let described = terminal.shows("describe deployment web");
    let (head, events) = described.split_once("Events:\n").unwrap();
    assert_eq!(
        head,
        "Name:                   web\nNamespace:              default\nCreationTimestamp:      Thu, 01 Jan 2026 \
         00:00:00 +0000\nLabels:                 <none>\nAnnotations:            deployment.kubernetes.io/revision: \
         1\nSelector:               app=web\nReplicas:               1 desired | 1 updated | 1 total | 1 available | \
         0 unavailable\nStrategyType:           RollingUpdate\nMinReadySeconds:        0\nRollingUpdateStrategy:  25% \
         max unavailable, 25% max surge\nPod Template:\n  Labels:  app=web\n  Containers:\n   web:\n    Image:         \
         nginx:1.27\n    Port:          80/TCP\n    Host Port:     0/TCP\n    Environment:   <none>\n    \
         Mounts:        <none>\n  Volumes:         <none>\n  Node-Selectors:  <none>\n  Tolerations:     \
         <none>\nConditions:\n  Type           Status  Reason\n  ----           ------  ------\n  Available      True    \
         MinimumReplicasAvailable\n  Progressing    True    NewReplicaSetAvailable\nOldReplicaSets:  \
         <none>\nNewReplicaSet:   web-596556dd5f (1/1 replicas created)\n"
    );
    assert!(events.ends_with("deployment-controller  Scaled up replica set web-596556dd5f from 0 to 1\n"));
    assert_eq!(
        terminal.shows("describe svc web").replace("10.244.1.2:80", "<ip>:80"),
        "Name:                     web\nNamespace:                default\nLabels:                   \
         <none>\nAnnotations:              <none>\nSelector:                 app=web\nType:                     \
         ClusterIP\nIP Family Policy:         SingleStack\nIP Families:              IPv4\nIP:                       \
         <ip>\nIPs:                      <ip>\nPort:                     <unset>  80/TCP\nTargetPort:               \
         80/TCP\nEndpoints:                <ip>:80\nSession Affinity:         None\nInternal Traffic Policy:  \
         Cluster\nEvents:                   <none>\n"
    );
    let missing = "Error from server (NotFound): services \"nothing\" not found\n";
    assert_eq!(terminal.run("describe svc nothing", ""), fails("", missing));
}
