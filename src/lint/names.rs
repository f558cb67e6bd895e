//! What the names of a script stand for, as far as its imports tell.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::{each, text};

/// The names of a script.
pub(super) struct Names<'s> {
    /// Local name → what was imported: `np` → `numpy`, `now` → `time.time`.
    imported: HashMap<&'s str, String>,
    /// Names that the script binds itself, anywhere.
    own: HashSet<&'s str>,
}

impl<'s> Names<'s> {
    /// Those of a tree.
    pub(super) fn of(root: Node<'_>, source: &'s str) -> Self {
        let mut names = Self { imported: HashMap::new(), own: HashSet::new() };
        each(root, &mut |node| names.learn(node, source));
        names
    }

    fn learn(&mut self, node: Node<'_>, source: &'s str) {
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "import_statement" | "import_from_statement" => {
                let module = field("module_name").map(|module| format!("{}.", text(module, source))).unwrap_or_default();
                let mut cursor = node.walk();
                for name in node.children_by_field_name("name", &mut cursor) {
                    self.import(name, &module, source);
                }
            }
            "assignment" | "for_statement" | "for_in_clause" => self.bind(field("left"), source),
            "function_definition" | "class_definition" | "named_expression" => self.bind(field("name"), source),
            "parameters" | "lambda_parameters" => self.bind(Some(node), source),
            _ => {}
        }
    }

    /// `numpy`, `os.path` (which binds `os`), `numpy as np`, `time` of a `from time import time`.
    fn import(&mut self, name: Node<'_>, module: &str, source: &'s str) {
        if let (Some(path), Some(alias)) = (name.child_by_field_name("name"), name.child_by_field_name("alias")) {
            self.imported.insert(text(alias, source), format!("{module}{}", text(path, source)));
            return;
        }
        let path = text(name, source);
        let local = path.split('.').next().unwrap_or(path);
        self.imported.insert(local, format!("{module}{local}"));
    }

    /// Learns the names that a target or a list of parameters binds; what is merely used in them (`seen[id(a)] = 1`) is not
    /// bound.
    fn bind(&mut self, target: Option<Node<'_>>, source: &'s str) {
        let mut left: Vec<Node<'_>> = target.into_iter().collect();
        while let Some(node) = left.pop() {
            match node.kind() {
                "identifier" => {
                    self.own.insert(text(node, source));
                }
                "subscript" | "attribute" | "call" | "type" => {}
                "default_parameter" | "typed_default_parameter" => left.extend(node.child_by_field_name("name")),
                _ => left.extend(node.children(&mut node.walk())),
            }
        }
    }

    /// The full name that an expression stands for: `np.random.rand` → `numpy.random.rand`; a builtin as it is, unless the
    /// script has a thing of that name.
    pub(super) fn path(&self, expression: Node<'_>, source: &'s str) -> Option<String> {
        match expression.kind() {
            "identifier" => {
                let name = text(expression, source);
                match self.imported.get(name) {
                    Some(path) => Some(path.clone()),
                    None => (!self.own.contains(name)).then(|| name.to_owned()),
                }
            }
            "attribute" => {
                let object = self.path(expression.child_by_field_name("object")?, source)?;
                Some(format!("{object}.{}", text(expression.child_by_field_name("attribute")?, source)))
            }
            _ => None,
        }
    }
}
