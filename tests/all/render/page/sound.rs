//! What holds of every page: it is one file that runs nothing and loads nothing, a screen reader finds
//! its way, and each of its numbers is that of the document.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bkscan::words::numbers;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::markup::{Element, read};
use crate::harness::words;

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
    let allowed = words(ELEMENTS);
    let fetching = words("style src srcset action ping background");
    for element in page.all() {
        assert!(allowed.contains(&&*element.name), "{}", element.name);
        for (name, value) in &element.attributes {
            let bad = name.starts_with("on") || fetching.contains(&&**name);
            assert!(!bad, "{} {name}", element.name);
            if name == "href" {
                let is_link = value.starts_with('#') || value.starts_with("https://");
                assert!(is_link, "{value}");
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
    // The only one that stands for a header.
    let mut policies = metas.iter().filter(|meta| meta.get("http-equiv").is_some());
    let policy = policies.next().unwrap();
    assert_eq!(policies.count(), 0);
    assert_eq!(policy.get("http-equiv"), Some("Content-Security-Policy"));
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let directives = policy.get("content").unwrap().split(';').map(str::trim);
    let directives: BTreeSet<&str> = directives.collect();
    let others = "default-src 'none'|base-uri 'none'|form-action 'none'";
    let expected = format!("style-src 'sha256-{hash}'|{others}");
    assert_eq!(directives, expected.split('|').collect());
    assert!(html.find("Content-Security-Policy").unwrap() < html.find("<style").unwrap());
    let strange = html.chars().find(|&c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    });
    assert_eq!(strange, None);
}

fn can_be_found_through(page: &Element) {
    assert_eq!(page.get("lang"), Some("en"));
    let title = page.only("head").only("title").text();
    assert!(!title.trim().is_empty());
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
    let span = |cell: &Element| cell.get("colspan").map_or(1, |span| span.parse().unwrap());
    let width = |row: &&Element| row.elements().into_iter().map(span).sum();
    for table in page.named("table") {
        let widths: BTreeSet<usize> = table.named("tr").iter().map(width).collect();
        assert_eq!(widths.len(), 1, "{table:?}");
        assert!(!table.only("thead").named("th").is_empty());
    }
    let ids: Vec<&str> = all.iter().filter_map(|element| element.get("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for id in &ids {
        assert_eq!(words(id), [*id]);
    }
    for element in &all {
        let href = element.get("href").and_then(|href| href.strip_prefix('#'));
        let others = ["aria-labelledby", "aria-describedby", "headers", "for"];
        let others = others.iter().filter_map(|name| element.get(name));
        for target in others.flat_map(words).chain(href) {
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
        let (size, count) = (numbers::size(value), numbers::count(value));
        let Some(pointer) = number.get("data-json") else {
            assert!(text == size || text == count, "{value} is not {text}");
            continue;
        };
        let there = document.pointer(pointer).expect(pointer);
        assert_eq!(*there, value, "{pointer}");
        if pointer.ends_with("bytes") {
            assert_eq!(text, size, "{pointer}");
            let exact = number.get("title").unwrap_or(&text);
            assert_eq!(exact, numbers::counted(value, "byte", "bytes"), "{pointer}");
        } else {
            assert_eq!(text, count, "{pointer}");
        }
    }
}
