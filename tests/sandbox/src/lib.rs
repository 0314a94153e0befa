//! An in-memory Kubernetes API server with a small cluster behind it, for trying Kapi and for its tests.
//!
//! `api_server` answers one request: `discovery`, `list`, `watch`, `write`, `logs`. What is written goes through
//! `registry`, which knows the rules, into `store`, which knows revisions. `controllers` watch the store and write
//! back, as a cluster's do; `world` is what there is at the start. Kinds are rows of the table in `resource`.
//!
//! At every moment: what a list shows is one revision of the store; a watch tells each change once and in order;
//! nothing but `registry` writes to the store; no code outside `sandbox` asks what time it really is.

mod api_server;
mod body;
mod clock;
mod controllers;
mod custom;
mod discovery;
mod faults;
mod field_selector;
mod human_duration;
mod kubeconfig;
mod label_selector;
mod list;
mod list_options;
mod logs;
mod object;
mod openapi;
mod patch;
mod protobuf;
mod quoted;
mod rbac;
mod registry;
mod request_info;
mod resource;
mod reviews;
mod sandbox;
mod status;
mod store;
mod table;
mod user;
mod view;
mod watch;
mod world;
mod write;

pub use clock::Clock;
pub use sandbox::{Options, Sandbox, TOKEN};
