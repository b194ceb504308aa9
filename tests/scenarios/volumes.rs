//! Claims and volumes: who gets which, who waits for whom, and what is kept while it is in use.

use expect_test::expect;
use kubestep_core::engine::{Budget, Until};
use kubestep_core::{Duration, Time};
use kubestep_tests::{Chapter, Story};

const DISKS: &str = "
apiVersion: v1
kind: PersistentVolume
metadata: {name: large}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /data/large}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: small}
spec:
  capacity: {storage: 2Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /data/small}
";

const DATABASE: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'postgres:16'}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
";

fn simulation(class: &str) -> String {
    format!(
        "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {{defaultStorageClass: {class}}}\n---"
    )
}

/// What the controllers of claims and volumes, and the scheduler, did.
fn of_volumes(told: &str) -> String {
    let lines = told.lines().filter(|line| {
        ["PersistentVolume controller", "Volume protection", "Provisioner", "Scheduler"]
            .iter()
            .any(|actor| line.contains(actor))
            && !line.contains("Finds nothing")
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_claim_gets_the_smallest_volume_that_will_do() {
    let mut story = Story::of(DISKS);
    story.tells(Chapter::Everything);
    story.apply(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  accessModes: [ReadWriteOnce]\n  \
         resources: {requests: {storage: 1Gi}}\n",
    );
    expect![[r#"
        0.057   PersistentVolume controller: Binds data to small: the volume is told.
        0.062   PersistentVolume controller: Binds data to small: the volume is Bound.
        0.067   PersistentVolume controller: Binds data to small: the claim is told.
        0.072   PersistentVolume controller: Binds data to small: the claim is Bound.
    "#]]
    .assert_eq(&of_volumes(&story.tells(Chapter::Everything)));
    let listed = story.run("get pvc,pv");
    expect![[r#"
        NAME                         STATUS   VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE
        persistentvolumeclaim/data   Bound    small    2Gi        RWO                           <unset>                 0s

        NAME                     CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS      CLAIM          STORAGECLASS   VOLUMEATTRIBUTESCLASS   REASON   AGE
        persistentvolume/large   10Gi       RWO            Retain           Available                                 <unset>                          0s
        persistentvolume/small   2Gi        RWO            Retain           Bound       default/data                  <unset>                          0s
    "#]]
    .assert_eq(&story.output(listed));
}

#[test]
fn a_claim_that_a_pod_uses_is_kept_until_the_pod_is_gone() {
    let mut story = Story::of(&format!("{}{DATABASE}", simulation("WaitForFirstConsumer")));
    expect![[r#"
        0.033   PersistentVolume controller: Records Event WaitForPodScheduled: waiting for pod db-0 to be scheduled
        0.038   Scheduler: Gets volumes on node-1 for the claims of db-0.
        0.052   PersistentVolume controller: Asks for a volume for data-db-0, of class standard.
        0.052   PersistentVolume controller: Records Event ExternalProvisioning: Waiting for a volume to be created either by the exte…
        0.066   PersistentVolume controller: Records Event ExternalProvisioning: Waiting for a volume to be created either by the exte…
        0.856   Provisioner: Records Event Provisioning: External provisioner is provisioning volume for claim "defaul…
        0.861   Provisioner: Makes pvc-88949b80-a87d-45cd-97c4-71a1aaefbf7c, a volume of class standard.
        0.861   Provisioner: Records Event ProvisioningSucceeded: Successfully provisioned volume pvc-88949b80-a87d-45…
        0.875   PersistentVolume controller: Binds data-db-0 to pvc-88949b80-a87d-45cd-97c4-71a1aaefbf7c: the volume is Bound.
        0.880   PersistentVolume controller: Binds data-db-0 to pvc-88949b80-a87d-45cd-97c4-71a1aaefbf7c: the claim is told.
        0.885   PersistentVolume controller: Binds data-db-0 to pvc-88949b80-a87d-45cd-97c4-71a1aaefbf7c: the claim is Bound.
        0.894   Scheduler: Binds db-0 to node-1: its claims have their volumes.
        0.894   Scheduler: Records Event Scheduled: Successfully assigned default/db-0 to node-1
        2.291   PersistentVolume controller: Records Event WaitForPodScheduled: waiting for pod db-1 to be scheduled
        2.296   Scheduler: Gets volumes on node-2 for the claims of db-1.
        2.310   PersistentVolume controller: Asks for a volume for data-db-1, of class standard.
        2.310   PersistentVolume controller: Records Event ExternalProvisioning: Waiting for a volume to be created either by the exte…
        2.324   PersistentVolume controller: Records Event ExternalProvisioning: Waiting for a volume to be created either by the exte…
        3.114   Provisioner: Records Event Provisioning: External provisioner is provisioning volume for claim "defaul…
        3.119   Provisioner: Makes pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153, a volume of class standard.
        3.119   Provisioner: Records Event ProvisioningSucceeded: Successfully provisioned volume pvc-6c2c7538-b4a6-4c…
        3.133   PersistentVolume controller: Binds data-db-1 to pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153: the volume is Bound.
        3.138   PersistentVolume controller: Binds data-db-1 to pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153: the claim is told.
        3.143   PersistentVolume controller: Binds data-db-1 to pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153: the claim is Bound.
        3.152   Scheduler: Binds db-1 to node-2: its claims have their volumes.
        3.152   Scheduler: Records Event Scheduled: Successfully assigned default/db-1 to node-2
    "#]].assert_eq(&of_volumes(&whole(&story)));
    story.tells(Chapter::Everything);
    story.run("delete pvc data-db-1 --wait=false");
    expect![[r#""#]].assert_eq(&of_volumes(&story.tells(Chapter::Everything)));
    story.run("scale statefulset/db --replicas=1");
    expect![[r#"
        6.288   Volume protection controller: Lets data-db-1 go: no pod uses it.
        6.302   PersistentVolume controller: Releases pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153: its claim is gone.
        6.316   Provisioner: Deletes pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153: its claim is gone.
        6.330   Volume protection controller: Lets pvc-6c2c7538-b4a6-4c76-85e1-bc970b76b153 go: no claim is bound to it.
    "#]].assert_eq(&of_volumes(&story.tells(Chapter::Everything)));
    let listed = story.run("get pvc,pv,storageclass");
    expect![[r#"
        NAME                              STATUS   VOLUME                                     CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE
        persistentvolumeclaim/data-db-0   Bound    pvc-88949b80-a87d-45cd-97c4-71a1aaefbf7c   1Gi        RWO            standard       <unset>                 6s

        NAME                                                        CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS   CLAIM               STORAGECLASS   VOLUMEATTRIBUTESCLASS   REASON   AGE
        persistentvolume/pvc-88949b80-a87d-45cd-97c4-71a1aaefbf7c   1Gi        RWO            Delete           Bound    default/data-db-0   standard       <unset>                          6s

        NAME                                             PROVISIONER             RECLAIMPOLICY   VOLUMEBINDINGMODE      ALLOWVOLUMEEXPANSION   AGE
        storageclass.storage.k8s.io/standard (default)   disk.sim.kubestep.dev   Delete          WaitForFirstConsumer   false                  6s
    "#]]
    .assert_eq(&story.output(listed));
}

#[test]
fn a_pod_waits_for_a_claim_that_nothing_fits() {
    let mut story = Story::of(DATABASE);
    expect![[r#"
        0.033   PersistentVolume controller: Records Event FailedBinding: no persistent volumes available for this claim and no storag…
        0.038   Scheduler: Records Event FailedScheduling: 0/3 nodes are available: pod has unbound immediate Persis…
        0.043   Scheduler: Marks db-0 unschedulable: no node of 3 passes every filter.
    "#]].assert_eq(&of_volumes(&whole(&story)));
    story.tells(Chapter::Everything);
    story.apply(DISKS);
    story.timeline.advance(Until::Time(Time::ZERO + Duration::from_seconds(16)), Budget { steps: 1000 });
    expect![[r#"
        0.072   PersistentVolume controller: Makes large available: it is no claim's.
        0.072   Scheduler: Records Event FailedScheduling: 0/3 nodes are available: pod has unbound immediate Persis…
        0.077   PersistentVolume controller: Makes small available: it is no claim's.
        15.000  PersistentVolume controller: Binds data-db-0 to small: the volume is told.
        15.005  PersistentVolume controller: Binds data-db-0 to small: the volume is Bound.
        15.010  PersistentVolume controller: Binds data-db-0 to small: the claim is told.
        15.015  PersistentVolume controller: Binds data-db-0 to small: the claim is Bound.
        15.024  Scheduler: Binds db-0 to node-1: the first of 3 nodes with 597 points.
        15.024  Scheduler: Records Event Scheduled: Successfully assigned default/db-0 to node-1
    "#]].assert_eq(&of_volumes(&story.tells(Chapter::Everything)));
}

#[test]
fn the_scheduler_chooses_a_node_that_reaches_a_volume() {
    let local = "
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-on-3}
spec:
  capacity: {storage: 5Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: local
  local: {path: /mnt/disk}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-3]}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: local
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  containers: [{name: one, image: 'busybox:1'}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  containers: [{name: two, image: 'busybox:1'}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: missing}}]
";
    let story = Story::of(local);
    expect![[r#"
        0.024   PersistentVolume controller: Makes disk-on-3 available: it is no claim's.
        0.029   PersistentVolume controller: Records Event WaitForPodScheduled: waiting for pod one to be scheduled
        0.034   Scheduler: Gets volumes on node-3 for the claims of one.
        0.044   Scheduler: Records Event FailedScheduling: 0/3 nodes are available: persistentvolumeclaim "missing" …
        0.048   PersistentVolume controller: Binds data to disk-on-3: the volume is Bound.
        0.049   Scheduler: Marks two unschedulable: no node of 3 passes every filter.
        0.053   PersistentVolume controller: Binds data to disk-on-3: the claim is told.
        0.058   PersistentVolume controller: Binds data to disk-on-3: the claim is Bound.
        0.067   Scheduler: Binds one to node-3: its claims have their volumes.
        0.067   Scheduler: Records Event Scheduled: Successfully assigned default/one to node-3
    "#]].assert_eq(&of_volumes(&whole(&story)));
}

/// Everything that has happened.
fn whole(story: &Story) -> String {
    let lines = story.timeline.steps().iter().map(|step| kubestep_tests::line(step));
    lines.collect::<Vec<_>>().join("\n")
}
