//! The key `kubernetes`: where in a cluster cells run, and with what.

use std::collections::BTreeMap;

use super::{
    ClusterCache, KubernetesSettings, Toleration,
    check::{Checker, quote},
    tree::{Entry, Node, Value},
};

const KEYS: [&str; 7] = ["namespace", "node_selector", "tolerations", "parallelism", "image", "pull_secrets", "cache"];
const CACHE: &str = "`none`, `{claim: NAME}` of a PersistentVolumeClaim, or `{node: /var/cache/skew}`";
const TOLERATION: &str = "`{key: dedicated, operator: Equal, value: tests, effect: NoSchedule}`";

impl Checker<'_> {
    /// The key `kubernetes`.
    pub(super) fn kubernetes(&mut self, node: &Node) -> KubernetesSettings {
        let mut settings = KubernetesSettings::default();
        let entries = self.map_or_empty(node, "`kubernetes`", "`kubernetes: {namespace: skew, parallelism: 20}`");
        self.known_keys(entries, &KEYS);
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "namespace" => settings.namespace = self.object_name(value, "`namespace`"),
                "node_selector" => settings.node_selector = self.labels(value),
                "tolerations" => settings.tolerations = self.tolerations(value),
                "parallelism" => settings.parallelism = self.count(value, "`parallelism`").unwrap_or(settings.parallelism),
                "image" => settings.image = self.image(value),
                "pull_secrets" => settings.pull_secrets = self.pull_secrets(value),
                "cache" => settings.cache = self.cluster_cache(value).unwrap_or(settings.cache),
                _ => {}
            }
        }
        settings
    }

    /// A name as objects of a cluster have it (RFC 1123).
    fn object_name(&mut self, node: &Node, what: &str) -> Option<String> {
        let help = "small letters, digits, `-` and `.`, such as `skew`";
        let text = self.text(node, what, help)?;
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let is_name = text.len() <= 253 && text.chars().all(inner) && !text.starts_with(['-', '.']) && !text.ends_with(['-', '.']);
        if !is_name || text.is_empty() {
            self.report(&node.span, format!("{what} can't be {}", quote(text)), help);
            return None;
        }
        Some(text.to_owned())
    }

    fn labels(&mut self, node: &Node) -> BTreeMap<String, String> {
        let entries = self.map_or_empty(node, "`node_selector`", "`node_selector: {pool: tests}`");
        let text = |entry: &Entry| {
            let text = self.text(&entry.value, &format!("the label {}", quote(&entry.key)), "for an empty value write `\"\"`")?;
            Some((entry.key.clone(), text.to_owned()))
        };
        entries.iter().filter_map(text).collect()
    }

    fn pull_secrets(&mut self, node: &Node) -> Vec<String> {
        let items = self.list_or_empty(node, "`pull_secrets`", "`pull_secrets: [NAME]`");
        items.iter().filter_map(|item| self.object_name(item, "the name of a secret")).collect()
    }

    fn tolerations(&mut self, node: &Node) -> Vec<Toleration> {
        let items = self.list_or_empty(node, "`tolerations`", "`tolerations: [{key: dedicated, operator: Exists}]`");
        items.iter().filter_map(|item| self.toleration(item)).collect()
    }

    fn toleration(&mut self, node: &Node) -> Option<Toleration> {
        let entries = self.map(node, "a toleration", TOLERATION)?;
        self.known_keys(entries, &["key", "operator", "value", "effect"]);
        let mut toleration = Toleration { operator: "Equal", ..Toleration::default() };
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "key" => toleration.key = self.filled(value, "`key`", TOLERATION),
                "operator" => toleration.operator = self.one_word(value, "`operator`", &["Equal", "Exists"])?,
                "value" => toleration.value = self.text(value, "`value`", TOLERATION).map(str::to_owned),
                "effect" => toleration.effect = Some(self.one_word(value, "`effect`", &["NoSchedule", "PreferNoSchedule", "NoExecute"])?),
                _ => {}
            }
        }
        if toleration.operator == "Equal" && (toleration.key.is_none() || toleration.value.is_none()) {
            self.report(&node.span, "`Equal` needs a `key` and a `value`", "with `operator: Exists` any value will do");
            return None;
        }
        if toleration.operator == "Exists" && toleration.value.is_some() {
            self.report(&node.span, "`Exists` takes no `value`", TOLERATION);
            return None;
        }
        Some(toleration)
    }

    fn one_word(&mut self, node: &Node, what: &str, words: &[&'static str]) -> Option<&'static str> {
        let choices: Vec<(&str, &'static str)> = words.iter().map(|word| (*word, *word)).collect();
        self.choice(node, what, &choices)
    }

    fn cluster_cache(&mut self, node: &Node) -> Option<ClusterCache> {
        if !matches!(node.value, Value::Map(_)) {
            self.one_word(node, "`cache`", &["none"])?;
            return Some(ClusterCache::None);
        }
        let entries = self.map(node, "`cache`", CACHE)?;
        self.known_keys(entries, &["claim", "node"]);
        let [Entry { key, value, .. }] = entries else {
            self.report(&node.span, "`cache` is one place", CACHE);
            return None;
        };
        match key.as_str() {
            "claim" => self.object_name(value, "`claim`").map(ClusterCache::Claim),
            "node" => {
                let folder = self.filled(value, "`node`", CACHE)?;
                if !folder.starts_with('/') || folder.split('/').any(|part| part == "..") || folder.trim_matches('/').is_empty() {
                    self.report(
                        &value.span,
                        format!("`node` can't be {}", quote(&folder)),
                        "a folder of its own, such as `/var/cache/skew`",
                    );
                    return None;
                }
                Some(ClusterCache::Node(folder))
            }
            _ => None,
        }
    }
}
