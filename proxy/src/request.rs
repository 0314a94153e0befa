//! What happens to a request, in order. The list [`PHASES`] is the documentation.
//!
//! A phase is a function from the head of a request and the site to "continue" or an answer. It may change the head.
//! No phase sees a body or waits for anything. After the last phase the request is answered by the site itself or
//! forwarded, and [`response`] has the last word on the headers of the answer.

mod connection;
mod dangerous;
mod host;
mod identity;
mod names;
mod origin;
mod path;
pub(crate) mod response;
mod sign_in;
mod size;
mod target;
mod upgrade;

use std::net::SocketAddr;

use http::HeaderValue;
use http::request::Parts;
use http::uri::PathAndQuery;

use crate::fault::Fault;
use crate::site::Site;
use crate::websocket::Protocols;

/// The head of a request on its way through the phases, and what they found out.
pub(crate) struct Exchange {
    pub(crate) parts: Parts,
    pub(crate) peer: SocketAddr,
    pub(crate) route: Route,
    /// The allowed foreign origin that this request comes from, if it does.
    pub(crate) foreign_origin: Option<HeaderValue>,
    /// Set for an upgrade to a WebSocket, the only one there is.
    pub(crate) websocket: Option<Protocols>,
}

/// What a path asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// A file of the page.
    App,
    /// The page's settings.
    Config,
    /// The list of clusters.
    Clusters,
    /// A path of a cluster's API, as received and without our prefix.
    Cluster { slug: String, target: PathAndQuery },
}

/// Why a request goes no further.
pub(crate) enum Stop {
    Fault(Fault),
    /// It was only a browser's question whether an allowed foreign page may ask.
    Permission,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

pub(crate) type Step = Result<(), Stop>;

/// Which requests a phase looks at.
enum Of {
    /// Every request.
    All,
    /// Those for the list of clusters or for a cluster.
    Api,
    /// Those for a cluster.
    Cluster,
}

struct Phase {
    of: Of,
    run: fn(&mut Exchange, &Site) -> Step,
}

const fn all(run: fn(&mut Exchange, &Site) -> Step) -> Phase {
    Phase { of: Of::All, run }
}

const fn api(run: fn(&mut Exchange, &Site) -> Step) -> Phase {
    Phase { of: Of::Api, run }
}

const fn cluster(run: fn(&mut Exchange, &Site) -> Step) -> Phase {
    Phase {
        of: Of::Cluster,
        run,
    }
}

static PHASES: &[Phase] = &[
    // First, because a page that rebound its name to our address must learn nothing of the clusters or of the token.
    all(host::check),
    // Before anything reads the path: these forms have none, or one that means something else.
    all(target::check),
    // Before anything walks over the address and the headers.
    all(size::check),
    // Before anything compares paths: from here on a path has one spelling.
    all(path::check),
    // Before anything compares header names: from here on a name has one spelling.
    all(names::check),
    // Before the token, since a browser asks for permission without it, and so that a foreign page cannot try tokens.
    api(origin::check),
    // After the origin, before the token: an upgrade carries its token among its protocols.
    api(upgrade::check),
    // Last of the admission: from here on the caller is the user.
    api(sign_in::check),
    // After the token, so that nobody else can learn what is refused.
    cluster(dangerous::check),
    // Strictly before identity: `Connection: impersonate-user` must remove what came in, never what we add.
    cluster(connection::strip),
    // Who the client claims to be, or to speak for, ends here; the kubeconfig says who asks.
    cluster(identity::strip),
    // Last, so that nothing above can remove or duplicate our own headers.
    cluster(identity::add),
];

impl Exchange {
    pub(crate) fn new(parts: Parts, peer: SocketAddr) -> Self {
        let route = Route::of(parts.uri.path_and_query());
        Self {
            parts,
            peer,
            route,
            foreign_origin: None,
            websocket: None,
        }
    }

    pub(crate) fn is_api(&self) -> bool {
        matches!(self.route, Route::Clusters | Route::Cluster { .. })
    }

    /// Runs the phases until one stops.
    pub(crate) fn admit(&mut self, site: &Site) -> Step {
        for phase in PHASES {
            let concerned = match phase.of {
                Of::All => true,
                Of::Api => self.is_api(),
                Of::Cluster => matches!(self.route, Route::Cluster { .. }),
            };
            if concerned {
                (phase.run)(self, site)?;
            }
        }
        Ok(())
    }
}

impl Route {
    fn of(target: Option<&PathAndQuery>) -> Self {
        let Some(target) = target else {
            return Self::App;
        };
        match target.path() {
            "/config.json" => return Self::Config,
            "/clusters" => return Self::Clusters,
            _ => {}
        }
        let Some(rest) = target.as_str().strip_prefix("/clusters/") else {
            return Self::App;
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (slug, rest) = rest.split_at(end);
        let slug = slug.to_owned();
        match rest.starts_with('/') {
            true => match PathAndQuery::try_from(rest) {
                Ok(target) => Self::Cluster { slug, target },
                Err(_) => Self::Cluster {
                    slug,
                    target: PathAndQuery::from_static("/"),
                },
            },
            false => Self::Cluster {
                slug,
                target: PathAndQuery::from_static("/"),
            },
        }
    }
}

/// The value of a header that may be there once at most.
fn single<'a>(parts: &'a Parts, name: &http::HeaderName) -> Result<Option<&'a HeaderValue>, Fault> {
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Fault::bad_request(format!(
            "the header {name} is there twice; send it once"
        ))),
    }
}
