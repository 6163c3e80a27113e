//! The sieve: counts all that the crate reads, and keeps what is wanted.

use plist::stream::OwnedEvent as Event;

use super::bounds::{MAX_DEPTH, MAX_SKIPPED_DEPTH};
use super::refused::Refused;

/// The keys that become values: each a path from the top, where `*` stands for any key. What lies on
/// the way to one and is no dictionary is kept too.
pub type Wanted = [&'static [&'static str]];

/// Most elements that are kept. One takes up to 200 bytes of memory.
const MAX_KEPT: usize = 100_000;
/// Most bytes of text and data that are kept.
const MAX_KEPT_BYTES: usize = 8 << 20;

/// Data of at most so many bytes is emptied once this much of it is kept: names of apps are read from it,
/// and a device may have thousands of apps.
const MAX_SMALL: usize = 1 << 20;
const MAX_SMALL_BYTES: usize = 6 << 20;

/// What is kept of an event.
pub(super) enum Keeps {
    Nothing,
    /// That there is data, without its bytes.
    Emptied,
    Whole,
}

/// Lets through the events of what is wanted, and counts all of them.
pub(super) struct Sieve<'a> {
    wanted: &'a Wanted,
    /// Whether a key that is no text is left out with its value, and what is nested too deeply by itself.
    for_display: bool,
    /// How many collections are open beyond the deepest that is read.
    skipped: usize,
    left: &'a mut u32,
    unfolds: usize,
    opened: Vec<Opened>,
    kept: usize,
    kept_bytes: usize,
    has_keys: bool,
}

/// An open collection.
struct Opened {
    is_dictionary: bool,
    /// In a dictionary, what becomes of the value whose key was read; `None` where a key is next.
    value: Option<Kept>,
    /// What becomes of what is in it.
    kept: Kept,
}

/// What is kept.
#[derive(Clone, Copy)]
enum Kept {
    Nothing,
    /// Of a dictionary, what the marked ones of the wanted keys lead to.
    Marked(u64),
    All,
}

impl<'a> Sieve<'a> {
    /// A sieve for a list of `len` bytes with at most `left` elements, of which it takes off those
    /// that it sees.
    pub(super) fn new(
        wanted: &'a Wanted,
        len: usize,
        for_display: bool,
        left: &'a mut u32,
    ) -> Sieve<'a> {
        Sieve {
            wanted,
            for_display,
            skipped: 0,
            left,
            // Shared references unfold: a small file may stand for gigabytes.
            unfolds: len.saturating_mul(4).saturating_add(1 << 20),
            opened: Vec::new(),
            kept: 0,
            kept_bytes: 0,
            has_keys: false,
        }
    }

    /// Whether any dictionary had a key.
    pub(super) fn has_keys(&self) -> bool {
        self.has_keys
    }

    /// What to keep of the next event.
    ///
    /// # Errors
    /// When a bound is reached, or a dictionary is none.
    pub(super) fn keeps(&mut self, event: &Event) -> Result<Keeps, Refused> {
        const FAR_MORE: &str = "it has far more of what bkscan looks for than normal";
        let beyond = |why: &str| Err(Refused::BeyondReader(why.to_owned()));
        let bytes = match event {
            Event::Data(data) => data.len(),
            Event::String(text) => text.len(),
            _ => 0,
        };
        let Some(left) = self.left.checked_sub(1) else {
            return beyond("it has too many elements");
        };
        *self.left = left;
        let Some(unfolds) = self.unfolds.checked_sub(bytes) else {
            return beyond("it unfolds to far more than its size");
        };
        self.unfolds = unfolds;
        if self.skipped > 0 {
            match event {
                Event::StartArray(_) | Event::StartDictionary(_) => self.skipped += 1,
                Event::EndCollection => self.skipped -= 1,
                _ => {}
            }
            return match self.opened.len() + self.skipped > MAX_SKIPPED_DEPTH {
                true => beyond("it is nested too deeply"),
                false => Ok(Keeps::Nothing),
            };
        }
        let keeps = self.place(event)?;
        if self.opened.len() > MAX_DEPTH {
            if !self.for_display {
                return beyond("it is nested too deeply");
            }
            self.opened.pop();
            self.skipped = 1;
        }
        if !keeps {
            return Ok(Keeps::Nothing);
        }
        self.kept += 1;
        if self.kept > MAX_KEPT {
            return beyond(FAR_MORE);
        }
        let small = matches!(event, Event::Data(_)) && bytes <= MAX_SMALL;
        if self.skipped > 0 || (small && self.kept_bytes + bytes > MAX_SMALL_BYTES) {
            return Ok(Keeps::Emptied);
        }
        self.kept_bytes += bytes;
        if self.kept_bytes > MAX_KEPT_BYTES {
            return beyond(FAR_MORE);
        }
        Ok(Keeps::Whole)
    }

    /// Whether an event is kept, from where it stands.
    fn place(&mut self, event: &Event) -> Result<bool, Refused> {
        let depth = self.opened.len();
        let wanted = self.wanted;
        let kept = match self.opened.last_mut() {
            // Every path leads on from the top. What follows the top is for the crate to refuse.
            None => Kept::Marked(u64::MAX),
            Some(opened) if matches!(event, Event::EndCollection) => {
                let kept = !matches!(opened.kept, Kept::Nothing);
                if opened.value.is_some() {
                    return Err(no_list("a key has no value"));
                }
                self.opened.pop();
                return Ok(kept);
            }
            Some(opened) if opened.is_dictionary => match opened.value.take() {
                Some(kept) => kept,
                None => {
                    let is_collection =
                        matches!(event, Event::StartArray(_) | Event::StartDictionary(_));
                    if let Event::String(key) = event {
                        self.has_keys = true;
                        let kept = lead_on(wanted, depth - 1, opened.kept, key);
                        opened.value = Some(kept);
                        return Ok(!matches!(kept, Kept::Nothing));
                    }
                    if !self.for_display {
                        return Err(no_list("a key is not text"));
                    }
                    opened.value = Some(Kept::Nothing);
                    if !is_collection {
                        return Ok(false);
                    }
                    Kept::Nothing
                }
            },
            Some(opened) => opened.kept,
        };
        let inside = match (event, kept) {
            (Event::StartDictionary(_), kept) => kept,
            // The top has to be a dictionary.
            (Event::StartArray(_), Kept::Marked(_)) if depth == 0 => Kept::Nothing,
            (Event::StartArray(_), Kept::Marked(_)) => Kept::All,
            (_, kept) => kept,
        };
        if let Event::StartArray(_) | Event::StartDictionary(_) = event {
            self.opened.push(Opened {
                is_dictionary: matches!(event, Event::StartDictionary(_)),
                value: None,
                kept: inside,
            });
        }
        Ok(!matches!(kept, Kept::Nothing))
    }
}

/// What is kept of the value of `key` in a dictionary at this depth of which `kept` is kept.
fn lead_on(wanted: &Wanted, depth: usize, kept: Kept, key: &str) -> Kept {
    let Kept::Marked(marks) = kept else {
        return kept;
    };
    let mut led = 0;
    for (index, path) in wanted.iter().enumerate().take(64) {
        let mark = 1 << index;
        let here = path.get(depth).filter(|_| marks & mark != 0);
        if here.is_some_and(|name| *name == "*" || *name == key) {
            if path.len() == depth + 1 {
                return Kept::All;
            }
            led |= mark;
        }
    }
    if led == 0 {
        Kept::Nothing
    } else {
        Kept::Marked(led)
    }
}

fn no_list(why: &str) -> Refused {
    Refused::Damaged(format!("it is not a property list ({why})"))
}
