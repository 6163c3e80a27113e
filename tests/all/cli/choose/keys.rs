//! What the keys do, and what else happens to the list.

use std::path::Path;

use bkscan::clean::Leftover;
use bkscan::cli::choose::model::Mode;
use bkscan::cli::choose::page::Page;
use bkscan::model::Frees;
use bkscan::model::Link;
use bkscan::model::options::Policy;

use super::*;
use crate::render::screens::four;

const ANNAS_OLD: &str = "Anna's iPhone, 14 Jun 2025";
const BENS_OLD: &str = "Ben's iPhone, 12 May 2025";
const OLD_PHONE: &str = "Old phone, 22 Sep 2023";
const ANNAS_NEW: &str = "Anna's iPhone, 20 Nov 2026";

#[test]
fn three_parts_as_in_the_plan_and_only_what_can_go_is_marked() {
    let list = List::six();
    assert_eq!(list.rows(Part::Goes), [ANNAS_OLD]);
    assert_eq!(list.rows(Part::Asked), [BENS_OLD, OLD_PHONE]);
    let stays = [ANNAS_NEW, "Ben's iPhone, 18 Nov 2026", "iPad, 2 Mar 2024"];
    assert_eq!(list.rows(Part::Stays), stays);
    assert_eq!(list.marked(), [ANNAS_OLD]);
    let sum = list.state.sum().unwrap();
    assert_eq!(
        (sum.frees.as_str(), &sum.for_good),
        ("up to 71.3 GB", &None)
    );
}

#[test]
fn space_marks_and_the_sum_is_that_of_the_set() {
    let mut list = List::six();
    list.press("j<Space>");
    assert_eq!(list.marked(), [ANNAS_OLD, BENS_OLD]);
    let sum = list.state.sum().unwrap();
    assert_eq!(sum.frees, "up to 102.3 GB");
    assert_eq!(
        sum.for_good.as_deref(),
        Some("1,204 photos and videos (3.1 GB), 15.0 MB of Messages and 1.0 MB of Notes")
    );
    list.press("<Space>");
    assert_eq!(list.marked(), [ANNAS_OLD]);
    assert_eq!(list.state.sum().unwrap().for_good, None);
    list.press("n");
    assert_eq!(list.marked(), [""; 0]);
    list.press("j<Space>a");
    assert_eq!(list.marked(), [ANNAS_OLD]);
}

#[test]
fn what_shares_links_frees_more_together_than_each_alone() {
    let mut report = report();
    // Anna's two backups have files in common, of 10 GB.
    let shared = 10_000_000_000;
    for index in [0, 1] {
        let link = Link {
            inode: 77,
            allocated: shared,
            links: 2,
            inside: 1,
        };
        report.backups[index].links.add(1, link);
    }
    let mut list = List::of(report, (80, 24), &style(80));
    assert_eq!(list.state.sum().unwrap().frees, "up to 61.3 GB");
    // The newest goes, too: only then do these.
    list.press("jjj<Space>");
    assert_eq!(list.current(), ANNAS_NEW);
    assert_eq!(list.marked(), [ANNAS_OLD, ANNAS_NEW]);
    assert_eq!(list.state.sum().unwrap().frees, "up to 147.7 GB");
}

#[test]
fn the_newest_good_one_keeps_its_place_and_says_why() {
    let mut list = List::six();
    list.press("njjj<Space>");
    assert_eq!(list.current(), ANNAS_NEW);
    assert_eq!(list.marked(), [""; 0]);
    let notice = list.state.notice.clone().unwrap();
    assert_eq!(
        notice,
        "Anna's iPhone, 15 Pro of 20 Nov 2026 stays: newest good backup"
    );
    // With the older one nothing good is left: then it is an only copy, whose name has to be typed.
    list.press("ggg<Space>jjj<Space>");
    assert_eq!(list.marked(), [ANNAS_OLD, ANNAS_NEW]);
    assert_eq!(list.state.sum().unwrap().only_copies, 2);
    // And where that loses its mark, so does this.
    list.press("g<Space>");
    assert_eq!(list.marked(), [""; 0]);
}

#[test]
fn enter_asks_for_what_is_marked_and_for_nothing_else() {
    let mut list = List::six();
    assert_eq!(list.press("<Enter>"), Effect::Delete);
    assert_eq!(list.press("n<Enter>"), Effect::None);
    assert_eq!(
        list.state.notice.as_deref(),
        Some("nothing is marked: Space marks the row under the cursor")
    );
    // While a set is added up it waits.
    update(&mut list.state, Event::Key(Key::Char('a')));
    assert!(list.state.sum().is_none());
    assert_eq!(list.press("<Enter>"), Effect::None);
    let scanned = list.state.scanned.clone().unwrap();
    let weighed = weigh(&scanned, &list.state.marks());
    assert_eq!(
        update(&mut list.state, Event::Weighed(weighed)),
        Effect::Delete
    );
}

#[test]
fn the_sum_of_another_set_is_not_taken_for_this_one() {
    let mut list = List::six();
    let scanned = list.state.scanned.clone().unwrap();
    let before = weigh(&scanned, &list.state.marks());
    update(&mut list.state, Event::Key(Key::Char('n')));
    update(&mut list.state, Event::Weighed(before));
    assert!(list.state.sum().is_none());
}

#[test]
fn leaving_deletes_nothing() {
    for (keys, expected) in [
        ("q", Effect::Leave),
        ("<Esc>", Effect::Leave),
        ("<C-c>", Effect::Interrupt),
        ("?<C-c>", Effect::Interrupt),
        ("/x<C-c>", Effect::Interrupt),
        ("?q", Effect::None),
        ("?<Esc>q", Effect::Leave),
        ("/anna<Esc>q", Effect::Leave),
        ("/q", Effect::None),
        ("/anna<Enter><Esc>", Effect::None),
        ("/anna<Enter><Esc><Esc>", Effect::Leave),
    ] {
        assert_eq!(List::six().press(keys), expected, "{keys}");
    }
}

#[test]
fn the_cursor_moves_and_stays_in_the_list() {
    let mut list = List::six();
    for (keys, expected) in [
        ("", ANNAS_OLD),
        ("k<Up>", ANNAS_OLD),
        ("j", BENS_OLD),
        ("<Down>", OLD_PHONE),
        ("k", BENS_OLD),
        ("G", "iPad, 2 Mar 2024"),
        ("jj<Down>", "iPad, 2 Mar 2024"),
        ("<PageUp><PageUp>", ANNAS_OLD),
        ("<End>", "iPad, 2 Mar 2024"),
        ("<Home>", ANNAS_OLD),
    ] {
        list.press(keys);
        assert_eq!(list.current(), expected, "{keys}");
    }
    list.happens(Event::Wheel(1));
    assert_eq!(list.current(), ANNAS_NEW);
    list.happens(Event::Wheel(-1));
    assert_eq!(list.current(), ANNAS_OLD);
}

#[test]
fn a_click_marks_the_row_under_it() {
    let mut list = List::six();
    let shown = list.shown();
    let line = shown.lines().position(|line| line.contains("12 May 2025"));
    let line = u16::try_from(line.unwrap()).unwrap();
    list.happens(Event::Click(10, line));
    assert_eq!(list.current(), BENS_OLD);
    assert_eq!(list.marked(), [ANNAS_OLD, BENS_OLD]);
    // The pane, a heading and what is below the rows are no rows.
    for (column, line) in [(70, line), (10, 1), (10, 20), (10, 23)] {
        list.happens(Event::Click(column, line));
        assert_eq!(list.marked(), [ANNAS_OLD, BENS_OLD], "{column} {line}");
    }
}

#[test]
fn a_filter_hides_rows_and_not_their_marks() {
    let mut list = List::six();
    list.press("/BEN");
    assert_eq!(list.current(), BENS_OLD);
    assert_eq!(list.state.shown().len(), 2);
    list.press("<Enter><Space>");
    assert_eq!(list.marked(), [ANNAS_OLD, BENS_OLD]);
    list.press("/<Backspace><Backspace><Backspace>corrupt<Enter>");
    assert_eq!(list.current(), "iPad, 2 Mar 2024");
    list.press("/<Esc>");
    assert_eq!(list.state.shown().len(), 6);
    list.press("/no such word<Enter>");
    assert_eq!(list.press("<Space>d"), Effect::None);
    assert_eq!(list.marked(), [ANNAS_OLD, BENS_OLD]);
}

#[test]
fn nothing_is_marked_or_deleted_before_the_scan_is_done() {
    let mut list = List::empty((80, 24), &style(80));
    assert_eq!(list.press("<Space>a<Enter>d"), Effect::None);
    for backup in &report().backups {
        let entry = Entry::looked(backup, &style(80));
        list.happens(Event::Looked(Box::new(entry)));
    }
    assert_eq!(list.press("<Space>"), Effect::None);
    assert_eq!(
        list.state.notice.as_deref(),
        Some("the scan is not done: nothing can be marked yet")
    );
    assert_eq!(list.press("<Enter>"), Effect::None);
    assert_eq!(
        list.state.notice.as_deref(),
        Some("the scan is not done: nothing can be deleted yet")
    );
    assert_eq!(list.marked(), [""; 0]);
    // The cursor stays on its backup when the rows are put in order.
    list.press("jj");
    assert_eq!(list.current(), OLD_PHONE);
    list.scanned(report());
    assert_eq!(list.current(), OLD_PHONE);
    assert_eq!(list.marked(), [ANNAS_OLD]);
}

#[test]
fn a_backup_that_changes_and_what_it_stands_in_for_lose_their_marks() {
    let changing = |list: &mut List, folder: &str| {
        let folder = Path::new(folder).to_owned();
        list.happens(Event::Changing(folder))
    };
    let newest = "/b/00008130-000A1C2E3F40801E";
    let older = "/b/00008130-000A1C2E3F40801E.old";
    let mut list = List::six();
    changing(&mut list, older);
    assert_eq!(list.marked(), [""; 0]);
    assert_eq!(
        list.state.notice.as_deref(),
        Some(
            "Anna's iPhone, 15 Pro of 14 Jun 2025 changes now, a backup may be running: it cannot be \
             deleted"
        )
    );
    list.press("<Space>a");
    assert_eq!(list.marked(), [""; 0]);

    let mut list = List::six();
    changing(&mut list, newest);
    assert_eq!(list.marked(), [""; 0]);
    list.press("<Space>");
    assert_eq!(list.marked(), [""; 0]);
    assert_eq!(
        list.state.notice.as_deref(),
        Some(
            "Anna's iPhone, 15 Pro of 20 Nov 2026 changes now, a backup may be running: Anna's iPhone, \
             15 Pro of 14 Jun 2025, for which it stands in, cannot be deleted"
        )
    );
    // Others can go all the same.
    list.press("j<Space>");
    assert_eq!(list.marked(), [BENS_OLD]);

    // One that began before the scan was done.
    let mut list = List::empty((80, 24), &style(80));
    for backup in &report().backups {
        let entry = Entry::looked(backup, &style(80));
        list.happens(Event::Looked(Box::new(entry)));
    }
    changing(&mut list, older);
    list.scanned(report());
    assert_eq!(list.marked(), [""; 0]);
}

#[test]
fn d_opens_the_differences_and_q_goes_back() {
    let mut list = List::six();
    list.press("jd");
    assert!(matches!(
        list.state.mode,
        Mode::Page(Page::Differences(_), 0)
    ));
    assert_eq!(list.press("q"), Effect::None);
    assert!(matches!(list.state.mode, Mode::List));
    list.press("jd");
    assert_eq!(list.current(), OLD_PHONE);
    assert_eq!(
        list.state.notice.as_deref(),
        Some("there is no other good backup of this device to compare it with")
    );
}

#[test]
fn a_text_moves_and_stays_within_its_lines() {
    let mut list = List::six();
    list.press("Ge");
    let above = |list: &List| match &list.state.mode {
        Mode::Page(_, above) => *above,
        _ => panic!("no text is open"),
    };
    assert_eq!(above(&list), 0);
    list.press("jj<Down>k");
    assert_eq!(above(&list), 2);
    list.press("<PageDown><PageUp><Home>");
    assert_eq!(above(&list), 0);
    list.press("GG");
    let end = above(&list);
    list.press("<PageDown>j");
    assert_eq!(above(&list), end);
    // On a taller terminal less of it is above the screen.
    list.happens(Event::Resize(80, 200));
    assert_eq!(above(&list), 0);
}

#[test]
fn where_a_path_is_in_the_dark_nothing_can_be_deleted() {
    let mut list = List::empty((80, 24), &style(80));
    let report = four();
    let why = "nothing can be deleted: something is wrong with /x (it is not there)";
    list.found(Scanned {
        policy: Policy::usual(report.started_at),
        report,
        wish: Wish::default(),
        leftovers: vec![],
        style: style(80),
        obstacle: Some(why.to_owned()),
    });
    assert_eq!(list.state.notice.as_deref(), Some(why));
    assert_eq!(list.press("a<Enter>"), Effect::None);
    assert_eq!(list.state.notice.as_deref(), Some(why));
}

#[test]
fn what_a_stopped_removal_left_is_a_row_that_can_go() {
    let mut list = List::empty((80, 24), &style(80));
    let report = four();
    list.found(Scanned {
        policy: Policy::usual(report.started_at),
        report,
        wish: Wish::default(),
        leftovers: vec![Leftover {
            path: "/b/.bkscan-removing-x".into(),
            frees: Frees {
                bytes: 5_000_000_000,
                exact: true,
            },
            stands_in: None,
            fingerprint: 7,
        }],
        style: style(80),
        obstacle: None,
    });
    let rows = list.rows(Part::Goes);
    assert_eq!(rows, [".bkscan-removing-x, ", ANNAS_OLD]);
    assert_eq!(list.marked(), rows);
    assert_eq!(list.state.sum().unwrap().frees, "up to 76.3 GB");
    let plan = &list.state.sum().unwrap().plan;
    assert_eq!(plan.items.len(), 2);
    list.press("<Space>");
    assert_eq!(list.state.sum().unwrap().plan.items.len(), 1);
}

#[test]
fn what_was_named_is_marked_and_what_an_option_leaves_out_cannot_be() {
    let mut list = List::empty((80, 24), &style(80));
    let report = report();
    let older_than = Some("2026-01-01T00:00:00Z".parse().unwrap());
    let only = Some(vec![bkscan::model::BackupIndex::new(5)]);
    list.found(Scanned {
        policy: Policy::usual(report.started_at),
        report,
        wish: Wish {
            only,
            devices: None,
            older_than,
        },
        leftovers: vec![],
        style: style(80),
        obstacle: None,
    });
    assert_eq!(list.marked(), [BENS_OLD]);
    list.press("jjj<Space>");
    assert_eq!(list.current(), ANNAS_NEW);
    assert_eq!(list.marked(), [BENS_OLD]);
    assert_eq!(
        list.state.notice.as_deref(),
        Some("Anna's iPhone, 15 Pro of 20 Nov 2026 stays: --older-than leaves it out")
    );
}
