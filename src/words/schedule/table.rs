//! A table of cron with a job of bkscan in it: the lines from its begin to its end. All other lines stay byte
//! for byte.

use super::job::{Refusal, Task};

/// The table with `text`, which has its begin and end, in place of the job that it has; else behind its last
/// line.
///
/// # Errors
/// When it cannot be told where the job in the table ends.
pub fn with(table: &[u8], text: &str, task: Task) -> Result<Vec<u8>, Refusal> {
    let own = own_lines(table, task)?;
    let mut new = Vec::new();
    let mut is_in = false;
    for (line, is_own) in lines(table).zip(&own) {
        if !is_own {
            new.extend_from_slice(line);
        } else if !is_in {
            new.extend_from_slice(text.as_bytes());
            is_in = true;
        }
    }
    if !is_in {
        // Each line of a table ends as one.
        if new.last().is_some_and(|last| *last != b'\n') {
            new.push(b'\n');
        }
        new.extend_from_slice(text.as_bytes());
    }
    Ok(new)
}

/// The table without the job; nothing where it has none.
///
/// # Errors
/// When it cannot be told where the job ends.
pub fn without(table: &[u8], task: Task) -> Result<Option<Vec<u8>>, Refusal> {
    let own = own_lines(table, task)?;
    if !own.contains(&true) {
        return Ok(None);
    }
    let lines = lines(table).zip(own).filter(|(_, is_own)| !is_own);
    Ok(Some(lines.flat_map(|(line, _)| line).copied().collect()))
}

fn lines(table: &[u8]) -> impl Iterator<Item = &[u8]> {
    table.split_inclusive(|byte| *byte == b'\n')
}

/// The lines of the job that a table has, with its begin and end; nothing where it has none.
///
/// # Errors
/// When it cannot be told where the job ends.
pub fn job(table: &[u8], task: Task) -> Result<Option<String>, Refusal> {
    let own = own_lines(table, task)?;
    let lines = lines(table).zip(&own).filter(|(_, is_own)| **is_own);
    let lines: Vec<u8> = lines.flat_map(|(line, _)| line).copied().collect();
    let job = String::from_utf8_lossy(&lines).into_owned();
    Ok(own.contains(&true).then_some(job))
}

/// Of each line, whether it is one of the job's. There is one job: of two only their user knows which one is to
/// stay.
fn own_lines(table: &[u8], task: Task) -> Result<Vec<bool>, Refusal> {
    let [begin, end] = ["# begin {job}", "# end {job}"].map(|mark| task.fill(mark));
    let unclear = || {
        Refusal(format!(
            "the table of cron has a line \"{begin}\" or \"{end}\" without the other one, so that it cannot be told what belongs to the job. Nothing was changed: take these lines out with crontab -e"
        ))
    };
    let mut is_inside = false;
    let mut jobs = 0;
    let mut own = Vec::new();
    for line in lines(table) {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let (is_begin, is_end) = (bare == begin.as_bytes(), bare == end.as_bytes());
        if (is_begin && is_inside) || (is_end && !is_inside) {
            return Err(unclear());
        }
        jobs += usize::from(is_begin);
        is_inside |= is_begin;
        own.push(is_inside);
        is_inside &= !is_end;
    }
    if is_inside {
        return Err(unclear());
    }
    match jobs {
        0 | 1 => Ok(own),
        _ => Err(Refusal(format!(
            "the table of cron has {jobs} jobs from \"{begin}\" to \"{end}\", and it cannot be told which one is meant. Nothing was changed: leave one of them there with crontab -e, or give the marks of the others another name"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# begin bkscan\nnew\n# end bkscan\n";

    #[test]
    fn only_the_lines_of_the_job_change() {
        let other = "1 1 * * * x\r\n# begin bkscan-clean\ny\n# end bkscan-clean\n\n#\u{fc} z";
        let own = "# begin bkscan\nold\n# end bkscan\n";
        for (table, installed, removed) in [
            (String::new(), TEXT.to_owned(), None),
            (other.to_owned(), format!("{other}\n{TEXT}"), None),
            (own.to_owned(), TEXT.to_owned(), Some(String::new())),
            (
                format!("a\n{own}{other}"),
                format!("a\n{TEXT}{other}"),
                Some(format!("a\n{other}")),
            ),
        ] {
            let table = table.as_bytes();
            let new = with(table, TEXT, Task::Scan).unwrap();
            assert_eq!(String::from_utf8(new.clone()).unwrap(), installed);
            // Twice is once.
            assert_eq!(with(&new, TEXT, Task::Scan).unwrap(), new);
            let without = without(table, Task::Scan).unwrap();
            assert_eq!(
                without.map(|left| String::from_utf8(left).unwrap()),
                removed
            );
        }
        // What is no text stays as it is.
        let bytes = [b"\xff\xfe\0\n", TEXT.as_bytes(), b"\x80"].concat();
        let left = without(&bytes, Task::Scan).unwrap();
        assert_eq!(left, Some(b"\xff\xfe\0\n\x80".to_vec()));
        let of_clean = without(other.as_bytes(), Task::Clean).unwrap().unwrap();
        assert_eq!(of_clean, "1 1 * * * x\r\n\n#\u{fc} z".as_bytes());
    }

    /// Two jobs may be about two folders.
    #[test]
    fn of_two_jobs_none_is_touched() {
        let own = |line: &str| format!("# begin bkscan\n{line}\n# end bkscan\n");
        let table = format!("{}a\n{}", own("x"), own("y"));
        let told = with(table.as_bytes(), TEXT, Task::Scan).unwrap_err();
        assert_eq!(without(table.as_bytes(), Task::Scan), Err(told.clone()));
        assert_eq!(
            told.to_string(),
            "the table of cron has 2 jobs from \"# begin bkscan\" to \"# end bkscan\", and it cannot be told which one is meant. Nothing was changed: leave one of them there with crontab -e, or give the marks of the others another name"
        );
        let one = format!("a\n{}b\n", own("x"));
        assert_eq!(job(one.as_bytes(), Task::Scan), Ok(Some(own("x"))));
        assert_eq!(job(one.as_bytes(), Task::Clean), Ok(None));
    }

    #[test]
    fn a_job_without_its_end_is_left_alone() {
        for table in [
            "# begin bkscan\nx\n",
            "# end bkscan\nx\n",
            "# begin bkscan\n# begin bkscan\n# end bkscan\n",
            "# begin bkscan\n# end bkscan\n# end bkscan\n",
        ] {
            let told = with(table.as_bytes(), TEXT, Task::Scan).unwrap_err();
            assert_eq!(without(table.as_bytes(), Task::Scan), Err(told.clone()));
            assert_eq!(
                told.to_string(),
                "the table of cron has a line \"# begin bkscan\" or \"# end bkscan\" without the other one, so that it cannot be told what belongs to the job. Nothing was changed: take these lines out with crontab -e"
            );
        }
    }
}
