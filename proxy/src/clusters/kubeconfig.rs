//! Where the kubeconfig is and what it says, by kubectl's rules: several files merge, the first to say something
//! wins, and files that are not there are skipped as long as one is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kube::config::{Kubeconfig, KubeconfigError};

use crate::serve::StartError;

/// The files, in order of precedence. Never empty.
pub(super) struct Source(Vec<PathBuf>);

/// What the files looked like when they were read.
pub(super) type Stamp = Vec<Option<(SystemTime, u64)>>;

impl Source {
    /// `file`, else those of `$KUBECONFIG`, else `~/.kube/config`.
    pub(super) fn find(file: Option<&Path>) -> Result<Self, StartError> {
        if let Some(file) = file {
            return Ok(Self(vec![file.to_owned()]));
        }
        let variable = std::env::var_os("KUBECONFIG").unwrap_or_default();
        let listed: Vec<PathBuf> = std::env::split_paths(&variable)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        if !listed.is_empty() {
            return Ok(Self(listed));
        }
        let home = std::env::home_dir().ok_or_else(|| {
            StartError(
                "there is no home directory to find a kubeconfig in; use --kubeconfig FILE".into(),
            )
        })?;
        Ok(Self(vec![home.join(".kube").join("config")]))
    }

    pub(super) fn stamp(&self) -> Stamp {
        let stamp = |path: &PathBuf| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        self.0.iter().map(stamp).collect()
    }

    pub(super) fn read(&self) -> Result<Kubeconfig, StartError> {
        let mut merged: Option<Kubeconfig> = None;
        for path in self.0.iter().filter(|path| path.exists()) {
            let next = read_file(path)?;
            merged = Some(match merged {
                None => next,
                Some(merged) => merged.merge(next).map_err(|error| {
                    StartError(format!(
                        "cannot merge kubeconfig {} with the files before it: {error}",
                        path.display()
                    ))
                })?,
            });
        }
        merged.ok_or_else(|| {
            StartError(format!(
                "there is no {self}; create it, name another with --kubeconfig FILE, or set KUBECONFIG"
            ))
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<String> = self
            .0
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        write!(f, "kubeconfig {}", paths.join(", "))
    }
}

fn read_file(path: &Path) -> Result<Kubeconfig, StartError> {
    let shown = path.display();
    let mut read = Kubeconfig::read_from(path).map_err(|error| match error {
        KubeconfigError::ReadConfig(error, _) => {
            StartError(format!("cannot read kubeconfig {shown}: {error}; check the file and its permissions"))
        }
        // Never in the parser's own words: they quote the lines around the fault, and those may hold a token.
        error => StartError(format!(
            "kubeconfig {shown} is malformed{}; check it with `kubectl --kubeconfig {shown} config view`",
            place(&error)
        )),
    })?;
    // kubectl takes an empty current-context as not set.
    read.current_context = read.current_context.filter(|name| !name.is_empty());
    let named = |name: &String| read.contexts.iter().any(|context| context.name == *name);
    if let Some(missing) = read.current_context.as_ref().filter(|name| !named(name)) {
        tracing::warn!("the current-context {missing:?} is no context of {shown}");
    }
    Ok(read)
}

/// Where the file is malformed, if that is known.
fn place(error: &KubeconfigError) -> String {
    let KubeconfigError::Parse(error) = error else {
        return format!(": {error}");
    };
    error.location().map_or_else(String::new, |at| {
        format!(" at line {}, column {}", at.line(), at.column())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(files: &[(&str, Option<&str>)]) -> (tempfile::TempDir, Source) {
        let dir = tempfile::tempdir().unwrap();
        let paths = files.iter().map(|(name, text)| {
            let path = dir.path().join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            path
        });
        let source = Source(paths.collect());
        (dir, source)
    }

    #[test]
    fn files_merge_and_the_first_wins() {
        let (_dir, source) = source(&[
            (
                "a",
                Some("current-context: ''\ncontexts: [{name: x, context: {cluster: first}}]"),
            ),
            ("missing", None),
            (
                "b",
                Some(
                    "current-context: y\ncontexts: [{name: x, context: {cluster: second}}, {name: y, context: {cluster: c}}]",
                ),
            ),
        ]);
        let read = source.read().unwrap();
        let shown: Vec<_> = read
            .contexts
            .iter()
            .map(|named| {
                (
                    named.name.as_str(),
                    named.context.as_ref().unwrap().cluster.as_str(),
                )
            })
            .collect();
        assert_eq!(shown, [("x", "first"), ("y", "c")]);
        assert_eq!(read.current_context.as_deref(), Some("y"));
    }

    #[test]
    fn missing_and_malformed_files_are_named() {
        let (dir, missing) = source(&[("nowhere", None)]);
        let error = missing
            .read()
            .unwrap_err()
            .to_string()
            .replace(dir.path().to_str().unwrap(), "DIR");
        assert_eq!(
            error,
            "there is no kubeconfig DIR/nowhere; create it, name another with --kubeconfig FILE, or set KUBECONFIG"
        );
    }

    #[test]
    fn what_is_malformed_is_not_repeated() {
        for text in [
            "users: [{name: a, user: {token: CANARY}}]\ncontexts: {",
            "users:\n- name: a\n  user:\n    token: CANARY\n    x: {\n",
            "users: CANARY",
        ] {
            let (_dir, malformed) = source(&[("bad", Some(text))]);
            let error = malformed.read().unwrap_err().to_string();
            assert!(
                error.contains("/bad is malformed at line ") && error.contains("kubectl"),
                "{error}"
            );
            assert!(
                !error.contains("CANARY") && !error.contains('\n'),
                "{error}"
            );
        }
    }
}
