//! The state on the screen. Draws, and does nothing else.

mod foot;
mod head;
mod list;
mod painted;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Clear, Paragraph};

use super::layout;
use super::model::{Mode, State};
use super::page::Page;
use super::{about, pages};

/// Draws the state.
pub fn draw(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    if !layout::is_large_enough((area.width, area.height)) {
        frame.render_widget(Paragraph::new("The window is too small."), area);
        return;
    }
    match &state.mode {
        Mode::Page(page, above) => draw_page(state, page, *above, frame),
        Mode::List | Mode::Typing => draw_list(state, frame),
    }
}

fn draw_list(state: &State, frame: &mut Frame<'_>) {
    let parts = layout::parts(state.size);
    show(frame, parts.head, vec![head::line(state, parts.head.width)]);
    show(frame, parts.list, list::lines(state, &parts));
    if let Some(pane) = parts.pane {
        draw_pane(state, pane, frame);
    }
    show(frame, parts.foot, foot::lines(state, &parts));
}

/// All about the row under the cursor, behind a line from top to bottom.
fn draw_pane(state: &State, pane: Rect, frame: &mut Frame<'_>) {
    let style = state.style.clone();
    let bar = if style.unicode { "│" } else { "|" };
    let bars = (0..pane.height).map(|_| painted::line(&style.dim(bar)));
    show(frame, Rect { width: 1, ..pane }, bars.collect());
    let target = state.current().and_then(|entry| entry.target);
    let (Some(scanned), Some(target)) = (&state.scanned, target) else {
        return;
    };
    let area = Rect {
        x: pane.x + 2,
        width: pane.width.saturating_sub(3),
        ..pane
    };
    let style = crate::render::screen::style::Style {
        width: usize::from(area.width),
        ..style
    };
    let mut lines = about::lines(state, scanned, target, &style);
    let height = usize::from(area.height);
    if lines.len() > height {
        lines.truncate(height.saturating_sub(1));
        lines.push(style.dim(&style.fit("Tab shows all of it", style.width)));
    }
    let lines = lines.iter().map(|line| painted::line(line));
    show(frame, area, lines.collect());
}

fn draw_page(state: &State, page: &Page, above: usize, frame: &mut Frame<'_>) {
    let area = frame.area();
    let height = layout::page_height((area.width, area.height));
    let lines = pages::lines(page, state, layout::page_width((area.width, area.height)));
    let line = |y, height| Rect { y, height, ..area };
    show(frame, line(0, 1), vec![head::of_page(state, page.title())]);
    let shown = lines.iter().skip(above).take(height);
    let shown = shown.map(|line| painted::line(&format!(" {line}")));
    show(
        frame,
        line(1, area.height.saturating_sub(2)),
        shown.collect(),
    );
    let below = lines.len().saturating_sub(above + height);
    let keys = foot::of_page(state, below, usize::from(area.width));
    show(frame, line(area.height - 1, 1), vec![keys]);
}

fn show(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(Text::from(lines)), area);
}
