//! What shells read to complete command lines. clap_complete writes it; what its scripts for zsh, fish
//! and elvish leave out is added here: words that may be a command or a path, values of an option in a
//! word of their own, and the words that an argument may be.

use std::io::{self, Write};

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::{Generator, Shell};

use crate::cli::commands::help::names;
use crate::cli::flags::flag::Call;
use crate::cli::flags::line;
use crate::render::screen::explain;

/// Writes what `shell` reads.
///
/// # Errors
/// When writing fails.
pub fn write(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let command = built(command());
    let script = match shell {
        Shell::Zsh => zsh(&generated(shell, &built(without_paths()))?)?,
        Shell::Fish => fish(&generated(shell, &command)?, &command)?,
        Shell::Elvish => elvish(&generated(shell, &command)?, &command)?,
        _ => generated(shell, &command)?,
    };
    out.write_all(script.as_bytes())
}

/// The command line as shells are told of it: behind a command word only the options that it takes, and
/// without one those of a scan.
fn command() -> Command {
    let line = line::command();
    let of_scan = line.get_arguments().filter(|arg| match line::row(arg) {
        Some(flag) => flag.is_shown_by(Call::Scan),
        None => true,
    });
    // The program itself takes any word in these places, and answers an unknown one in its own words.
    let ids = PossibleValuesParser::new(explain::ids());
    let names = PossibleValuesParser::new(names());
    Command::new("bkscan")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .args(of_scan.map(here))
        .subcommands(line.get_subcommands().map(|one| of(one, &[])))
        .mut_subcommand("explain", |explain| {
            explain.mut_arg("id", |id| id.value_parser(ids))
        })
        .mut_subcommand("help", |help| {
            help.mut_arg("topic", |topic| topic.value_parser(names))
        })
}

/// A command with its own options and those of the one that holds it.
fn of(command: &Command, above: &[Arg]) -> Command {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let args: Vec<Arg> = shown.map(here).chain(above.iter().cloned()).collect();
    let about = command.get_about().cloned().unwrap_or_default();
    let inner: Vec<Command> = command
        .get_subcommands()
        .map(|one| of(one, &args))
        .collect();
    Command::new(command.get_name().to_owned())
        .about(about)
        .disable_help_flag(true)
        .args(args)
        .subcommands(inner)
}

/// An argument of this command alone.
fn here(arg: &Arg) -> Arg {
    arg.clone().global(false)
}

fn built(mut command: Command) -> Command {
    command.set_bin_name("bkscan");
    command.build();
    command
}

fn generated(shell: Shell, command: &Command) -> io::Result<String> {
    let mut script = Vec::new();
    shell.try_generate(command, &mut script)?;
    String::from_utf8(script).map_err(io::Error::other)
}

/// The same without the paths of a scan: clap_complete's script for zsh looks for the command word
/// behind them, and finds none.
fn without_paths() -> Command {
    let command = command();
    let options = command.get_arguments().filter(|arg| !arg.is_positional());
    Command::new("bkscan")
        .disable_help_subcommand(true)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .args(options.cloned())
        .subcommands(command.get_subcommands().cloned())
}

/// Replaces a part of a script.
///
/// # Errors
/// When the script does not have it: then clap_complete writes other ones than it did.
fn replaced(script: &str, part: &str, by: &str) -> io::Result<String> {
    match script.split_once(part) {
        Some((before, after)) => Ok([before, by, after].concat()),
        None => Err(io::Error::other(
            "clap_complete writes another script than bkscan knows",
        )),
    }
}

/// The first word is a command or a path; after a path, options and other paths follow.
fn zsh(script: &str) -> io::Result<String> {
    const FIRST: &str = "\":: :_bkscan_commands\" \\\n";
    const END: &str = "        esac\n    ;;\nesac\n}\n";
    const ARGUMENTS: &str = "_arguments \"${_arguments_options[@]}\" : \\\n";
    let options = script
        .split_once(ARGUMENTS)
        .and_then(|(_, rest)| rest.split_once(FIRST))
        .map_or("", |(options, _)| options);
    let path = format!("(*)\n{ARGUMENTS}{options}'*:path:_files' \\\n&& ret=0\n;;\n{END}");
    let first = "(( $+functions[_bkscan_first] )) ||
_bkscan_first() {
    _alternative 'commands:command:_bkscan_commands' 'paths:path:_files'
}
";
    let script = replaced(script, FIRST, "\": :_bkscan_first\" \\\n")?;
    replaced(&script, END, &format!("{path}\n{first}"))
}

/// The words that an argument of a command may be. Without the first line, nothing is completed behind
/// an option that lacks its value yet.
fn fish(script: &str, command: &Command) -> io::Result<String> {
    const PARSED: &str = "    argparse -s (__fish_bkscan_global_optspecs) -- $cmd 2>/dev/null\n";
    let again = "    or argparse -s (__fish_bkscan_global_optspecs) -- $cmd[1..-2] 2>/dev/null\n";
    let mut script = replaced(script, PARSED, &format!("{PARSED}{again}"))?;
    for command in command.get_subcommands() {
        let mut line = format!(
            "complete -c bkscan -n \"__fish_bkscan_using_subcommand {}\"",
            command.get_name()
        );
        let bare = line.len();
        let is_path = |arg: &Arg| arg.get_value_hint() != ValueHint::Unknown;
        if !command.get_positionals().any(is_path) {
            line += " -f";
        }
        let words: Vec<_> = command.get_positionals().flat_map(words).collect();
        if !words.is_empty() {
            line += &format!(" -a \"{}\"", words.join(" "));
        }
        if line.len() > bare {
            script += &line;
            script.push('\n');
        }
    }
    Ok(script)
}

/// What may stand behind an option or a command word; and paths, anywhere.
fn elvish(script: &str, command: &Command) -> io::Result<String> {
    const END: &str = "    $completions[$command]\n}\n";
    let of_options = command.get_arguments().filter_map(|arg| {
        let values = words(arg);
        (!values.is_empty()).then_some((format!("--{}", arg.get_long()?), values))
    });
    let of_commands = command.get_subcommands().filter_map(|command| {
        let values: Vec<_> = command.get_positionals().flat_map(words).collect();
        (!values.is_empty()).then_some((command.get_name().to_owned(), values))
    });
    let values: String = of_options
        .chain(of_commands)
        .map(|(before, values)| format!("        &'{before}'= [{}]\n", values.join(" ")))
        .collect();
    let end = format!(
        "    var values = [\n{values}    ]
    var before = ''
    if (builtin:> (builtin:count $words) 1) {{
        set before = $words[-2]
    }}
    if (builtin:has-key $values $before) {{
        builtin:all $values[$before]
    }} else {{
        if (builtin:has-key $completions $command) {{
            $completions[$command]
        }}
        edit:complete-filename $words[-1]
    }}
}}
"
    );
    replaced(script, END, &end)
}

/// The words that an argument may be, where they can be listed. A switch has none.
fn words(arg: &Arg) -> Vec<String> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    let values = arg.get_possible_values();
    values
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_finds_its_place() {
        let command = built(command());
        let plain = |shell| generated(shell, &command).unwrap();
        let zsh = zsh(&generated(Shell::Zsh, &built(without_paths())).unwrap()).unwrap();
        let fish = fish(&plain(Shell::Fish), &command).unwrap();
        let elvish = elvish(&plain(Shell::Elvish), &command).unwrap();
        for (script, added) in [
            (&zsh, "\": :_bkscan_first\" \\\n\"*::: :->bkscan\" \\\n"),
            (&zsh, "'--version[Print version]' \\\n'*:path:_files' \\\n"),
            (&zsh, "\n_bkscan_first() {\n"),
            (&fish, "    or argparse -s"),
            (
                &fish,
                "using_subcommand schedule\" -a \"cron systemd launchd windows\"\n",
            ),
            (&fish, "using_subcommand man\" -f -a \"show diff clean "),
            (&elvish, "&'--level'= [quick standard contents]\n"),
            (&elvish, "        edit:complete-filename $words[-1]\n"),
        ] {
            assert_eq!(script.matches(added).count(), 1, "{added}");
        }
    }
}
