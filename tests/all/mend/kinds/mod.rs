//! Each kind of damage by itself, in every era in which there is such a thing, and what the mended backup is:
//! complete to the end of each file, with just the rows that could be kept and the bytes of the source.

mod lists;
mod payloads;
mod states;

use rayon::prelude::*;

use super::scene::{Era, Scene};

/// What it is, in which eras there is such a thing, and what is done to a healthy backup.
type Kind = (&'static str, &'static [Era], fn(&mut Scene));

/// Has each of these mended, in each of its eras.
fn mended(kinds: &[Kind]) {
    let cases = kinds.iter().flat_map(|(name, eras, damage)| {
        let case = move |era: &Era| (*name, *era, *damage);
        eras.iter().map(case)
    });
    let cases: Vec<_> = cases.collect();
    let wrong: Vec<String> = cases
        .into_par_iter()
        .filter_map(|(name, era, damage)| {
            let try_it = || {
                let mut scene = Scene::new(era);
                damage(&mut scene);
                scene.is_mended();
            };
            let panic = std::panic::catch_unwind(try_it).err()?;
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()));
            Some(format!("{name}, {era:?}: {}", words.unwrap_or_default()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
