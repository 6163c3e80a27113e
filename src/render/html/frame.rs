//! What every page is: one file with one style, and a policy that forbids all else.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::render::printable::clean;

use super::page::Section;

/// The only style there is: no element has one of its own.
pub const STYLE: &str = include_str!("style.css");

/// What differs from page to page.
pub struct Frame<'a> {
    /// The title of the window.
    pub title: String,
    /// Which bkscan wrote it.
    pub version: &'a str,
    /// What the page begins with.
    pub header: Markup,
    /// Its parts.
    pub sections: &'a [Section],
    /// What stands below them, besides what every page says.
    pub footer: Markup,
}

/// The page, as HTML.
pub fn framed(frame: &Frame<'_>) -> String {
    // Browsers take the digest of what they have read, and read every line end as one character.
    let style = STYLE.replace("\r\n", "\n");
    let digest = BASE64_STANDARD.encode(Sha256::digest(&style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "bkscan " (clean(frame.version)) };
                title { (frame.title) }
                style { (PreEscaped(style)) }
            }
            body {
                header {
                    (frame.header)
                    nav aria-label="On this page" {
                        ul {
                            @for section in frame.sections {
                                li { a href={ "#" (section.id) } { (section.title) } }
                            }
                        }
                    }
                }
                main {
                    @for section in frame.sections { (told(section)) }
                }
                footer {
                    (frame.footer)
                    (last_words(frame.version))
                }
            }
        }
    };
    page.into_string()
}

fn told(section: &Section) -> Markup {
    let heading = html! { h2 id=(section.id) { (section.title) } };
    html! {
        @if section.is_folded {
            section.folded aria-labelledby=(section.id) {
                details { summary { (heading) } (section.content) }
            }
        } @else {
            section aria-labelledby=(section.id) { (heading) (section.content) }
        }
    }
}

/// What no report can promise, and who wrote this one.
fn last_words(version: &str) -> Markup {
    html! {
        p {
            "Complete means: finished, and everything holds that could be checked from the disk. Most of \
             what is in a backup has no checksum, so nobody can promise more; only a restore proves a \
             restore."
        }
        p { "Written by bkscan " (clean(version)) ". This page loads nothing and sends nothing." }
    }
}
