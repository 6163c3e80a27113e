//! The topics of `bkscan help TOPIC`: texts that are too long for `--help`. Each is a file beside this one,
//! and stands in the manual, too. Examples in them are run by `tests/all/readme.rs`.

mod options;
pub mod screen;
pub mod text;

use text::Block;

/// A topic.
#[derive(Debug)]
pub struct Topic {
    /// The word that names it.
    pub name: &'static str,
    /// The pages of the manual that have it: `bkscan`, or the name of a command.
    pub pages: &'static [&'static str],
    text: &'static str,
}

macro_rules! topic {
    ($name:literal, $pages:expr) => {
        Topic {
            name: $name,
            pages: &$pages,
            text: include_str!(concat!($name, ".md")),
        }
    };
}

/// All topics, in the order in which somebody may need them. What a page of the manual has in a section of
/// its own is on none: `options` and `exit-codes`.
pub const TOPICS: [Topic; 19] = [
    topic!("screen", ["bkscan"]),
    topic!("verdicts", ["bkscan", "explain"]),
    topic!("places", ["bkscan"]),
    topic!("findings", ["show", "explain"]),
    topic!("cleaning", ["clean"]),
    topic!("comparing", ["diff"]),
    topic!("mending", ["mend"]),
    topic!("encrypted", ["bkscan"]),
    topic!("contents", ["bkscan"]),
    topic!("night", ["schedule", "history"]),
    topic!("page", ["report"]),
    topic!("settings", ["config"]),
    topic!("many", ["schema"]),
    topic!("systems", ["schema"]),
    topic!("options", []),
    topic!("exit-codes", []),
    topic!("shells", ["completions", "man"]),
    topic!("promises", ["bkscan"]),
    topic!("speed", ["bkscan"]),
];

/// The topic of this name.
pub fn named(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

impl Topic {
    /// What it is about, in a line.
    pub fn title(&self) -> &'static str {
        text::title(self.text)
    }

    /// What it says.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = self.written();
        if self.name == "options" {
            blocks.extend(options::blocks());
        }
        blocks
    }

    /// How often it speaks of something.
    pub fn mentions(&self, word: &str) -> usize {
        self.text.to_lowercase().matches(word).count()
    }

    /// What stands in its file.
    pub fn written(&self) -> Vec<Block> {
        text::blocks(self.text)
    }

    /// What stands below one of its headings.
    pub fn section(&self, heading: &str) -> Vec<Block> {
        let is_heading = |block: &Block| matches!(block, Block::Heading(_));
        let mut blocks = self.written().into_iter();
        blocks.find(|block| *block == Block::Heading(heading.to_owned()));
        blocks.take_while(|block| !is_heading(block)).collect()
    }
}
