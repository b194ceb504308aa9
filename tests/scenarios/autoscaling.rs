//! Containers that use CPU over time, what a metrics server says of it, and autoscalers that act on it.

use expect_test::{Expect, expect};
use kubestep_core::simulation;
use kubestep_tests::{Story, line};

use super::printed;

/// A Deployment whose containers use this much CPU, with this in its container.
fn web(replicas: u32, cpu: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  selector: \
         {{matchLabels: {{app: web}}}}\n  template:\n    metadata:\n      labels: {{app: web}}\n      annotations: \
         {{sim.kubestep.dev/cpu: \"{cpu}\"}}\n    spec:\n      containers:\n      - {{name: web, image: nginx:1{container}}}\n---\n"
    )
}

/// It asks for a tenth of a core.
const ASKS: &str = ", resources: {requests: {cpu: 100m}}";

/// An autoscaler for it, with these metrics and this behaviour.
fn autoscaler(spec: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\nspec:\n  scaleTargetRef: \
         {{apiVersion: apps/v1, kind: Deployment, name: web}}\n{spec}---\n"
    )
}

const BY_CPU: &str = "  minReplicas: 2\n  maxReplicas: 10\n  metrics:\n  - {type: Resource, resource: {name: cpu, target: {type: \
                      Utilization, averageUtilization: 60}}}\n";

/// What the autoscalers did and told.
fn told(story: &Story) -> String {
    let steps = story.timeline.steps().iter().map(|step| line(step));
    let told = steps.filter(|line| line.contains("HorizontalPodAutoscaler controller"));
    told.map(|line| line.replace("HorizontalPodAutoscaler controller", "HPA") + "\n").collect()
}

/// What autoscalers tell of these manifests within so many seconds.
fn tells(manifests: &str, seconds: u64, expect: Expect) {
    let mut story = Story::of(manifests);
    story.run(&format!("sim wait {seconds}s"));
    expect.assert_eq(&told(&story));
}

#[test]
fn pods_that_get_busy_become_more_and_after_five_quiet_minutes_fewer() {
    let manifests = web(3, "20m, 180m after 60s, 20m after 150s", ASKS) + &autoscaler(BY_CPU);
    tells(
        &manifests,
        700,
        expect![[r#"
        15.014  HPA: Reports 20 % of cpu, 60 % wanted: 1 would do, but lately it was 3.
        75.014  HPA: Scales web from 3 to 6: ceil(3 × 165 % / 60 %) = 9, no faster.
        75.014  HPA: Records Event SuccessfulRescale: New size: 6; reason: cpu resource utilization (percentag…
        75.019  HPA: Reports 165 % of cpu, 60 % wanted, and that it scaled from 3 to 6.
        90.019  HPA: Scales web from 6 to 10: ceil(6 × 100 % / 60 %) = 10.
        90.019  HPA: Records Event SuccessfulRescale: New size: 10; reason: cpu resource utilization (percenta…
        90.024  HPA: Reports 100 % of cpu, 60 % wanted, and that it scaled from 6 to 10.
        105.024 HPA: Reports 68 % of cpu, 60 % wanted: 12 would do, 10 are its most.
        150.024 HPA: Reports 114 % of cpu, 60 % wanted: 19 would do, 10 are its most.
        165.024 HPA: Reports 134 % of cpu, 60 % wanted: 23 would do, 10 are its most.
        180.024 HPA: Reports 132 % of cpu, 60 % wanted: 22 would do, but lately it was 10.
        240.024 HPA: Reports 85 % of cpu, 60 % wanted: 15 would do, but lately it was 10.
        255.024 HPA: Reports 22 % of cpu, 60 % wanted: 4 would do, but lately it was 10.
        270.024 HPA: Reports 20 % of cpu, 60 % wanted: 4 would do, but lately it was 10.
        555.024 HPA: Scales web from 10 to 4: ceil(10 × 20 % / 60 %) = 4.
        555.024 HPA: Records Event SuccessfulRescale: New size: 4; reason: All metrics below target
        555.029 HPA: Reports 20 % of cpu, 60 % wanted, and that it scaled from 10 to 4.
        570.029 HPA: Reports 20 % of cpu, 60 % wanted: 2 would do, but lately it was 4.
    "#]],
    );
}

#[test]
fn a_scaling_shows_its_sum() {
    let mut story = Story::of(&(web(3, "180m", ASKS) + &autoscaler(BY_CPU)));
    story.run("sim wait 60s");
    let scales = story.timeline.steps().iter().find(|step| line(step).contains("Scales web from"));
    let detail = kubestep_core::narration::detail(scales.expect("it scales"));
    let rows: String =
        detail.rows.iter().map(|row| format!("{} | {} | {}\n", row.name, row.sum, row.result)).collect();
    expect![[r#"
        pods | that count | 3
        cpu | each, on average | 180 %
        target | spec.metrics | 60 %
        asked for | ceil(3 × 180 % / 60 %) | 9
        replicas | grows no faster, was 3 | 6
    "#]]
    .assert_eq(&rows);
}

#[test]
fn kubectl_shows_what_was_measured() {
    let manifests = web(3, "180m", ASKS) + &autoscaler(BY_CPU);
    printed(
        &manifests,
        "sim wait 8s
         top pod
         top pod -n shop
         top node
         get hpa
         sim wait 12s
         top node
         top pod -l app=web --sum
         top pod --containers --no-headers
         top pod nobody
         top pod -A --sort-by=cpu
         sim wait 20s
         get hpa
         get hpa web -o jsonpath={.status.currentMetrics}
         describe hpa web
         top pod --sort-by=age
         top nodes node-1 --show-capacity
         top service
         --as jane top pod
         --as jane top node node-1",
        expect![[r#"
            $ sim wait 8s
            $ top pod
            error: metrics not available yet
            $ top pod -n shop
            No resources found in shop namespace.
            $ top node
            error: metrics not available yet
            $ get hpa
            NAME   REFERENCE        TARGETS              MINPODS   MAXPODS   REPLICAS   AGE
            web    Deployment/web   cpu: <unknown>/60%   2         10        0          9s
            $ sim wait 12s
            $ top node
            NAME     CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)   
            node-1   164m         4%       16Mi            0%          
            node-2   164m         4%       16Mi            0%          
            node-3   163m         4%       16Mi            0%          
            $ top pod -l app=web --sum
            NAME                   CPU(cores)   MEMORY(bytes)   
            web-7768f57f79-6twnb   180m         16Mi            
            web-7768f57f79-856wq   180m         16Mi            
            web-7768f57f79-kqdrj   180m         16Mi            
                                   ________     ________        
                                   540m         48Mi            
            $ top pod --containers --no-headers
            web-7768f57f79-6twnb   web   180m   16Mi   
            web-7768f57f79-856wq   web   180m   16Mi   
            web-7768f57f79-kqdrj   web   180m   16Mi   
            $ top pod nobody
            Error from server (NotFound): pods "nobody" not found
            $ top pod -A --sort-by=cpu
            NAMESPACE   NAME                   CPU(cores)   MEMORY(bytes)   
            default     web-7768f57f79-6twnb   180m         16Mi            
            default     web-7768f57f79-856wq   180m         16Mi            
            default     web-7768f57f79-kqdrj   180m         16Mi            
            $ sim wait 20s
            $ get hpa
            NAME   REFERENCE        TARGETS         MINPODS   MAXPODS   REPLICAS   AGE
            web    Deployment/web   cpu: 180%/60%   2         10        6          41s
            $ get hpa web -o jsonpath={.status.currentMetrics}
            [{"resource":{"current":{"averageUtilization":180,"averageValue":"180m"},"name":"cpu"},"type":"Resource"}]$ describe hpa web
            Name:                                                  web
            Namespace:                                             default
            Labels:                                                <none>
            Annotations:                                           <none>
            CreationTimestamp:                                     Thu, 01 Jan 2026 00:00:00 +0000
            Reference:                                             Deployment/web
            Metrics:                                               ( current / target )
              resource cpu on pods  (as a percentage of request):  180% (180m) / 60%
            Min replicas:                                          2
            Max replicas:                                          10
            Deployment pods:                                       6 current / 10 desired
            Conditions:
              Type            Status  Reason            Message
              ----            ------  ------            -------
              AbleToScale     True    SucceededRescale  the HPA controller was able to update the target scale to 10
              ScalingActive   True    ValidMetricFound  the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)
              ScalingLimited  True    TooManyReplicas   the desired replica count is more than the maximum replica count
            Events:
              Type    Reason             Age   From                       Message
              ----    ------             ----  ----                       -------
              Normal  SuccessfulRescale  26s   horizontal-pod-autoscaler  New size: 6; reason: cpu resource utilization (percentage of request) above target
              Normal  SuccessfulRescale  11s   horizontal-pod-autoscaler  New size: 10; reason: cpu resource utilization (percentage of request) above target
            $ top pod --sort-by=age
            error: --sort-by accepts only cpu or memory
            $ top nodes node-1 --show-capacity
            NAME     CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)   
            node-1   354m         8%       32Mi            0%          
            $ top service
            error: unknown command "service"
            See 'kubectl top -h' for help and examples
            $ --as jane top pod
            Error from server (Forbidden): pods.metrics.k8s.io is forbidden: User "jane" cannot list resource "pods" in API group "metrics.k8s.io" in the namespace "default"
            $ --as jane top node node-1
            Error from server (Forbidden): nodes.metrics.k8s.io "node-1" is forbidden: User "jane" cannot get resource "nodes" in API group "metrics.k8s.io" at the cluster scope
        "#]],
    );
}

#[test]
fn a_limit_throttles() {
    let manifests = web(1, "100m, 900m after 20s", ", resources: {limits: {cpu: 500m}}");
    printed(
        &manifests,
        "sim wait 20s
         top pod --no-headers
         sim wait 15s
         top pod --no-headers
         sim wait 15s
         top pod --no-headers
         get pods --no-headers",
        expect![[r#"
            $ sim wait 20s
            $ top pod --no-headers
            web-9698d5f68-svkqd   100m   16Mi   
            $ sim wait 15s
            $ top pod --no-headers
            web-9698d5f68-svkqd   330m   16Mi   
            $ sim wait 15s
            $ top pod --no-headers
            web-9698d5f68-svkqd   500m   16Mi   
            $ get pods --no-headers
            web-9698d5f68-svkqd   1/1   Running   0     51s
        "#]],
    );
}

#[test]
fn where_no_pod_says_what_it_uses_nobody_measures() {
    let manifests = web(2, "100m", ASKS).replace("sim.kubestep.dev/cpu", "other") + &autoscaler(BY_CPU);
    tells(
        &manifests,
        40,
        expect![[r#"
        15.014  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: unable to get metri…
        15.019  HPA: Reports that it cannot judge by 1 metric: nobody measures.
        15.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        30.019  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: unable to get metri…
        30.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
    "#]],
    );
    printed(
        &manifests,
        "sim wait 20s\ntop pod\ntop node\nget hpa --no-headers",
        expect![[r#"
        $ sim wait 20s
        $ top pod
        error: Metrics API not available
        $ top node
        error: Metrics API not available
        $ get hpa --no-headers
        web   Deployment/web   cpu: <unknown>/60%   2     10    2     21s
    "#]],
    );
}

#[test]
fn a_metrics_server_may_be_there_anyway() {
    let settings = "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {metricsServer: true}\n---\n";
    let manifests = web(2, "100m", ASKS).replace("sim.kubestep.dev/cpu", "other") + settings;
    printed(
        &manifests,
        "sim wait 20s\ntop pod",
        expect![[r#"
        $ sim wait 20s
        $ top pod
        NAME                   CPU(cores)   MEMORY(bytes)   
        web-6f67487f87-st856   1m           16Mi            
        web-6f67487f87-svkqd   1m           16Mi            
    "#]],
    );
    let wrong = simulation::read(&settings.replace("true", "maybe"));
    assert_eq!(wrong.diagnostics[0].message, "a metrics server is there or not: true or false");
}

#[test]
fn what_pods_use_while_they_start_is_not_taken_for_load() {
    let slow = "sim.kubestep.dev/ready-after: 70s, sim.kubestep.dev/cpu";
    let probe = ", ports: [{containerPort: 80}], readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}";
    let manifests = web(2, "900m, 50m after 65s", &format!("{ASKS}{probe}")) + &autoscaler(BY_CPU);
    tells(
        &manifests.replace("sim.kubestep.dev/cpu", slow),
        120,
        expect![[r#"
        15.014  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: did not receive met…
        15.019  HPA: Reports that it cannot judge by 1 metric: no pod was ready for long enough.
        15.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        30.019  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: did not receive met…
        30.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        45.019  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: did not receive met…
        45.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        60.019  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: did not receive met…
        60.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        75.019  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: did not receive met…
        75.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        90.019  HPA: Reports 50 % of cpu, 60 % wanted: 2 are right.
    "#]],
    );
}

#[test]
fn memory_counts_as_a_share_of_its_request() {
    let metrics = "  maxReplicas: 10\n  metrics:\n  - {type: Resource, resource: {name: memory, target: {type: Utilization, \
                   averageUtilization: 50}}}\n";
    let memory = ", resources: {requests: {memory: 128Mi}}";
    let manifests = web(2, "10m", memory).replace("dev/cpu:", "dev/memory: 96Mi, sim.kubestep.dev/cpu:");
    tells(
        &(manifests.clone() + &autoscaler(metrics)),
        30,
        expect![[r#"
        15.014  HPA: Scales web from 2 to 3: ceil(2 × 75 % / 50 %) = 3.
        15.014  HPA: Records Event SuccessfulRescale: New size: 3; reason: memory resource utilization (percen…
        15.019  HPA: Reports 75 % of memory, 50 % wanted, and that it scaled from 2 to 3.
        30.019  HPA: Scales web from 3 to 5: ceil(3 × 75 % / 50 %) = 5.
        30.019  HPA: Records Event SuccessfulRescale: New size: 5; reason: memory resource utilization (percen…
        30.024  HPA: Reports 75 % of memory, 50 % wanted, and that it scaled from 3 to 5.
    "#]],
    );
    printed(
        &(manifests + &autoscaler(metrics)),
        "sim wait 25s\nget hpa --no-headers",
        expect![[r#"
        $ sim wait 25s
        $ get hpa --no-headers
        web   Deployment/web   memory: 75%/50%   1     10    2     26s
    "#]],
    );
}

#[test]
fn without_a_request_there_is_nothing_to_be_a_percentage_of() {
    let manifests = web(1, "180m", "") + &autoscaler(BY_CPU).replace("minReplicas: 2", "minReplicas: 1");
    tells(
        &manifests,
        40,
        expect![[r#"
        15.014  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: missing request for…
        15.019  HPA: Reports that it cannot judge by 1 metric: container web asks for nothing.
        15.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
        30.019  HPA: Records Event FailedGetResourceMetric: failed to get cpu utilization: missing request for…
        30.019  HPA: Records Event FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first e…
    "#]],
    );
    printed(
        &manifests,
        "sim wait 40s\nget hpa web -o jsonpath={.status.conditions[1].message}",
        expect![[r#"
            $ sim wait 40s
            $ get hpa web -o jsonpath={.status.conditions[1].message}
            the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container web of Pod web-7998cc4488-kqdrj"#]],
    );
}

#[test]
fn an_amount_for_each_pod_needs_no_request() {
    let metrics = "  maxReplicas: 10\n  metrics:\n  - {type: Resource, resource: {name: cpu, target: {type: AverageValue, \
                   averageValue: 300m}}}\n  - {type: Resource, resource: {name: memory, target: {type: AverageValue, \
                   averageValue: 16Mi}}}\n";
    let manifests = web(2, "900m", "") + &autoscaler(metrics);
    tells(
        &manifests,
        50,
        expect![[r#"
        15.014  HPA: Scales web from 2 to 4: ceil(2 × 900m / 300m) = 6, no faster.
        15.014  HPA: Records Event SuccessfulRescale: New size: 4; reason: cpu resource above target
        15.019  HPA: Reports 900m of cpu, 300m wanted, and that it scaled from 2 to 4.
        30.019  HPA: Scales web from 4 to 8: ceil(4 × 900m / 300m) = 12, no faster.
        30.019  HPA: Records Event SuccessfulRescale: New size: 8; reason: cpu resource above target
        30.024  HPA: Reports 900m of cpu, 300m wanted, and that it scaled from 4 to 8.
        45.024  HPA: Scales web from 8 to 10: ceil(8 × 900m / 300m) = 24, at its most.
        45.024  HPA: Records Event SuccessfulRescale: New size: 10; reason: cpu resource above target
        45.029  HPA: Reports 900m of cpu, 300m wanted, and that it scaled from 8 to 10.
    "#]],
    );
    printed(
        &manifests,
        "sim wait 50s\nget hpa --no-headers",
        expect![[r#"
        $ sim wait 50s
        $ get hpa --no-headers
        web   Deployment/web   cpu: 900m/300m, memory: 16777216/16Mi   1     10    8     51s
    "#]],
    );
}

#[test]
fn a_container_may_be_judged_alone() {
    let metrics = "  maxReplicas: 10\n  metrics:\n  - {type: ContainerResource, containerResource: {name: cpu, container: web, \
                   target: {type: Utilization, averageUtilization: 50}}}\n";
    let two = format!("{ASKS}}}\n      - {{name: log, image: log:1");
    let manifests = web(1, "100m", &two) + &autoscaler(metrics);
    let manifests = manifests.replace(
        "sim.kubestep.dev/cpu: \"100m\"",
        "sim.kubestep.dev/cpu.web: \"100m\", sim.kubestep.dev/cpu.log: \"2\"",
    );
    printed(
        &manifests,
        "sim wait 40s\nget hpa --no-headers\ntop pod --containers\ndescribe hpa web",
        expect![[r#"
            $ sim wait 40s
            $ get hpa --no-headers
            web   Deployment/web   cpu: 100%/50%   1     10    2     42s
            $ top pod --containers
            POD                    NAME   CPU(cores)   MEMORY(bytes)   
            web-7765dfcd4b-kgz9s   log    2000m        16Mi            
            web-7765dfcd4b-kgz9s   web    100m         16Mi            
            web-7765dfcd4b-kqdrj   log    2000m        16Mi            
            web-7765dfcd4b-kqdrj   web    100m         16Mi            
            $ describe hpa web
            Name:                                                                     web
            Namespace:                                                                default
            Labels:                                                                   <none>
            Annotations:                                                              <none>
            CreationTimestamp:                                                        Thu, 01 Jan 2026 00:00:00 +0000
            Reference:                                                                Deployment/web
            Metrics:                                                                  ( current / target )
              resource cpu of container "web" on pods  (as a percentage of request):  100% (100m) / 50%
            Min replicas:                                                             1
            Max replicas:                                                             10
            Deployment pods:                                                          2 current / 4 desired
            Conditions:
              Type            Status  Reason              Message
              ----            ------  ------              -------
              AbleToScale     True    SucceededRescale    the HPA controller was able to update the target scale to 4
              ScalingActive   True    ValidMetricFound    the HPA was able to successfully calculate a replica count from cpu container resource utilization (percentage of request)
              ScalingLimited  False   DesiredWithinRange  the desired count is within the acceptable range
            Events:
              Type    Reason             Age   From                       Message
              ----    ------             ----  ----                       -------
              Normal  SuccessfulRescale  27s   horizontal-pod-autoscaler  New size: 2; reason: cpu container resource utilization (percentage of request) above target
              Normal  SuccessfulRescale  12s   horizontal-pod-autoscaler  New size: 4; reason: cpu container resource utilization (percentage of request) above target
        "#]],
    );
}

#[test]
fn policies_bound_how_fast_it_goes() {
    let behavior = "  behavior:\n    scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}\n    scaleDown: \
                    {stabilizationWindowSeconds: 0, policies: [{type: Percent, value: 50, periodSeconds: 30}]}\n";
    let manifests = web(2, "180m, 10m after 100s", ASKS) + &autoscaler(&format!("{BY_CPU}{behavior}"));
    tells(
        &manifests,
        300,
        expect![[r#"
        15.014  HPA: Scales web from 2 to 3: ceil(2 × 180 % / 60 %) = 6, no faster.
        15.014  HPA: Records Event SuccessfulRescale: New size: 3; reason: cpu resource utilization (percentag…
        15.019  HPA: Reports 180 % of cpu, 60 % wanted, and that it scaled from 2 to 3.
        30.019  HPA: Reports 180 % of cpu, 60 % wanted: 9 would do, but no faster.
        75.019  HPA: Scales web from 3 to 4: ceil(3 × 180 % / 60 %) = 9, no faster.
        75.019  HPA: Records Event SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentag…
        75.024  HPA: Reports 180 % of cpu, 60 % wanted, and that it scaled from 3 to 4.
        90.024  HPA: Reports 180 % of cpu, 60 % wanted: 12 would do, but no faster.
        105.024 HPA: Reports 160 % of cpu, 60 % wanted: 11 would do, but no faster.
        120.024 HPA: Reports 85 % of cpu, 60 % wanted: 6 would do, but no faster.
        135.024 HPA: Reports 52 % of cpu, 60 % wanted: 4 are right.
        180.024 HPA: Scales web from 4 to 3: ceil(4 × 40 % / 60 %) = 3.
        180.024 HPA: Records Event SuccessfulRescale: New size: 3; reason: All metrics below target
        180.029 HPA: Reports 40 % of cpu, 60 % wanted, and that it scaled from 4 to 3.
        195.029 HPA: Scales web from 3 to 2: ceil(3 × 10 % / 60 %) = 1, at its least.
        195.029 HPA: Records Event SuccessfulRescale: New size: 2; reason: All metrics below target
        195.034 HPA: Reports 10 % of cpu, 60 % wanted, and that it scaled from 3 to 2.
        210.034 HPA: Reports 10 % of cpu, 60 % wanted: 1 would do, 2 are its least.
    "#]],
    );
}

#[test]
fn two_autoscalers_for_the_same_pods_leave_them_alone() {
    let other = autoscaler(BY_CPU).replace("name: web}\nspec", "name: other}\nspec");
    tells(
        &(web(3, "180m", ASKS) + &autoscaler(BY_CPU) + &other),
        20,
        expect![[r#"
        15.014  HPA: Records Event AmbiguousSelector: pods by selector app=web are controlled by multiple HPAs…
        15.019  HPA: Reports that its pods are those of 2 autoscalers: it leaves them alone.
        15.019  HPA: Records Event AmbiguousSelector: pods by selector app=web are controlled by multiple HPAs…
        15.019  HPA: Records Event FailedComputeMetricsReplicas: pods by selector app=web are controlled by mu…
        15.024  HPA: Reports that its pods are those of 2 autoscalers: it leaves them alone.
        15.024  HPA: Records Event FailedComputeMetricsReplicas: pods by selector app=web are controlled by mu…
    "#]],
    );
}

#[test]
fn pods_of_a_node_that_is_cut_off_are_not_measured() {
    printed(
        &web(3, "180m", ASKS),
        "sim wait 20s
         sim cut-off node-1
         sim wait 20s
         top node
         top pod",
        expect![[r#"
            $ sim wait 20s
            $ sim cut-off node-1
            $ sim wait 20s
            $ top node
            NAME     CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)   
            node-2   180m         4%          16Mi            0%          
            node-3   180m         4%          16Mi            0%          
            node-1   <unknown>    <unknown>   <unknown>       <unknown>   
            $ top pod
            NAME                   CPU(cores)   MEMORY(bytes)   
            web-7768f57f79-f56tw   180m         16Mi            
            web-7768f57f79-st856   180m         16Mi            
        "#]],
    );
}

#[test]
fn an_autoscaler_at_rest_makes_no_steps() {
    let mut story = Story::of(&(web(3, "60m", ASKS) + &autoscaler(BY_CPU)));
    story.run("sim wait 60s");
    let before = story.timeline.steps().len();
    story.run("sim wait 600s");
    let steps: String = story.timeline.steps()[before..].iter().map(|step| line(step) + "\n").collect();
    expect![[r#"
        61.468  You: Ran sim wait 600s
        601.000 Deployment controller: Finds nothing to do: 3 of 3 available.
        661.468 You: Waited: the time has passed.
    "#]]
    .assert_eq(&steps);
}

#[test]
fn what_an_autoscaler_asked_for_is_forgotten_with_it() {
    let mut story = Story::of(&(web(3, "20m", ASKS) + &autoscaler(BY_CPU)));
    story.run("sim wait 60s");
    let known = |story: &Story| story.timeline.head().memory.autoscalers.clone();
    assert_ne!(known(&story), Default::default());
    story.run("delete hpa web");
    story.run("get nodes");
    assert_eq!(known(&story), Default::default());
}
