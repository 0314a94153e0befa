//! JSONPath in kubectl's dialect (k8s.io/client-go `util/jsonpath`), over objects where they lie.
//!
//! A [`Template`] does what `kubectl -o jsonpath` does. A [`Path`] is what a query asks of an object: a superset of kubectl's paths, in which nothing
//! fails once it is read. Where kubectl gives up on a whole object (an index out of range, a filter
//! on something that is no list), a path finds nothing there.

mod path;
mod template;

pub use path::{Path, Problem};
pub use template::Template;
