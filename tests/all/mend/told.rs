//! What a mend says: the same on any number of threads, all of what is lost, and no names where none are wanted.

use std::fs;

use serde_json::Value;

use super::mended::told;
use super::scene::{Era, NOTE, PHOTO, Scene, UDID};
use crate::harness::{Ended as _, NOW, Run, program};

/// Two files are missing, a third lies elsewhere.
fn damaged(era: Era) -> Scene {
    let mut scene = Scene::new(era);
    for name in [NOTE, PHOTO] {
        fs::remove_file(scene.place(name)).unwrap();
        scene.loses(name, "file-missing");
    }
    scene.remove("Status.plist");
    scene
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_is_the_same_on_any_number_of_threads() {
    for era in [Era::Sealed, Era::Old] {
        let scene = damaged(era);
        let documents = ["1", "8"].map(|threads| {
            let run = scene.mend(&scene.to(), &["--threads", threads]);
            fs::remove_dir_all(scene.to()).unwrap();
            let mut mended = told(&run);
            // What is free changes while others write.
            mended["available_bytes"].take();
            mended
        });
        assert_eq!(documents[0], documents[1]);
    }
}

/// On the screen.
fn screen(scene: &Scene, more: &[&str]) -> String {
    let mut command = program();
    command
        .arg("mend")
        .arg(&scene.backup)
        .arg("--to")
        .arg(scene.to());
    let run: Run = command
        .args(["--now", NOW])
        .args(more)
        .ended()
        .unwrap()
        .into();
    assert_eq!(run.code, 0, "{run:#?}");
    let _ = fs::remove_dir_all(scene.to());
    run.stdout + &run.stderr
}

/// Contract §11.
#[test]
fn it_promises_no_more_than_it_knows() {
    let scene = damaged(Era::Open);
    let text = screen(&scene, &[]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["by the device's own rules", "only the device can say", UDID] {
        assert!(line.contains(words), "{words:?} is not in {text}");
    }
    // A plan speaks of what is not there yet.
    let plan = screen(&scene, &["--plan"]);
    assert!(!plan.contains("only the device can say"), "{plan}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn names_are_taken_out() {
    let scene = damaged(Era::Open);
    let folder = scene.all().display().to_string();
    let personal = [
        UDID,
        "Test iPhone",
        "TESTSERIAL01",
        "IMG_0104",
        "note.txt",
        &folder,
    ];
    for more in [
        &["--redact"][..],
        &["--redact", "--json"],
        &["--redact", "--plan"],
    ] {
        let text = screen(&scene, more);
        for word in personal {
            assert!(!text.contains(word), "{more:?}: {word:?} is in {text}");
        }
    }
    // What lies beside the result is for its owner, and as it is without.
    scene.mend(&scene.to(), &["--redact"]);
    let record = fs::read_to_string(scene.to().join(format!("{UDID}.mended.json"))).unwrap();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["mended"]["udid"], UDID);
}
