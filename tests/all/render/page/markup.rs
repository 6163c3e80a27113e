//! Reads a page as strictly as no browser does: every element is closed, every attribute is quoted and
//! given once, and every character that has a meaning in HTML is spelled as an entity.

use crate::harness::words;

/// Elements that have no content and no end.
const VOID: &str = "area base br hr img input link meta source";

/// An element with all below it.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// What is in an element.
#[derive(Debug)]
pub enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        Some(&attributes.find(|(own, _)| own == name)?.1)
    }

    /// It and all elements below it, in the order of the page.
    pub fn all(&self) -> Vec<&Element> {
        let below = self.elements().into_iter().flat_map(Element::all);
        [self].into_iter().chain(below).collect()
    }

    /// All elements of this name.
    pub fn named(&self, name: &str) -> Vec<&Element> {
        let all = self.all().into_iter();
        all.filter(|element| element.name == name).collect()
    }

    /// The only element of this name.
    pub fn only(&self, name: &str) -> &Element {
        let found = self.named(name);
        assert_eq!(found.len(), 1, "{name}");
        found[0]
    }

    /// The element with this id.
    pub fn id(&self, id: &str) -> Option<&Element> {
        let mut all = self.all().into_iter();
        all.find(|element| element.get("id") == Some(id))
    }

    /// The elements right below it.
    pub fn elements(&self) -> Vec<&Element> {
        let children = self.children.iter();
        let elements = children.filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        });
        elements.collect()
    }

    /// Its text and that of all below it.
    pub fn text(&self) -> String {
        let text = |child: &Node| match child {
            Node::Element(element) => element.text(),
            Node::Text(text) => text.clone(),
        };
        self.children.iter().map(text).collect()
    }
}

/// The element `html` of a page.
pub fn read(page: &str) -> Element {
    let mut reader = Reader { rest: page };
    assert!(reader.skip("<!DOCTYPE html>"), "no type: {page:.80}");
    let root = reader.element();
    assert_eq!(reader.rest.trim(), "", "something after the page");
    root
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn until(&mut self, end: &str) -> &'a str {
        let length = self.rest.find(end);
        let length = length.unwrap_or_else(|| panic!("no {end} in {:.80}", self.rest));
        let found = self.take(length);
        self.skip(end);
        found
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (found, rest) = self.rest.split_at(length);
        self.rest = rest;
        found
    }

    /// A name that ends before one of these.
    fn name(&mut self, ends: &[char]) -> &'a str {
        let length = self.rest.find(ends).expect("a tag ends");
        let name = self.take(length);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_name = !name.is_empty() && name.bytes().all(is_plain);
        assert!(is_name, "{name:?} {:.80}", self.rest);
        name
    }

    fn skip(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn element(&mut self) -> Element {
        assert!(self.skip("<"), "no element: {:.80}", self.rest);
        let name = self.name(&[' ', '>']);
        assert!(!name.contains('-'), "{name:?}");
        let mut element = Element {
            name: name.to_owned(),
            attributes: self.attributes(),
            children: vec![],
        };
        if words(VOID).contains(&name) {
            return element;
        }
        let end = format!("</{name}>");
        if ["style", "script"].contains(&name) {
            let text = self.until(&end).to_owned();
            element.children.push(Node::Text(text));
            return element;
        }
        while !self.skip(&end) {
            let child = match self.rest.starts_with('<') {
                true => Node::Element(self.element()),
                false => {
                    let length = self.rest.find('<').expect("an element ends");
                    Node::Text(plain(self.take(length)))
                }
            };
            element.children.push(child);
        }
        element
    }

    fn attributes(&mut self) -> Vec<(String, String)> {
        let mut attributes: Vec<(String, String)> = vec![];
        while !self.skip(">") {
            assert!(self.skip(" "), "{:.80}", self.rest);
            let name = self.name(&['=', ' ', '>']);
            let value = match self.skip("=") {
                true => {
                    assert!(self.skip("\""), "{name} {:.80}", self.rest);
                    plain(self.until("\""))
                }
                false => String::new(),
            };
            let is_new = attributes.iter().all(|(own, _)| own != name);
            assert!(is_new, "{name} twice");
            attributes.push((name.to_owned(), value));
        }
        attributes
    }
}

/// Text without entities.
fn plain(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text:?}");
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').unwrap_or_else(|| panic!("{text:?}"));
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" | "apos" => '\'',
            _ => panic!("&{entity}; in {text:?}"),
        });
        plain.push_str(rest);
    }
    plain
}
