//! What `kubectl describe` says of kinds beside pods and Deployments.

use expect_test::{Expect, expect};
use kubestep_tests::Story;
use kubestep_tests::manifests::web;

/// A line of kubectl's, and what it prints.
fn check(story: &mut Story, line: &str, expected: Expect) {
    let command = story.run(line);
    expected.assert_eq(&story.output(command));
}

#[test]
fn jobs_and_cron_jobs_tell_how_far_they_are() {
    let template = "template: {metadata: {labels: {app: pi}, annotations: {sim.kubestep.dev/exit-after: 3s}}, \
                    spec: {restartPolicy: Never, containers: [{name: pi, image: 'busybox:1.36'}]}}";
    let mut story = Story::of(&format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: pi}}\nspec: {{completions: 2, parallelism: 2, \
         completionMode: Indexed, activeDeadlineSeconds: 60, {template}}}\n---\napiVersion: batch/v1\nkind: \
         CronJob\nmetadata: {{name: tick}}\nspec: {{schedule: '0 3 * * *', jobTemplate: {{spec: {{{template}}}}}}}\n"
    ));
    check(
        &mut story,
        "describe job pi",
        expect![[r#"
        Name:                     pi
        Namespace:                default
        Selector:                 batch.kubernetes.io/controller-uid=2756cdf2-b635-42bf-837e-b8839de38ebb
        Labels:                   app=pi
                                  batch.kubernetes.io/controller-uid=2756cdf2-b635-42bf-837e-b8839de38ebb
                                  batch.kubernetes.io/job-name=pi
                                  controller-uid=2756cdf2-b635-42bf-837e-b8839de38ebb
                                  job-name=pi
        Annotations:              <none>
        Parallelism:              2
        Completions:              2
        Completion Mode:          Indexed
        Suspend:                  false
        Backoff Limit:            6
        Start Time:               Thu, 01 Jan 2026 00:00:00 +0000
        Completed At:             Thu, 01 Jan 2026 00:00:07 +0000
        Duration:                 7s
        Active Deadline Seconds:  60s
        Pods Statuses:            0 Active (0 Ready) / 2 Succeeded / 0 Failed
        Completed Indexes:        0,1
        Pod Template:
          Labels:       app=pi
                        batch.kubernetes.io/controller-uid=2756cdf2-b635-42bf-837e-b8839de38ebb
                        batch.kubernetes.io/job-name=pi
                        controller-uid=2756cdf2-b635-42bf-837e-b8839de38ebb
                        job-name=pi
          Annotations:  sim.kubestep.dev/exit-after: 3s
          Containers:
           pi:
            Image:         busybox:1.36
            Port:          <none>
            Host Port:     <none>
            Environment:   <none>
            Mounts:        <none>
          Volumes:         <none>
          Node-Selectors:  <none>
          Tolerations:     <none>
        Events:
          Type    Reason            Age   From            Message
          ----    ------            ----  ----            -------
          Normal  SuccessfulCreate  8s    job-controller  Created pod: pi-0-9ksvk
          Normal  SuccessfulCreate  8s    job-controller  Created pod: pi-1-26st8
          Normal  Completed         0s    job-controller  Job completed
    "#]],
    );
    check(
        &mut story,
        "describe cronjob tick",
        expect![[r#"
        Name:                          tick
        Namespace:                     default
        Labels:                        <none>
        Annotations:                   <none>
        Schedule:                      0 3 * * *
        Concurrency Policy:            Allow
        Suspend:                       False
        Successful Job History Limit:  3
        Failed Job History Limit:      1
        Starting Deadline Seconds:     <unset>
        Selector:                      <unset>
        Parallelism:                   <unset>
        Completions:                   <unset>
        Pod Template:
          Labels:       app=pi
          Annotations:  sim.kubestep.dev/exit-after: 3s
          Containers:
           pi:
            Image:           busybox:1.36
            Port:            <none>
            Host Port:       <none>
            Environment:     <none>
            Mounts:          <none>
          Volumes:           <none>
          Node-Selectors:    <none>
          Tolerations:       <none>
        Last Schedule Time:  <unset>
        Active Jobs:         <none>
        Events:              <none>
    "#]],
    );
}

#[test]
fn what_bounds_others_tells_its_numbers() {
    let mut story = Story::of(&format!(
        "{}---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: small}}
spec: {{scopes: [NotTerminating], hard: {{pods: '4'}}}}
---
apiVersion: v1
kind: LimitRange
metadata: {{name: memory}}
spec:
  limits:
  - {{type: Container, default: {{memory: 128Mi}}, max: {{memory: 256Mi, cpu: '2'}}}}
  - {{type: PersistentVolumeClaim, min: {{storage: 1Gi}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web}}
spec: {{maxUnavailable: 50%, selector: {{matchLabels: {{app: web}}}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  maxReplicas: 4
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  metrics:
  - {{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}
  - {{type: Resource, resource: {{name: memory, target: {{type: AverageValue, averageValue: 64Mi}}}}}}
",
        web(2, "", "")
    ));
    check(
        &mut story,
        "describe quota small",
        expect![[r#"
        Name:       small
        Namespace:  default
        Scopes:     NotTerminating
         * Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.
        Resource  Used  Hard
        --------  ----  ----
        pods      2     4
    "#]],
    );
    check(
        &mut story,
        "describe limitrange memory",
        expect![[r#"
        Name:                  memory
        Namespace:             default
        Type                   Resource  Min  Max    Default Request  Default Limit  Max Limit/Request Ratio
        ----                   --------  ---  ---    ---------------  -------------  -----------------------
        Container              cpu       -    2      2                2              -
        Container              memory    -    256Mi  128Mi            128Mi          -
        PersistentVolumeClaim  storage   1Gi  -      -                -              -
    "#]],
    );
    check(
        &mut story,
        "describe pdb web",
        expect![[r#"
        Name:             web
        Namespace:        default
        Max unavailable:  50%
        Selector:         app=web
        Status:
            Allowed disruptions:  1
            Current:              2
            Desired:              1
            Total:                2
        Events:
          Type    Reason  Age   From               Message
          ----    ------  ----  ----               -------
          Normal  NoPods  2s    controllermanager  No matching pods found
    "#]],
    );
    check(
        &mut story,
        "describe hpa web",
        expect![[r#"
        Name:                                                  web
        Namespace:                                             default
        Labels:                                                <none>
        Annotations:                                           <none>
        CreationTimestamp:                                     Thu, 01 Jan 2026 00:00:00 +0000
        Reference:                                             Deployment/web
        Metrics:                                               ( current / target )
          resource cpu on pods  (as a percentage of request):  <unknown> / 50%
          resource memory on pods:                             <unknown> / 64Mi
        Min replicas:                                          1
        Max replicas:                                          4
        Deployment pods:                                       0 current / 0 desired
        Events:                                                <none>
    "#]],
    );
    check(
        &mut story,
        "describe namespace default",
        expect![[r#"
        Name:         default
        Labels:       kubernetes.io/metadata.name=default
        Annotations:  <none>
        Status:       Active

        Resource Quotas
          Name:    small
          Scopes:  NotTerminating
          * Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.
          Resource  Used  Hard
          --------  ---   ---
          pods      2     4

        Resource Limits
         Type                   Resource  Min  Max    Default Request  Default Limit  Max Limit/Request Ratio
         ----                   --------  ---  ---    ---------------  -------------  -----------------------
         Container              cpu       -    2      2                2              -
         Container              memory    -    256Mi  128Mi            128Mi          -
         PersistentVolumeClaim  storage   1Gi  -      -                -              -
    "#]],
    );
}

#[test]
fn storage_and_data_are_described() {
    let mut story = Story::of(
        "apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 2Gi}
  hostPath: {path: /data}
  nodeAffinity:
    required: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd, fast]}]}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: example.com/fast
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: fast, text: 'a b'}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {password: abc}
",
    );
    story.run("run solo --image=web:1");
    check(
        &mut story,
        "describe pv disk",
        expect![[r#"
        Name:              disk
        Labels:            <none>
        Annotations:       pv.kubernetes.io/bound-by-controller: yes
        Finalizers:        [kubernetes.io/pv-protection]
        StorageClass:      
        Status:            Bound
        Claim:             default/data
        Reclaim Policy:    Retain
        Access Modes:      RWO
        VolumeMode:        Filesystem
        Capacity:          2Gi
        Node Affinity:     
          Required Terms:  
            Term 0:        disk in [ssd, fast]
        Message:           
        Source:
            Type:          HostPath (bare host directory volume)
            Path:          /data
            HostPathType:  
        Events:            <none>
    "#]],
    );
    check(
        &mut story,
        "describe pvc data",
        expect![[r#"
        Name:          data
        Namespace:     default
        StorageClass:  
        Status:        Bound
        Volume:        disk
        Labels:        <none>
        Annotations:   pv.kubernetes.io/bind-completed: yes
                       pv.kubernetes.io/bound-by-controller: yes
        Finalizers:    [kubernetes.io/pvc-protection]
        Capacity:      2Gi
        Access Modes:  RWO
        VolumeMode:    Filesystem
        Used By:       <none>
        Events:        <none>
    "#]],
    );
    check(
        &mut story,
        "describe storageclass fast",
        expect![[r#"
        Name:            fast
        IsDefaultClass:  No
        Annotations:     kubectl.kubernetes.io/last-applied-configuration={"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"annotations":{},"name":"fast"},"provisioner":"example.com/fast"}

        Provisioner:           example.com/fast
        Parameters:            <none>
        AllowVolumeExpansion:  <unset>
        MountOptions:          <none>
        ReclaimPolicy:         Delete
        VolumeBindingMode:     Immediate
        Events:                <none>
    "#]],
    );
    check(
        &mut story,
        "describe configmap settings",
        expect![[r#"
        Name:         settings
        Namespace:    default
        Labels:       <none>
        Annotations:  <none>

        Data
        ====
        mode:
        ----
        fast

        text:
        ----
        a b


        BinaryData
        ====

        Events:  <none>
    "#]],
    );
    check(
        &mut story,
        "describe secret key",
        expect![[r#"
        Name:         key
        Namespace:    default
        Labels:       <none>
        Annotations:  <none>

        Type:  Opaque

        Data
        ====
        password:  3 bytes
    "#]],
    );
}
