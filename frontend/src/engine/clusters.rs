//! The clusters that the API offers, and which of them to open.

use std::borrow::Cow;

use k8kat::engine::message::{Blank, BlankState, Offer};
use k8kat::value::Value;

use crate::fetch;
use crate::message::ClusterEntry;

/// How asking for the clusters went.
pub(crate) enum Listing {
    Clusters(Vec<ClusterEntry>),
    /// A credential is needed, or another one.
    SignIn(String),
    Failed(String),
}

/// Asks for them.
pub(crate) async fn list(api: &str, token: Option<&str>) -> Listing {
    match fetch::text(&format!("{api}/clusters"), token).await {
        Ok((401, _)) if token.is_some() => {
            Listing::SignIn("the token was refused; it may be of an earlier start of kapi".into())
        }
        Ok((401, _)) => Listing::SignIn(String::new()),
        Ok((200, text)) => match Value::json(text.as_bytes()).get("clusters") {
            clusters if clusters.is_present() => {
                Listing::Clusters(clusters.items().map(entry).collect())
            }
            _ => Listing::Failed("the list of clusters is not readable".into()),
        },
        Ok((status, text)) => Listing::Failed(format!(
            "HTTP {status}: {}",
            text.chars().take(200).collect::<String>()
        )),
        Err(error) => Listing::Failed(error),
    }
}

fn entry(cluster: Value<'_>) -> ClusterEntry {
    let text = |field: &str| cluster.get(field).text().map(Cow::into_owned);
    let flag = |field: &str| cluster.get(field).boolean() == Some(true);
    ClusterEntry {
        slug: text("slug").unwrap_or_default(),
        context: text("context").unwrap_or_default(),
        server: text("server"),
        namespace: text("namespace"),
        user: text("user"),
        current: flag("current"),
        insecure: flag("insecure"),
        error: text("error"),
    }
}

/// The one asked for; without a wish the current one, else the first that can be used.
pub(crate) fn pick<'a>(
    clusters: &'a [ClusterEntry],
    wanted: Option<&str>,
) -> Option<&'a ClusterEntry> {
    if let Some(wanted) = wanted {
        return clusters.iter().find(|cluster| cluster.slug == wanted);
    }
    let usable = |cluster: &&ClusterEntry| cluster.error.is_none();
    clusters
        .iter()
        .find(|cluster| cluster.current)
        .or_else(|| clusters.iter().find(usable))
        .or_else(|| clusters.first())
}

/// Says why [`pick`] found none.
pub(crate) fn nothing_to_open(clusters: &[ClusterEntry], wanted: Option<&str>) -> Blank {
    let (title, text) = match wanted {
        Some(slug) if !clusters.is_empty() => (
            format!("There is no cluster {slug}"),
            "The address names a cluster that this kapi does not offer. Choose one at the top left."
                .to_owned(),
        ),
        _ => (
            "There is no cluster".to_owned(),
            "This kapi was started with a kubeconfig that names none.".to_owned(),
        ),
    };
    Blank {
        state: BlankState::Problem,
        title,
        text,
        evidence: None,
        offers: vec![("Look again".into(), Offer::Retry)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(slug: &str, current: bool, error: Option<&str>) -> ClusterEntry {
        ClusterEntry {
            slug: slug.into(),
            current,
            error: error.map(Into::into),
            ..ClusterEntry::default()
        }
    }

    fn check(clusters: &[ClusterEntry], wanted: Option<&str>, picked: Option<&str>) {
        let slug = pick(clusters, wanted).map(|cluster| cluster.slug.as_str());
        assert_eq!(slug, picked, "of {clusters:?}, wanted {wanted:?}");
    }

    #[test]
    fn picks_the_wanted_the_current_or_the_first_usable() {
        let all = [
            cluster("a", false, Some("no such file")),
            cluster("b", false, None),
            cluster("c", true, None),
        ];
        check(&all, Some("b"), Some("b"));
        check(&all, Some("z"), None);
        check(&all, None, Some("c"));
        check(&all[..2], None, Some("b"));
        check(&all[..1], None, Some("a"));
        check(&[], None, None);
    }
}
