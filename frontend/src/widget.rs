//! The small parts that everything is made of. They know no word of a cluster's.

pub(crate) mod button;
pub(crate) mod dialog;
pub(crate) mod element;
pub(crate) mod event;
pub(crate) mod icon;
pub(crate) mod mark;
pub(crate) mod observe;
pub(crate) mod text;

pub(crate) use dialog::dialog;
pub(crate) use element::{Element, Node, drawn, dress, listen};
pub(crate) use icon::{Icon, picture};
pub(crate) use mark::mark;
pub(crate) use text::{Href, cell, grid_cell};
