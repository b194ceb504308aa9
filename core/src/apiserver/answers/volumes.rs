//! Volumes of every kind, in pods and as PersistentVolumes.

use super::*;

fn volume(source: &str) -> String {
    pod(&format!("volumes: [{{name: data, {source}}}]"))
}

fn persistent(spec: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: data}}, spec: {{capacity: {{storage: 1Gi}}, \
         accessModes: [ReadWriteOnce], {spec}}}}}"
    )
}

#[test]
fn each_kind_of_storage_has_fields_of_its_own() {
    const AT: &str = "spec.volumes[0]";
    let cases: &[(&str, &[&str])] = &[
        (
            "hostPath: {path: /a/../b, type: Folder}",
            &[
                ".hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
                ".hostPath.type: Unsupported value: \"Folder\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \
             \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"",
            ],
        ),
        (
            "nfs: {server: nas}",
            &[".nfs.path: Required value", ".nfs.path: Invalid value: \"\": must be an absolute path"],
        ),
        (
            "gcePersistentDisk: {partition: 256}",
            &[
                ".persistentDisk.pdName: Required value",
                ".persistentDisk.partition: Invalid value: 256: must be between 0 and 255, inclusive",
            ],
        ),
        (
            "iscsi: {targetPortal: 'a:1', iqn: iqn.2001-04.com:x, lun: -1, chapAuthSession: true}",
            &[
                ".iscsi.lun: Invalid value: -1: must be between 0 and 255, inclusive",
                ".iscsi.secretRef: Required value",
            ],
        ),
        (
            "iscsi: {targetPortal: 'a:1', iqn: disk, lun: 0}",
            &[".iscsi.iqn: Invalid value: \"disk\": must be valid format starting with iqn, eui, or naa"],
        ),
        (
            "csi: {driver: ''}",
            &[
                ".csi.driver: Required value",
                ".csi.driver: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
             characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex \
             used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ],
        ),
        ("fc: {targetWWNs: [a]}", &[".fc.lun: Required value: lun is required if targetWWNs is specified"]),
        ("flocker: {}", &[".flocker: Required value: one of datasetName and datasetUUID is required"]),
        (
            "azureDisk: {diskName: a, diskURI: b, kind: Managed}",
            &[
                ".azureDisk.diskURI: Unsupported value: \"b\": supported values: \"/subscriptions/{sub-id}/resourcegroups/\
             {group-name}/providers/microsoft.compute/disks/{disk-id}\"",
            ],
        ),
        (
            "flexVolume: {driver: a, options: {kubernetes.io/x: z}}",
            &[
                ".flexVolume.options[kubernetes.io/x]: Invalid value: \"kubernetes.io/x\": kubernetes.io and k8s.io namespaces \
             are reserved",
            ],
        ),
        ("image: {}", &[".image.reference: Required value"]),
        (
            "emptyDir: {}, cephfs: {monitors: [a]}",
            &[".cephFS: Forbidden: may not specify more than 1 volume type"],
        ),
        (
            "ephemeral: {volumeClaimTemplate: {metadata: {name: x}, spec: {accessModes: [ReadWriteOnce], resources: \
          {requests: {storage: 1Gi}}}}}",
            &[".ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set"],
        ),
    ];
    for (source, expected) in cases {
        let expected: Vec<String> = expected.iter().map(|it| format!("{AT}{it}")).collect();
        assert_eq!(refusal(&volume(source)), expected, "{source}");
    }
}

#[test]
fn storage_elsewhere_has_defaults() {
    let of = |source: &str, field: &str| stored(&volume(source), &format!("/spec/volumes/0/{field}"));
    assert_eq!(of("azureDisk: {diskName: a, diskURI: 'https://b'}", "azureDisk/cachingMode"), "ReadWrite");
    assert_eq!(of("image: {reference: 'nginx:1'}", "image/pullPolicy"), "IfNotPresent");
    assert_eq!(of("emptyDir: {sizeLimit: 1024Mi}", "emptyDir/sizeLimit"), "1Gi");
}

#[test]
fn a_persistent_volume_is_of_one_kind_of_storage() {
    check(&[
        (
            &persistent("persistentVolumeReclaimPolicy: Keep"),
            &[
                "spec.persistentVolumeReclaimPolicy: Unsupported value: \"Keep\": supported values: \"Delete\", \"Recycle\", \
             \"Retain\"",
                "spec: Required value: must specify a volume type",
            ],
        ),
        (
            &persistent("hostPath: {path: /a}, nfs: {server: a, path: /b}"),
            &["spec.nfs: Forbidden: may not specify more than 1 volume type"],
        ),
        (
            &persistent("local: {path: /a}"),
            &["spec.nodeAffinity: Required value: Local volume requires node affinity"],
        ),
        (
            &persistent("nodeAffinity: {}, csi: {driver: d, nodePublishSecretRef: {name: s}}"),
            &[
                "spec.nodeAffinity.required: Required value: must specify required node constraints",
                "spec.csi.volumeHandle: Required value",
                "spec.csi.nodePublishSecretRef.namespace: Required value",
            ],
        ),
        (
            &persistent("hostPath: {path: //.}, persistentVolumeReclaimPolicy: Recycle"),
            &[
                "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
            ],
        ),
    ]);
}

#[test]
fn the_storage_of_a_persistent_volume_stays() {
    let told = refusal_of_update(&persistent("hostPath: {path: /a}"), &persistent("hostPath: {path: /b}"));
    assert_eq!(told.len(), 1, "{told:?}");
    let starts = "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ ";
    assert!(told[0].starts_with(starts), "{told:?}");
    assert!(told[0].contains("\n-  \"Path\": \"/a\",\n+  \"Path\": \"/b\",\n"), "{told:?}");
}

#[test]
fn what_a_claim_is_filled_with_stands_in_two_fields() {
    let claim = |spec: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data}}, spec: {{accessModes: \
             [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}, {spec}}}}}"
        )
    };
    let source = "dataSource: {kind: PersistentVolumeClaim, name: other}";
    assert_eq!(stored(&claim(source), "/spec/dataSourceRef/name"), "other");
    check(&[
        (
            &claim("dataSource: {kind: Pod, name: ''}"),
            &[
                "spec.dataSource.name: Required value",
                "spec.dataSource: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default \
             apiGroup",
                "spec.dataSourceRef.name: Required value",
                "spec.dataSourceRef: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default \
             apiGroup",
            ],
        ),
        (
            &claim("accessModes: [ReadWriteOncePod, ReadOnlyMany]").replacen(
                "accessModes: [ReadWriteOnce], ",
                "",
                1,
            ),
            &["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
        ),
    ]);
}
