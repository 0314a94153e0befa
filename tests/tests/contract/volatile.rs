//! What differs from run to run, and the words that stand for it.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The names of a script, in the order in which they were given.
#[derive(Default)]
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// `$name` becomes its value; a name that is not known is a fault of the script.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let end = after
                .find(|letter: char| !letter.is_ascii_lowercase() && letter != '_')
                .unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            match self.get(name) {
                Some(value) => out.push_str(value),
                // Merge patches have members such as `$patch`.
                None => {
                    assert!(
                        matches!(name, "" | "patch" | "retain" | "delete" | "set"),
                        "${name} has no value yet"
                    );
                    out.push('$');
                    out.push_str(name);
                }
            }
            rest = behind;
        }
        out + rest
    }

    /// Values become `$name` again, where they stand as words of their own.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in self.0.iter().rev().filter(|(_, value)| value.len() > 1) {
            text = replace_word(&text, value, &format!("${name}"));
        }
        text
    }
}

fn replace_word(text: &str, word: &str, by: &str) -> String {
    // Looking for a megabyte takes long even in no text at all.
    if word.len() > text.len() {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let joins =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        let whole = !joins(before.chars().next_back()) && !joins(after.chars().next());
        out.push_str(before);
        out.push_str(if whole { by } else { word });
        rest = after;
    }
    out + rest
}

/// Removes what differs in kind, and puts words in the place of revisions, uids, times, addresses and page tokens.
pub(crate) fn settle(value: &mut Value, names: &Names) {
    match value {
        Value::Object(members) => {
            // Who wrote what is not kept alike, and hashes need not be.
            members.remove("managedFields");
            members.remove("storageVersionHash");
            for (name, member) in members.iter_mut() {
                match word_for(name, member, names) {
                    Some(word) => *member = word,
                    None => settle(member, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| settle(item, names)),
        Value::String(text) => *text = settle_text(text, names),
        _ => {}
    }
}

fn word_for(member: &str, value: &Value, names: &Names) -> Option<Value> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    let known = names.hide(text);
    if known
        .strip_prefix('$')
        .is_some_and(|name| names.get(name).is_some())
    {
        return Some(known.into());
    }
    let word = match member {
        "uid" => "UID",
        "resourceVersion" if text != "0" => "RV",
        "clusterIP" | "podIP" | "ip" | "hostIP" if text != "None" => "IP",
        "continue" => return Some(page_token(text, names)),
        _ if is_time(text) => "TIME",
        _ => return None,
    };
    Some(word.into())
}

/// What is in a page token.
fn page_token(text: &str, names: &Names) -> Value {
    let inner = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let Some(mut inner) = inner else {
        return text.into();
    };
    if inner["rv"].as_i64().is_some_and(|revision| revision > 0) {
        inner["rv"] = names.hide(&inner["rv"].to_string()).into();
    }
    if inner["rv"]
        .as_str()
        .is_some_and(|revision| !revision.starts_with('$'))
    {
        inner["rv"] = "RV".into();
    }
    // Depending on whether etcd or the watch cache has answered, there is a slash before it.
    if let Some(start) = inner["start"]
        .as_str()
        .and_then(|start| start.strip_prefix('/'))
    {
        inner["start"] = start.into();
    }
    settle(&mut inner, names);
    inner
}

/// The same in running text, where also ages stand, and the server's own revision.
pub(crate) fn settle_text(text: &str, names: &Names) -> String {
    let mut text = names.hide(text);
    if text.contains("arge resource version: ") {
        text = without_number_after(&text, ", current: ");
    }
    if text.contains("does not match the ResourceVersion in record (") {
        text = without_number_after(&text, " in record (");
    }
    if text.contains("too old resource version: ") {
        text = without_number_after(&text, " (");
    }
    let mut out = String::new();
    let mut word = String::new();
    for letter in text.chars().chain(std::iter::once('\n')) {
        if letter.is_ascii_alphanumeric()
            || matches!(letter, '-' | '.' | ':' | '$' | '_' | '+' | '/')
        {
            word.push(letter);
        } else {
            out.push_str(word_in_text(&word));
            word.clear();
            out.push(letter);
        }
    }
    out.pop();
    out
}

fn without_number_after(text: &str, mark: &str) -> String {
    match text.split_once(mark) {
        None => text.to_owned(),
        Some((before, after)) => format!(
            "{before}{mark}RV{}",
            after.trim_start_matches(|letter: char| letter.is_ascii_digit())
        ),
    }
}

fn word_in_text(word: &str) -> &str {
    match word {
        _ if is_uid(word) => "UID",
        _ if is_time(word) => "TIME",
        _ if is_age(word) => "AGE",
        _ if is_address(word) => "IP",
        _ => word,
    }
}

fn is_uid(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12]
        && word
            .chars()
            .all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

fn is_time(word: &str) -> bool {
    word.len() >= 20
        && word.ends_with('Z')
        && word[4..5] == *"-"
        && word[..4].parse::<u16>().is_ok()
        && word.contains('T')
}

/// `5s`, `2m10s`, `3h`.
fn is_age(word: &str) -> bool {
    let mut digits = 0;
    word.chars().all(|letter| match letter {
        '0'..='9' => {
            digits += 1;
            true
        }
        's' | 'm' | 'h' | 'd' => std::mem::take(&mut digits) > 0,
        _ => false,
    }) && !word.is_empty()
        && digits == 0
}

fn is_address(word: &str) -> bool {
    let address = word.split(':').next().unwrap_or(word);
    address
        .parse::<Ipv4Addr>()
        .is_ok_and(|address| !address.is_unspecified())
}
