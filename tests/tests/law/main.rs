//! The law: for every state of a cluster, every query and everything that an API server can do, the
//! answer equals the whole query evaluated over everything visible, or says that it is partial.
//!
//! A model of the API server (`server`) and a reading of the language (`reference`), both written from
//! their documentation, meet the engine on random states and queries. `KAPI_LAW_CASES` says how many;
//! a case that fails is made small and printed with its seed, which `KAPI_TEST_SEED` repeats.

mod ask;
mod carry_out;
mod cell;
mod chance;
mod groups;
mod live;
mod mutants;
mod once;
mod path;
mod planned;
mod reference;
mod relation;
mod selectors;
mod server;
mod state;
mod verbs;
