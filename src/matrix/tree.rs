//! YAML as a tree that knows where everything stands and keeps scalars as they were written.
//!
//! Nothing is interpreted here: `1.20` stays the text `1.20`. What a scalar means is decided by whoever asks for it.
//! Anchors and aliases are resolved within bounds; merge keys and tags are refused with a message.

use std::{
    collections::{HashMap, hash_map},
    ops::Range,
};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::check::{Checker, quote};

/// Levels of lists and maps; far more than the format has, few enough for recursion.
const DEEPEST: usize = 32;

/// What a file is, as far as mistakes speak of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// What to do about an empty file.
    pub(crate) empty: &'static str,
    /// What a second document is not.
    pub(crate) single: &'static str,
    /// Nodes that its tree may have, those that aliases repeat included.
    pub(crate) most_nodes: usize,
}

/// A piece of the file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its bytes in the source.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Text, number or word, as written.
    Scalar {
        /// Without quotes and escapes.
        text: String,
        /// Whether it was marked as text.
        quoted: bool,
    },
    /// Items.
    List(Vec<Node>),
    /// Entries in the order of the file, each key once.
    Map(Vec<Entry>),
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its key.
    pub(crate) key: String,
    /// The key's bytes in the source.
    pub(crate) key_span: Range<usize>,
    /// Its value; where that is left out, its span is the key's.
    pub(crate) value: Node,
}

impl Node {
    /// Whether it is YAML's null: nothing, `~` or `null` without quotes.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, quoted: false } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Number of nodes and levels below and including this one.
    fn measure(&self) -> (usize, usize) {
        let children: Box<dyn Iterator<Item = &Self>> = match &self.value {
            Value::Scalar { .. } => return (1, 0),
            Value::List(items) => Box::new(items.iter()),
            Value::Map(entries) => Box::new(entries.iter().map(|entry| &entry.value)),
        };
        let (nodes, levels) = children
            .map(Self::measure)
            .fold((0, 0), |(nodes, levels), (more_nodes, more_levels)| (nodes + more_nodes, levels.max(more_levels)));
        (nodes + 1, levels + 1)
    }
}

/// The only document of the checker's source; `None` where it is not YAML or not one document, with the reason noted.
pub(crate) fn parse_yaml(checker: &mut Checker<'_>, kind: Kind) -> Option<Node> {
    let source = checker.source;
    let mut builder = Builder {
        bytes: source.char_indices().map(|(index, _)| index).chain([source.len()]).collect(),
        checker,
        kind,
        frames: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str(source) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                builder.syntax_error(*error.marker(), error.info());
                return None;
            }
        };
        builder.event(event, span)?;
    }
    let root = builder.root;
    if root.as_ref().is_none_or(Node::is_null) {
        checker.report(&(0..0), "the file is empty", kind.empty);
        return None;
    }
    root
}

/// A list or map whose end has not come yet.
struct Frame {
    start: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: HashMap<String, Range<usize>>, key: Option<Key> },
}

/// A key whose value has not come yet.
struct Key {
    /// `None` for a key that was refused.
    text: Option<String>,
    span: Range<usize>,
}

struct Builder<'c, 's> {
    checker: &'c mut Checker<'s>,
    kind: Kind,
    /// Byte index of every character.
    bytes: Vec<usize>,
    frames: Vec<Frame>,
    /// Finished nodes that have an anchor, with their measure.
    anchors: HashMap<usize, (Node, (usize, usize))>,
    nodes: usize,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_, '_> {
    /// Takes one event in; `None` ends the reading, with the reason noted.
    fn event(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let range = self.byte(span.start)..self.byte(span.end);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.checker.report(&range, "a second YAML document begins here", self.kind.single);
                    return None;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let marked = self.tag(tag.as_deref(), &range);
                let quoted = marked || style != ScalarStyle::Plain;
                self.finish(Node { span: self.trimmed(range), value: Value::Scalar { text: text.into_owned(), quoted } }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.tag(tag.as_deref(), &range);
                self.open(range, anchor, Content::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.tag(tag.as_deref(), &range);
                self.open(range, anchor, Content::Map { entries: Vec::new(), seen: HashMap::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range)?,
            Event::Alias(anchor) => self.alias(anchor, range)?,
        }
        Some(())
    }

    fn byte(&self, marker: Marker) -> usize {
        self.bytes.get(marker.index()).or(self.bytes.last()).copied().unwrap_or_default()
    }

    /// A scalar's span without the blanks behind it.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.checker.source.get(range.clone()).unwrap_or_default();
        range.start..range.start + text.trim_end().len()
    }

    /// Whether the tag marks text; any other is refused.
    fn tag(&mut self, tag: Option<&Tag>, range: &Range<usize>) -> bool {
        match tag {
            None => false,
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => true,
            Some(tag) => {
                self.checker.report(range, format!("the tag {} has no meaning here", quote(tag)), "leave it out; text is marked by quotes");
                false
            }
        }
    }

    fn open(&mut self, range: Range<usize>, anchor: usize, content: Content) -> Option<()> {
        if self.frames.len() >= DEEPEST {
            self.checker.report(&range, format!("lists and maps are nested deeper than {DEEPEST} levels"), None);
            return None;
        }
        self.frames.push(Frame { start: range.start, anchor, content });
        Some(())
    }

    fn close(&mut self, range: Range<usize>) -> Option<()> {
        let frame = self.frames.pop()?;
        let last = match &frame.content {
            Content::List(items) => items.last().map(|item| item.span.end),
            Content::Map { entries, .. } => entries.last().map(|entry| entry.value.span.end),
        };
        // A block ends where its last item does; the parser notices that only at the next token.
        let bracket = self.checker.source.get(range.clone()).is_some_and(|text| matches!(text, "]" | "}"));
        let end = if bracket { range.end } else { last.unwrap_or(frame.start) };
        let value = match frame.content {
            Content::List(items) => Value::List(items),
            Content::Map { entries, .. } => Value::Map(entries),
        };
        self.finish(Node { span: frame.start..end.max(frame.start), value }, frame.anchor)
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Option<()> {
        let Some((node, (nodes, levels))) = self.anchors.get(&anchor) else {
            self.checker.report(&range, "this alias stands inside what it is an alias of", None);
            return None;
        };
        self.nodes += nodes;
        if self.frames.len() + levels > DEEPEST {
            self.checker.report(&range, format!("aliases nest lists and maps deeper than {DEEPEST} levels"), None);
            return None;
        }
        // Problems of the whole show the alias, those of its parts show where they are written.
        let node = Node { span: range, value: node.value.clone() };
        self.finish(node, 0)
    }

    /// Hands a finished node to what it stands in.
    fn finish(&mut self, node: Node, anchor: usize) -> Option<()> {
        self.nodes += 1;
        let most = self.kind.most_nodes;
        if self.nodes > most {
            self.checker.report(&node.span, format!("the file has more than {most} values, counting what aliases repeat"), None);
            return None;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), node.measure()));
        }
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key, .. }) if key.is_some() => {
                if let Some(Key { text: Some(text), span }) = key.take() {
                    let value = if node.span.is_empty() { Node { span: span.clone(), ..node } } else { node };
                    entries.push(Entry { key: text, key_span: span, value });
                }
            }
            Some(Content::Map { seen, key, .. }) => {
                *key = Some(accept_key(self.checker, node, seen));
            }
        }
        Some(())
    }

    fn syntax_error(&mut self, marker: Marker, info: &str) {
        let start = self.byte(marker);
        let line_start = self.checker.source[..start].rfind('\n').map_or(0, |index| index + 1);
        let line = self.checker.source[line_start..].lines().next().unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        let help = if indent.contains('\t') { Some("YAML is indented with blanks, never with tabs".to_owned()) } else { None };
        self.checker.report(&(start..start), format!("not valid YAML: {info}"), help);
    }
}

/// Checks that a key is text, is not a merge key and comes once.
fn accept_key(checker: &mut Checker<'_>, node: Node, seen: &mut HashMap<String, Range<usize>>) -> Key {
    let Node { span, value } = node;
    let Value::Scalar { text, quoted } = value else {
        checker.report(&span, "a key is one word, not a list or map", None);
        return Key { text: None, span };
    };
    if text == "<<" && !quoted {
        checker.report(&span, "merge keys are not supported", "write the keys out; a whole value may be an alias");
        return Key { text: None, span };
    }
    match seen.entry(text.clone()) {
        hash_map::Entry::Vacant(slot) => {
            slot.insert(span.clone());
            Key { text: Some(text), span }
        }
        hash_map::Entry::Occupied(first) => {
            let line = checker.place(first.get()).line;
            checker.report(&span, format!("the key {} appears twice", quote(&text)), format!("its first value stands on line {line}"));
            Key { text: None, span }
        }
    }
}
