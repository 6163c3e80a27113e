//! A mend that is ended anywhere: what is left is named so that nobody takes it for a backup, the next scan
//! says so, and the next mend begins anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use serde_json::Value;

use super::device_check::check;
use super::mended::told;
use super::scene::{Era, NOTE, Scene, UDID, usual};
use crate::harness::{Ended as _, NOW, Run, program, same_environment};
use crate::support::{BackupBuilder, tree_digest};

/// Calls of the system that change something on a disk, and one that begins whatever is done to a file.
const CALLS: &str = "openat,write,pwrite64,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,\
                     unlinkat,rmdir,ftruncate,fsync,fdatasync,copy_file_range,sendfile,ioctl,utimensat,\
                     fchmod,fchmodat,chmod";

/// What is left of a run that was ended.
fn left(scene: &Scene) -> Vec<String> {
    let entries = fs::read_dir(scene.to()).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn damaged() -> Scene {
    let builder = (0..6).fold(BackupBuilder::new(UDID).bare(), |builder, number| {
        builder.file(
            "HomeDomain",
            &format!("Library/{number}.txt"),
            &[number; 70],
        )
    });
    let builder = builder.file(NOTE.0, NOTE.1, b"a note").no_empty_shards();
    let mut scene = Scene::of(Era::Open, builder);
    fs::remove_file(scene.place(NOTE)).unwrap();
    scene.loses(NOTE, "file-missing");
    scene.remove("Status.plist");
    scene.repairs("status-written");
    scene
}

/// What must hold however far it came, and that the next one gets through.
fn is_well(scene: &Scene, before: &str, when: &str) {
    assert_eq!(tree_digest(&scene.backup), before, "{when}");
    let names = left(scene);
    let aside = format!(".bkscan-mending-{UDID}");
    let record = format!("{UDID}.mended.json");
    if names.contains(&UDID.to_owned()) {
        // It was through; at most the word about it is missing.
        assert!(
            names.iter().all(|name| *name == UDID || *name == record),
            "{when}: {names:?}"
        );
        let result = scene.to().join(UDID);
        check(&result, None).unwrap_or_else(|why| panic!("{when}: {why}"));
        scene.is_complete(&result, &[]);
        fs::remove_dir_all(scene.to()).unwrap();
    } else {
        assert!(names.iter().all(|name| *name == aside), "{when}: {names:?}");
        if names == [aside.as_str()] {
            is_no_backup(&scene.to(), &aside, when);
        }
    }
    scene.is_as_told(&told(&scene.mend(&scene.to(), &[])));
    fs::remove_dir_all(scene.to()).unwrap();
}

/// No scan takes it for one, and each says what it is.
fn is_no_backup(to: &Path, aside: &str, when: &str) {
    let before = tree_digest(to);
    let mut command = program();
    let run: Run = command
        .arg(to)
        .args(["--json", "--now", NOW])
        .ended()
        .unwrap()
        .into();
    assert_eq!(run.code, 3, "{when}: {run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["backups"], Value::Array(vec![]), "{when}");
    let beside = document["beside"].as_array().unwrap();
    let is_it = |entry: &Value| {
        entry["path"]
            .as_str()
            .is_some_and(|path| path.ends_with(aside))
    };
    assert!(beside.iter().any(is_it), "{when}: {document:#}");
    assert_eq!(tree_digest(to), before, "{when}");
}

/// A run that the system ends when a thread makes this call for so many times.
fn ended_at(scene: &Scene, signal: &str, (call, count): &(String, usize)) -> ExitStatus {
    let inject = format!("inject={call}:signal={signal}:when={count}");
    let mut strace = strace(scene, "/dev/null");
    strace.args(["-e", &inject]);
    with_the_program(&mut strace, scene);
    strace.stdout(Stdio::null()).stderr(Stdio::null());
    strace.ended().unwrap().status
}

fn strace(scene: &Scene, into: &str) -> Command {
    let mut strace = Command::new("strace");
    same_environment(&mut strace, &scene.command(&scene.to()));
    strace.args(["-f", "-qq", "-o", into, "-e", &format!("trace={CALLS}")]);
    strace
}

fn with_the_program(command: &mut Command, scene: &Scene) {
    let usual = scene.command(&scene.to());
    command.arg(usual.get_program()).args(usual.get_args());
    // So the same calls come in the same order.
    command.args(["--threads", "1"]);
}

/// All calls of a whole run, in their order: which it is, and for how many times its thread makes it.
fn calls(scene: &Scene) -> Vec<(String, usize)> {
    let trace = scene.all().join("trace");
    let mut strace = strace(scene, trace.to_str().unwrap());
    with_the_program(&mut strace, scene);
    let run: Run = strace.ended().unwrap().into();
    assert_eq!(run.code, 0, "{run:#?}");
    fs::remove_dir_all(scene.to()).unwrap();
    let mut counts = BTreeMap::new();
    let trace = fs::read_to_string(trace).unwrap();
    let begun = trace.lines().filter_map(|line| line.split_once('('));
    let begun = begun.filter_map(|(head, _)| head.split_once(' '));
    let begun = begun.filter(|(_, call)| !call.contains('<'));
    let numbered = begun.map(|(thread, call)| {
        let call = call.trim().to_owned();
        let count = counts.entry((thread.to_owned(), call.clone())).or_insert(0);
        *count += 1;
        (call, *count)
    });
    numbered.collect()
}

/// Ends it so often, from the first call to the last.
fn end_at_many(signal: &str, times: usize) {
    if Command::new("strace").arg("-V").ended().is_err() {
        return;
    }
    let scene = damaged();
    let before = tree_digest(&scene.backup);
    let calls = calls(&scene);
    assert!(calls.len() > 2 * times, "{}", calls.len());
    let mut ended = 0;
    for time in 0..times {
        let call = &calls[time * (calls.len() - 1) / (times - 1)];
        let status = ended_at(&scene, signal, call);
        ended += usize::from(!status.success());
        if signal == "INT" && !status.success() {
            // Before it is caught, a signal ends it by itself.
            let is_told = [None, Some(130)].contains(&status.code());
            assert!(is_told, "at {call:?}: {status}");
        }
        is_well(
            &scene,
            &before,
            &format!("SIG{signal} at {call:?}, {status}"),
        );
    }
    assert!(ended > times * 9 / 10, "{ended} of {times}");
}

mod slow {
    use super::end_at_many;

    #[test]
    #[ignore = "needs strace; .ci/run"]
    fn ended_anywhere_it_leaves_nothing_that_looks_like_a_backup() {
        end_at_many("KILL", 40);
    }

    #[test]
    #[ignore = "needs strace; .ci/run"]
    fn stopped_by_its_user_anywhere() {
        end_at_many("INT", 12);
    }
}

mod long {
    use super::end_at_many;

    #[test]
    #[ignore = "takes minutes: `.ci/long` runs it"]
    fn ended_and_stopped_at_many_more_places() {
        end_at_many("KILL", 100);
        end_at_many("INT", 30);
    }
}

/// The system ends it where a file would become longer than this.
#[test]
fn ended_in_the_middle() {
    for blocks in [0, 1, 4, 16] {
        let mut scene = Scene::of(Era::Open, usual());
        fs::remove_file(scene.place(NOTE)).unwrap();
        scene.loses(NOTE, "file-missing");
        let before = tree_digest(&scene.backup);
        let mut limited = Command::new("sh");
        same_environment(&mut limited, &scene.command(&scene.to()));
        limited.args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        with_the_program(&mut limited, &scene);
        // With `--json` into a pipe, which has no limit.
        let output = limited.ended().unwrap();
        assert!(!output.status.success(), "{blocks}: {output:?}");
        assert!(!scene.to().join(UDID).exists());
        is_well(&scene, &before, &format!("{blocks} blocks"));
    }
}

/// What it left is not what somebody else put there, and only that of this device goes.
#[test]
fn what_another_mend_left_stays() {
    let scene = damaged();
    let to = scene.to();
    let other = to.join(".bkscan-mending-00008030-001122334455667A");
    fs::create_dir_all(other.join("0a")).unwrap();
    fs::write(other.join("Manifest.db"), "half of one").unwrap();
    let before = tree_digest(&other);
    told(&scene.mend(&to, &[]));
    assert_eq!(tree_digest(&other), before);
    assert!(to.join(UDID).is_dir());
}
