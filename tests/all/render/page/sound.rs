//! What holds of every page: it is one file that runs nothing and loads nothing, a screen reader finds
//! its way, and each of its numbers is that of the document.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bkscan::words::numbers;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::markup::{Element, read};

/// The elements that a page may have. None of them runs or fetches anything.
const ELEMENTS: &str = "html head meta title style body header main footer nav section article \
    h1 h2 h3 h4 h5 h6 p ul ol li dl dt dd div span strong em b i small br hr pre code kbd data time abbr a \
    table caption colgroup col thead tbody tfoot tr th td details summary figure figcaption \
    svg g rect line path polyline polygon circle text tspan desc";

/// Reads the page and holds it against all that a page promises.
pub fn sound(html: &str, document: &Value) -> Element {
    let page = read(html);
    runs_and_loads_nothing(&page, html);
    can_be_found_through(&page);
    counts_as_the_document(&page, document);
    page
}

fn runs_and_loads_nothing(page: &Element, html: &str) {
    let allowed: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    for element in page.all() {
        assert!(allowed.contains(&*element.name), "{}", element.name);
        for (name, value) in &element.attributes {
            let bad = name.starts_with("on")
                || ["style", "src", "srcset", "action", "ping", "background"].contains(&&**name);
            assert!(!bad, "{} {name}", element.name);
            if name == "href" {
                assert!(
                    value.starts_with('#') || value.starts_with("https://"),
                    "{value}"
                );
            } else if element.name != "meta" {
                // Attributes such as `fill` fetch what they name in this way.
                assert!(!value.contains("url("), "{name} {value}");
            }
        }
    }
    let style = page.only("style").text();
    for word in ["url(", "@import", "//", "expression", "</"] {
        assert!(!style.contains(word), "{word} in the style");
    }
    let metas = page.named("meta");
    assert_eq!(metas[0].get("charset"), Some("utf-8"));
    assert!(html.find("charset").unwrap() < 1024);
    let policies: Vec<&str> = metas
        .iter()
        .filter(|meta| meta.get("http-equiv") == Some("Content-Security-Policy"))
        .map(|meta| meta.get("content").unwrap())
        .collect();
    assert_eq!(policies.len(), 1);
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let directives: BTreeSet<&str> = policies[0].split(';').map(str::trim).collect();
    let expected = format!("style-src 'sha256-{hash}'");
    let expected = BTreeSet::from([
        "default-src 'none'",
        &*expected,
        "base-uri 'none'",
        "form-action 'none'",
    ]);
    assert_eq!(directives, expected);
    assert!(html.find("Content-Security-Policy").unwrap() < html.find("<style").unwrap());
    for meta in metas {
        let other = meta.get("http-equiv").unwrap_or("Content-Security-Policy");
        assert_eq!(other, "Content-Security-Policy");
    }
    let strange = html.chars().find(|&c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    });
    assert_eq!(strange, None);
}

fn can_be_found_through(page: &Element) {
    assert_eq!(page.get("lang"), Some("en"));
    let head = page.only("head");
    let titles: Vec<_> = head.named("title");
    assert_eq!(titles.len(), 1);
    assert!(!titles[0].text().trim().is_empty());
    page.only("main");
    let level = |element: &&Element| -> Option<u32> {
        let digit = element.name.strip_prefix('h')?;
        digit.parse().ok()
    };
    let all = page.all();
    let levels: Vec<u32> = all.iter().filter_map(level).collect();
    assert_eq!(levels[0], 1, "{levels:?}");
    assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1);
    for pair in levels.windows(2) {
        assert!(pair[1] <= pair[0] + 1, "{levels:?}");
    }
    for heading in all.iter().filter(|element| level(element).is_some()) {
        assert!(!heading.text().trim().is_empty(), "an empty heading");
    }
    for header in page.named("th") {
        let scope = header.get("scope").unwrap_or("none");
        assert!(["col", "row"].contains(&scope), "{scope} {header:?}");
        assert!(!header.text().trim().is_empty(), "{header:?}");
    }
    for table in page.named("table") {
        let widths: BTreeSet<usize> = table
            .named("tr")
            .iter()
            .map(|row| {
                let cells = row.elements().into_iter();
                cells
                    .map(|cell| cell.get("colspan").map_or(1, |span| span.parse().unwrap()))
                    .sum()
            })
            .collect();
        assert_eq!(widths.len(), 1, "{table:?}");
        assert!(!table.only("thead").named("th").is_empty());
    }
    let ids: Vec<&str> = all.iter().filter_map(|element| element.get("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for id in &ids {
        assert!(
            !id.is_empty() && !id.contains(char::is_whitespace),
            "{id:?}"
        );
    }
    for element in &all {
        let href = element.get("href").and_then(|href| href.strip_prefix('#'));
        let others = ["aria-labelledby", "aria-describedby", "headers", "for"];
        let others = others.iter().filter_map(|name| element.get(name));
        for target in href
            .into_iter()
            .chain(others.flat_map(str::split_whitespace))
        {
            assert!(unique.contains(target), "nothing has the id {target}");
        }
        if element.name == "svg" && element.get("role") == Some("img") {
            assert!(!element.get("aria-label").unwrap().is_empty());
        }
        if element.name == "time" {
            let time = element.get("datetime").unwrap();
            let _: jiff::Timestamp = time.parse().unwrap();
        }
    }
}

fn counts_as_the_document(page: &Element, document: &Value) {
    let numbers = page.named("data");
    assert!(!numbers.is_empty());
    for number in numbers {
        let value: u64 = number.get("value").unwrap().parse().unwrap();
        let text = number.text();
        let Some(pointer) = number.get("data-json") else {
            assert!(
                text == numbers::size(value) || text == numbers::count(value),
                "{value} is not {text}"
            );
            continue;
        };
        let there = document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in the document"));
        assert_eq!(*there, value, "{pointer}");
        if pointer.ends_with("bytes") {
            assert_eq!(text, numbers::size(value), "{pointer}");
            let exact = number.get("title").unwrap_or(&text);
            assert_eq!(exact, numbers::counted(value, "byte", "bytes"), "{pointer}");
        } else {
            assert_eq!(text, numbers::count(value), "{pointer}");
        }
    }
}
