//! Documents as YAML, one after the other.

use serde_json::Value;

/// A stream of documents.
///
/// # Errors
/// A value that YAML cannot hold; there is none in what is written here.
pub fn documents(documents: &[Value]) -> Result<String, serde_saphyr::ser::Error> {
    let mut text = String::new();
    for document in documents {
        text.push_str("---\n");
        text.push_str(serde_saphyr::to_string(document)?.trim_end());
        text.push('\n');
    }
    Ok(text)
}
