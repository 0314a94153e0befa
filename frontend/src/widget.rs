//! The small parts that everything is made of. They know no word of a cluster's.

pub(crate) mod button;
pub(crate) mod dialog;
pub(crate) mod icon;
pub(crate) mod mark;
pub(crate) mod observe;
pub(crate) mod text;

pub(crate) use button::{Button, KeyCap};
pub(crate) use dialog::Dialog;
pub(crate) use icon::{Icon, icon};
pub(crate) use mark::mark;
pub(crate) use text::{Links, cell, grid_cell};
