//! Where a scan offers mending: where the plan says how, and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

use super::scene::{Era, NOTE, PHOTO, Scene, id};

/// All payloads of a database's backup.
fn payloads(scene: &Scene) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let folders = entries(&scene.backup).into_iter();
    let shards = folders.filter(|folder| folder.file_name().unwrap().len() == 2);
    shards.flat_map(|shard| entries(&shard)).collect()
}

fn remove_payloads(scene: &Scene, but: usize) {
    for place in payloads(scene).iter().skip(but) {
        fs::remove_file(place).unwrap();
    }
}

fn cut(scene: &Scene, name: &str, length: u64) {
    let file = fs::OpenOptions::new()
        .write(true)
        .open(scene.backup.join(name));
    file.unwrap().set_len(length).unwrap();
}

fn moved_to_top(scene: &Scene) {
    for place in payloads(scene) {
        let name: &Path = place.file_name().unwrap().as_ref();
        fs::rename(&place, scene.backup.join(name)).unwrap();
    }
}

fn in_cloud(scene: &Scene) {
    let place = scene.place(PHOTO);
    let placeholder = place.with_file_name(format!(".{}.icloud", id(PHOTO)));
    fs::rename(&place, placeholder).unwrap();
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_is_offered_where_it_is_done() {
    type Case = (&'static str, Era, fn(&mut Scene), bool);
    let cases: &[Case] = &[
        ("healthy", Era::Open, |_| {}, false),
        (
            "one is gone",
            Era::Open,
            |scene| fs::remove_file(scene.place(NOTE)).unwrap(),
            true,
        ),
        (
            "one is gone",
            Era::Sealed,
            |scene| fs::remove_file(scene.place(NOTE)).unwrap(),
            true,
        ),
        (
            "one is left",
            Era::Open,
            |scene| remove_payloads(scene, 1),
            true,
        ),
        (
            "none is left",
            Era::Open,
            |scene| remove_payloads(scene, 0),
            false,
        ),
        (
            "in another place",
            Era::Open,
            |scene| moved_to_top(scene),
            true,
        ),
        ("in a cloud", Era::Open, |scene| in_cloud(scene), false),
        (
            "a list of nothing",
            Era::Open,
            |scene| cut(scene, "Manifest.db", 4096),
            false,
        ),
        (
            "no list",
            Era::Open,
            |scene| cut(scene, "Manifest.db", 0),
            false,
        ),
        (
            "no Status.plist",
            Era::Open,
            |scene| scene.remove("Status.plist"),
            true,
        ),
        (
            "no Manifest.plist",
            Era::Open,
            |scene| scene.remove("Manifest.plist"),
            true,
        ),
        (
            "no keys",
            Era::Sealed,
            |scene| scene.remove("Manifest.plist"),
            false,
        ),
        (
            "nobody says which device",
            Era::Open,
            |scene| {
                scene.remove("Manifest.plist");
                scene.remove("Info.plist");
            },
            false,
        ),
    ];
    for (what, era, damage, expected) in cases {
        let mut scene = Scene::new(*era);
        damage(&mut scene);
        let document = scene.scan(&[]);
        let mut advice = document["advice"].as_array().unwrap().iter();
        let is_offered = advice.any(|advice| advice["id"] == "mend-copy");
        let planned = scene.mend(&scene.to(), &["--plan"]);
        let is_planned = planned.code == 0 && planned.stdout.contains("\"lost\"");
        let both = (is_offered, is_planned);
        assert_eq!(
            both,
            (*expected, *expected),
            "{what}, {era:?}: {planned:#?}"
        );
    }
}
