//! Text with our own colours in it, as the screen is told of them. Names in it were cleaned, so that every
//! escape is one of ours.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

/// A line of text.
pub fn line(text: &str) -> Line<'static> {
    let mut spans = Vec::new();
    let mut style = Style::new();
    let mut parts = text.split("\u{1b}[");
    spans.extend(parts.next().map(|first| Span::raw(first.to_owned())));
    for part in parts {
        let (code, text) = part.split_once('m').unwrap_or(("", part));
        style = code.split(';').fold(style, painted);
        spans.push(Span::styled(text.to_owned(), style));
    }
    spans.retain(|span| !span.content.is_empty());
    Line::from(spans)
}

fn painted(style: Style, code: &str) -> Style {
    match code {
        "1" => style.add_modifier(Modifier::BOLD),
        "2" => style.add_modifier(Modifier::DIM),
        "31" => style.fg(Color::Red),
        "32" => style.fg(Color::Green),
        "33" => style.fg(Color::Yellow),
        "36" => style.fg(Color::Cyan),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_text() {
        let shown = line("a \u{1b}[1m\u{1b}[31mb\u{1b}[0m c");
        let red = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        assert_eq!(
            shown.spans,
            [Span::raw("a "), Span::styled("b", red), Span::raw(" c")]
        );
    }
}
