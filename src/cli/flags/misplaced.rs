//! Options that were typed with a command that they have no meaning for.

use super::flag::{Call, Flag};
use super::settings::Settings;
use super::table::{Options, TABLE};
use super::words::LevelArg;

/// What to say of the first one, if there is one. `job` is what a job does that is to be printed: it takes what that
/// takes, and what is about jobs alone.
pub fn misplaced(
    call: Call,
    job: Option<Call>,
    options: &Options,
    settings: &Settings,
) -> Option<String> {
    if let Some(message) = contradiction(call, settings) {
        return Some(message);
    }
    let mut typed = TABLE.iter().filter(|option| settings.is_typed(option.name));
    if let Call::Diff | Call::Mend | Call::Help = call {
        let name = typed.find(|option| !option.is_used_by(call))?.name;
        return Some(format!(
            "--{name} does not go with bkscan {}; nothing was done",
            call.word()
        ));
    }
    let is_refused = |option: &&Flag| match job {
        Some(job) => option.is_refused_by(job) && option.used_by != [call],
        None => option.is_refused_by(call),
    };
    let refused = typed.find(is_refused);
    let refused = refused.map(|option| (option.name, option.goes_with));
    let of_contents = matches!(call, Call::Scan | Call::Schedule)
        && settings.is_typed("subset")
        && options.level != LevelArg::Contents;
    let is_forgetting = call == Call::History && settings.is_typed("forget");
    let (name, with) = refused
        .or(of_contents.then_some(("subset", "--level contents")))
        .or((is_forgetting && settings.is_typed("json"))
            .then_some(("json", "history without --forget")))?;
    Some(format!("--{name} goes with {with}; nothing was done"))
}

/// What says in another way what is to be printed than `--nagios`, which prints for a program.
fn contradiction(call: Call, settings: &Settings) -> Option<String> {
    const OTHERS: [&str; 3] = ["json", "quiet", "interactive"];
    if call != Call::Scan || !settings.is_typed("nagios") {
        return None;
    }
    let name = OTHERS.into_iter().find(|name| settings.is_typed(name))?;
    Some(format!(
        "--nagios and --{name} do not go together: choose one; nothing was done"
    ))
}
