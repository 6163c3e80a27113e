//! Reads a page as strictly as no browser does: every element is closed, every attribute is quoted and
//! given once, and every character that has a meaning in HTML is spelled as an entity.

/// Elements that have no content and no end.
const VOID: [&str; 9] = [
    "area", "base", "br", "hr", "img", "input", "link", "meta", "source",
];

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
        attributes
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// It and all elements below it, in the order of the page.
    pub fn all(&self) -> Vec<&Element> {
        let mut found = vec![self];
        for child in &self.children {
            if let Node::Element(child) = child {
                found.extend(child.all());
            }
        }
        found
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
        children
            .filter_map(|child| match child {
                Node::Element(element) => Some(element),
                Node::Text(_) => None,
            })
            .collect()
    }

    /// Its text and that of all below it.
    pub fn text(&self) -> String {
        let children = self.children.iter();
        children
            .map(|child| match child {
                Node::Element(element) => element.text(),
                Node::Text(text) => text.clone(),
            })
            .collect()
    }
}

/// The element `html` of a page.
pub fn read(page: &str) -> Element {
    let rest = page
        .strip_prefix("<!DOCTYPE html>")
        .expect("the page begins with its type");
    let mut reader = Reader { rest };
    let root = reader.element();
    assert_eq!(reader.rest.trim(), "", "something after the page");
    root
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn until(&mut self, end: &str) -> &'a str {
        let (found, rest) = self
            .rest
            .split_once(end)
            .unwrap_or_else(|| panic!("no {end} in {:.80}", self.rest));
        self.rest = rest;
        found
    }

    fn skip(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn element(&mut self) -> Element {
        assert!(self.skip("<"), "no element: {:.80}", self.rest);
        let length = self.rest.find([' ', '>']).expect("a tag ends");
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        assert!(
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{name:?} {:.80}",
            self.rest
        );
        let mut element = Element {
            name: name.to_owned(),
            attributes: self.attributes(),
            children: vec![],
        };
        if VOID.contains(&name) {
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
                    let (text, rest) = self.rest.split_at(length);
                    self.rest = rest;
                    Node::Text(plain(text))
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
            let length = self.rest.find(['=', ' ', '>']).expect("a tag ends");
            let (name, rest) = self.rest.split_at(length);
            self.rest = rest;
            assert!(
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
                "{name:?}"
            );
            let value = match self.skip("=") {
                true => {
                    assert!(self.skip("\""), "{name} {:.80}", self.rest);
                    plain(self.until("\""))
                }
                false => String::new(),
            };
            assert!(
                attributes.iter().all(|(own, _)| own != name),
                "{name} twice"
            );
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
