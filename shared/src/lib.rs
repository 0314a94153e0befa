//! K8Kat: a query engine for Kubernetes clusters.
//!
//! A query ([`query`]) is planned ([`plan`]) into lists and watches of the API server
//! ([`watch`]), whose objects stay the bytes that the server sent ([`value`], [`store`]) and are
//! known by kind ([`resource`]); the [`engine`] keeps answers true. Nothing here does IO: the
//! engine is told what happened and says what it wants done. [`client`] answers a query once over
//! any transport; the feature `http` brings one.
//!
//! Directions: `engine → store, watch, plan → resource, query → api → value`, never upwards.

pub mod api;
mod bytes;
pub mod client;
pub mod engine;
#[cfg(feature = "http")]
pub mod http;
pub mod plan;
pub mod query;
pub mod resource;
mod sort;
pub mod store;
pub mod value;
pub mod watch;
