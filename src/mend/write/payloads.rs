//! All payloads into the new backup, each under its own name in its own place.

use rayon::prelude::*;

use crate::contents::places::{Letters, Name};
use crate::mend::astray::Found;
use crate::mend::mend_plan::Means;
use crate::mend::payloads::InPlace;
use crate::mend::prepare::Prepared;
use crate::mendable::Refused;
use crate::model::ManifestFormat;
use crate::model::progress::{Event, Monitor};
use crate::system::Folder;
use crate::system::making::{self, NewFolder};

use super::copy::Payload;
use super::keeper::{changed, not_read, not_written};

/// Writes them, on the threads of the current pool.
///
/// # Errors
/// Why one of them was not.
pub fn write(
    prepared: &Prepared,
    new: &NewFolder,
    means: Means,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    let amount = prepared.payloads.amount();
    monitor.tell(Event::Mending {
        files: amount.files,
        bytes: amount.bytes,
    });
    let shards = (0..=u8::MAX).into_par_iter();
    shards.try_for_each(|shard| of_shard(prepared, new, means, shard, monitor))
}

fn of_shard(
    prepared: &Prepared,
    new: &NewFolder,
    means: Means,
    shard: u8,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    let source = &prepared.close.metadata.folder;
    let own;
    let into = match prepared.format {
        ManifestFormat::Mbdb => new,
        // A device has all of them, also those that are empty (F§3).
        ManifestFormat::Sqlite => {
            let name = format!("{shard:02x}");
            let like = making::mode_of_folder(&source.join(&name));
            own = (new.folder(&name, like))
                .map_err(|error| not_written(&new.path().join(&name), &error))?;
            &own
        }
    };
    let in_place = &prepared.payloads.in_place[usize::from(shard)];
    let folders = prepared.places.open(shard);
    for payload in in_place {
        let Some(from) = folders.open.get(usize::from(payload.folder)) else {
            return Err(changed(source));
        };
        bring_in_place(payload, from, into, means, monitor)?;
    }
    let found = prepared.payloads.found.iter();
    for found in found.filter(|found| found.id.shard() == shard) {
        bring_found(prepared, found, into, means, monitor)?;
    }
    if let ManifestFormat::Sqlite = prepared.format {
        let synced = into.sync();
        synced.map_err(|error| not_written(into.path(), &error))?;
    }
    Ok(())
}

fn bring_in_place(
    payload: &InPlace,
    from: &Folder,
    into: &NewFolder,
    means: Means,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    let new_name = Name::of(payload.id, Letters::Small);
    let name = payload.name();
    let payload = Payload {
        from,
        name: name.as_str(),
        new_name: new_name.as_str(),
        size: payload.size,
    };
    bring(&payload, into, means, monitor)
}

/// One that lies elsewhere: each folder on the way is opened in the one above it, so that no link is followed.
fn bring_found(
    prepared: &Prepared,
    found: &Found,
    into: &NewFolder,
    means: Means,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    let source = &prepared.close.metadata.folder;
    let place = source.join(&found.from);
    let failed = |error: std::io::Error| not_read(&place, &error);
    let mut from = Folder::open(source.clone()).map_err(failed)?;
    let above = found
        .from
        .parent()
        .into_iter()
        .flat_map(|above| above.iter());
    for name in above {
        from = from.folder(name).map_err(failed)?;
    }
    let Some(name) = found.from.file_name().and_then(|name| name.to_str()) else {
        return Err(changed(&place));
    };
    let new_name = Name::of(found.id, Letters::Small);
    let payload = Payload {
        from: &from,
        name,
        new_name: new_name.as_str(),
        size: found.size,
    };
    bring(&payload, into, means, monitor)
}

fn bring(
    payload: &Payload<'_>,
    into: &NewFolder,
    means: Means,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    if monitor.is_stopped() {
        return Err(Refused::stopped());
    }
    match means {
        Means::Cloned => payload.clone_into(into, monitor),
        Means::Linked => payload.link_into(into, monitor),
        Means::Copied => payload.copy_into(into, monitor),
    }?;
    /// What a long file told of meanwhile.
    const AT_ONCE: u64 = 64 << 20;
    let told = match means {
        Means::Copied => payload.size - payload.size % AT_ONCE,
        Means::Cloned | Means::Linked => 0,
    };
    monitor.tell(Event::Mended {
        files: 1,
        bytes: payload.size - told,
    });
    Ok(())
}
