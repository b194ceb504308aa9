//! kubectl rollout: history, undo, pause, restart, status.

use std::rc::Rc;

use super::{Answer, Terminal, WEB, fails, prints};
use crate::engine::Command;
use crate::kubectl::parse;

const UNDO_WARNING: &str = "Warning: resource deployments/web was previously managed with 'kubectl apply'. Rolling back \
    will not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior \
    on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file \
    instead.\n";

#[test]
fn history_and_undo() {
    let mut terminal = Terminal::new();
    terminal.apply(WEB);
    terminal.run("annotate deployment web kubernetes.io/change-cause=\"first version\"", "");
    terminal.run("set image deployment/web web=nginx:1.28", "");
    terminal.run("annotate deployment web kubernetes.io/change-cause=\"new image\"", "");
    let history = |rows: &str| format!("deployment.apps/web \nREVISION   CHANGE-CAUSE\n{rows}\n");
    assert_eq!(
        terminal.run("rollout history deployment/web", ""),
        prints(&history("1          first version\n2          new image\n"))
    );
    assert_eq!(
        terminal.run("rollout history deployment/web --revision=1", ""),
        prints(
            "deployment.apps/web with revision #1\nPod Template:\n  Labels:\tapp=web\n\tpod-template-hash=596556dd5f\n  \
             Annotations:\tkubernetes.io/change-cause: first version\n  Containers:\n   web:\n    \
             Image:\tnginx:1.27\n    Port:\t80/TCP\n    Host Port:\t0/TCP\n    Environment:\t<none>\n    \
             Mounts:\t<none>\n  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>\n\n"
        )
    );
    let unknown = "error: unable to find the specified revision\n";
    assert_eq!(terminal.run("rollout history deployment/web --revision=9", ""), fails("", unknown));
    let too_far = format!("{UNDO_WARNING}error: unable to find specified revision 7 in history\n");
    assert_eq!(terminal.run("rollout undo deployment/web --to-revision=7", ""), fails("", &too_far));
    let undone = "deployment.apps/web rolled back\n".to_owned();
    assert_eq!(
        terminal.run("rollout undo deployment/web", ""),
        Answer { exit: 0, stdout: undone, stderr: UNDO_WARNING.to_owned() }
    );
    assert_eq!(
        terminal.run("rollout history deployment web api", ""),
        fails(
            &history("2          new image\n3          first version\n"),
            "Error from server (NotFound): deployments.apps \"api\" not found\n"
        )
    );
    let same =
        "deployment.apps/web skipped rollback (current template already matches revision 3)\n".to_owned();
    assert_eq!(
        terminal.run("rollout undo deployment/web --to-revision=3", ""),
        Answer { exit: 0, stdout: same, stderr: UNDO_WARNING.to_owned() }
    );
}

#[test]
fn pause_resume_and_restart() {
    let mut terminal = Terminal::new();
    terminal.apply(WEB);
    let cases = [
        ("rollout pause deployment/web", Ok("deployment.apps/web paused\n")),
        ("rollout pause deployment/web", Err("error: deployments.apps \"web\" is already paused\n")),
        (
            "rollout restart deployment/web",
            Err(
                "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)\n",
            ),
        ),
        ("rollout resume deployment/web", Ok("deployment.apps/web resumed\n")),
        ("rollout resume deployment/web", Err("error: deployments.apps \"web\" is not paused\n")),
        ("rollout restart deployment web", Ok("deployment.apps/web restarted\n")),
        ("rollout restart pod/x", Err("Error from server (NotFound): pods \"x\" not found\n")),
    ];
    for (line, expected) in cases {
        let expected = expected.map_or_else(|stderr| fails("", stderr), prints);
        assert_eq!(terminal.run(line, ""), expected, "{line}");
    }
}

#[test]
fn rollout_status_tells_until_it_is_done() {
    let mut terminal = Terminal::new();
    terminal.apply(&WEB.replace("replicas: 1", "replicas: 2"));
    let invocation = parse("set image deployment/web web=nginx:1.28", &|_| None).unwrap();
    terminal.timeline.submit(Command::Kubectl(Rc::new(invocation)));
    let answer = terminal.run("rollout status deployment/web", "");
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!(lines.last(), Some(&"deployment \"web\" successfully rolled out"));
    let waits = "Waiting for deployment \"web\" rollout to finish: ";
    assert!(
        lines.contains(&format!("{waits}1 out of 2 new replicas have been updated...").as_str()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&format!("{waits}1 old replicas are pending termination...").as_str()),
        "{lines:?}"
    );
    let wrong = "error: desired revision (1) is different from the running revision (2)\n";
    assert_eq!(terminal.run("rollout status deployment/web --revision=1", ""), fails("", wrong));
    terminal.run("set image deployment/web web=nginx:missing", "");
    let waiting = format!("{waits}1 out of 2 new replicas have been updated...\n");
    let late = "error: timed out waiting for the condition\n";
    let answer = terminal.run("rollout status deployment/web --timeout=5s", "");
    assert_eq!((answer.exit, answer.stderr.as_str()), (1, late));
    assert!(answer.stdout.starts_with(&waiting), "{}", answer.stdout);
}
