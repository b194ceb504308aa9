//! `kubectl help`: the commands that can be typed here.

use super::session::SessionTurn;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    text: &'static str,
    /// 1 where a command is told too little.
    exit: u8,
}

const COMMANDS: &str = "\
kubectl controls the simulated cluster.

  apply -f FILE                          make the cluster what the manifest says
  create -f FILE                         create what the manifest says
  delete (-f FILE | TYPE NAME)           delete objects, and wait until they are gone
  get TYPE [NAME] [-o wide|yaml|json]    show objects as a table; -w goes on showing what changes
  describe TYPE [NAME]                   show all of an object, and its Events
  scale TYPE NAME --replicas=N           set the number of replicas
  set image TYPE NAME CONTAINER=IMAGE    set images
  set env TYPE NAME KEY=VALUE            set environment variables; KEY- removes one
  set resources TYPE NAME --limits=...   set requests and limits
  run NAME --image=IMAGE                 create a pod
  create KIND NAME ...                   deployment, service, configmap, secret, job, cronjob, namespace,
                                         serviceaccount, role, rolebinding, clusterrole, quota, ...
  api-resources, api-versions            the kinds that there are
  auth can-i VERB KIND [--list]          whether a request would be allowed; whoami
  logs POD [-c NAME] [-f] [-p]           what a container has said
  wait TYPE NAME --for=condition=NAME    until a condition holds; delete, create, jsonpath=...
  diff -f FILE                           what apply would change
  explain TYPE[.FIELD]                   the fields of a kind and their types
  replace -f FILE                        put a whole object in its place
  version, cluster-info, config          what kubectl speaks to
  events [--for TYPE/NAME]               show what was told of, oldest first
  exec POD|TYPE/NAME -- COMMAND          env, nslookup, curl or cat in a container
  patch TYPE NAME -p PATCH               change fields
  autoscale TYPE NAME --max=N            make a HorizontalPodAutoscaler for it
  expose TYPE NAME --port=N              make a Service for its pods
  rollout COMMAND TYPE NAME              status, history, undo, pause, resume, restart
  cordon NODE, uncordon NODE             keep new pods off a node, or let them on again
  drain NODE                             evict a node's pods, and keep new ones off it
  taint nodes NODE KEY=VALUE:EFFECT      set taints; KEY- removes one
  top pod|node [NAME]                    what is used of CPU and memory
  label TYPE NAME KEY=VALUE              set labels; KEY- removes one
  annotate TYPE NAME KEY=VALUE           set annotations; KEY- removes one

Flags of every command: -n NAMESPACE, --as USER, --as-group GROUP.

Types: pods, deployments, replicasets, services, endpointslices, nodes, namespaces, events, all.
";

/// What kubectl prints of `rollout` alone.
const ROLLOUT: &str = "\
Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets

Examples:
  # Rollback to the previous deployment
  kubectl rollout undo deployment/abc
  
  # Check the rollout status of a daemonset
  kubectl rollout status daemonset/foo
  
  # Restart a deployment
  kubectl rollout restart deployment/abc
  
  # Restart deployments with the 'app=nginx' label
  kubectl rollout restart deployment --selector=app=nginx

Available Commands:
  history       View rollout history
  pause         Mark the provided resource as paused
  restart       Restart a resource
  resume        Resume a paused resource
  status        Show the status of the rollout
  undo          Undo a previous rollout

Usage:
  kubectl rollout SUBCOMMAND [options]

Use \"kubectl rollout <command> --help\" for more information about a given command.
Use \"kubectl options\" for a list of global command-line options (applies to all commands).
";

impl Help {
    /// Help about a command, or about all of them.
    pub(super) fn about(command: &str) -> Help {
        Help { text: if command == "rollout" { ROLLOUT } else { COMMANDS }, exit: 0 }
    }

    /// What a command that has commands below it says where none is named.
    pub(super) fn instead_of(command: &str) -> Help {
        Help { exit: 1, ..Help::about(command) }
    }

    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        turn.print(self.text);
        turn.end(self.exit);
    }
}
