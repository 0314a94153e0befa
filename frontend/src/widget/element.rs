//! Elements as values: what a part of the page should look like, and the least that has to be
//! written to the document so that it does.
//!
//! Whatever the engine says is drawn this way. A view made of signals pays for each of its
//! elements each time it is made; a tree of values is compared with the one before and costs
//! nothing where they are equal. Signals are for what holds the trees: one effect each.

use std::borrow::Cow;

use leptos::html::{self, ElementType};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;

/// Text that is mostly known beforehand.
pub(crate) type Text = Cow<'static, str>;

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(Text),
}

/// An element as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    tag: &'static str,
    attributes: Vec<(&'static str, Text)>,
    children: Vec<Node>,
}

impl Element {
    /// An element of a class; of none if that is empty.
    pub(crate) fn new(tag: &'static str, class: impl Into<Text>) -> Self {
        let class: Text = class.into();
        let named = Some(("class", class)).filter(|(_, class)| !class.is_empty());
        Self {
            tag,
            attributes: named.into_iter().collect(),
            children: Vec::new(),
        }
    }

    /// With an attribute. Styles cannot be one, the page's policy forbids them there: what is
    /// named `style:width` sets that property.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Text>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// With an attribute if there is a value for it.
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<Text>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a text after what it has.
    pub(crate) fn text(mut self, text: impl Into<Text>) -> Self {
        self.children.push(Node::Text(text.into()));
        self
    }

    /// With another element after what it has.
    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// With elements and texts after what it has.
    pub(crate) fn nodes(mut self, nodes: Vec<Node>) -> Self {
        self.children.extend(nodes);
        self
    }

    /// With all of these after what it has.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        let children = children.into_iter().map(Node::Element);
        self.children.extend(children);
        self
    }

    /// With an attribute that has no value, if `is`.
    pub(crate) fn flag(self, name: &'static str, is: bool) -> Self {
        self.maybe(name, is.then_some(""))
    }

    /// With an attribute that says whether something is so.
    pub(crate) fn truth(self, name: &'static str, is: bool) -> Self {
        self.with(name, if is { "true" } else { "false" })
    }

    /// With what stands in another one.
    pub(crate) fn keeping(mut self, other: &Self) -> Self {
        self.children.clone_from(&other.children);
        self
    }

    /// Made anew. None for what is no name of an element, which no caller has.
    pub(crate) fn create(&self) -> Option<web_sys::Element> {
        let element = create(self.tag)?;
        for (name, value) in &self.attributes {
            set(&element, name, value);
        }
        for child in &self.children {
            append(&element, child);
        }
        Some(element)
    }

    /// Makes `element`, which is as `old` says, as this says. Both have the same tag.
    pub(crate) fn patch(&self, element: &web_sys::Element, old: &Self) {
        if self == old {
            return;
        }
        for (name, value) in &self.attributes {
            if old.attribute(name) != Some(value) {
                set(element, name, value);
            }
        }
        for (name, _) in &old.attributes {
            if self.attribute(name).is_none() {
                unset(element, name);
            }
        }
        patch(element, &old.children, &self.children);
    }

    fn attribute(&self, name: &str) -> Option<&Text> {
        self.attributes
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

impl From<&'static str> for Node {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// A place in the page where `content` is drawn, whenever a signal that it reads changes.
pub(crate) fn drawn(content: impl Fn() -> Vec<Node> + 'static) -> AnyView {
    let host = NodeRef::<html::Div>::new();
    dress(host, move || Element::new("div", "").nodes(content()));
    view! { <div class="host" node_ref=host></div> }.into_any()
}

/// Keeps the attributes of `host` and what stands in it as `looks` says, whenever a signal that it
/// reads changes. What `looks` never speaks of stays as it is.
pub(crate) fn dress<E>(host: NodeRef<E>, looks: impl Fn() -> Element + 'static)
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    keep(found(host), Box::new(looks));
}

/// Calls `act` for each event of a name on `host`, for as long as the page is there.
pub(crate) fn listen<E>(
    host: NodeRef<E>,
    event: &'static str,
    act: impl Fn(web_sys::Event) + 'static,
) where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    hear(found(host), event, Box::new(act));
}

/// The element of a reference, once it is in the page.
type Host = Box<dyn Fn() -> Option<web_sys::Element>>;

fn found<E>(host: NodeRef<E>) -> Host
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    Box::new(move || host.get().map(|host| host.unchecked_into()))
}

fn keep(host: Host, looks: Box<dyn Fn() -> Element>) {
    Effect::new(move |old: Option<Element>| {
        let nothing = || Element::new("", "");
        let Some(host) = host() else {
            return nothing();
        };
        let (old, new) = (old.unwrap_or_else(nothing), looks());
        if old.children.is_empty() && !new.children.is_empty() {
            // The framework leaves a mark where it has nothing to draw.
            host.set_text_content(None);
        }
        new.patch(&host, &old);
        new
    });
}

fn hear(host: Host, event: &'static str, act: Box<dyn Fn(web_sys::Event)>) {
    let call = Closure::<dyn Fn(web_sys::Event)>::new(act).into_js_value();
    Effect::new(move |_| {
        if let Some(host) = host() {
            // Refused for nothing that is a function.
            let _ = host.add_event_listener_with_callback(event, call.unchecked_ref());
        }
    });
}

/// Makes the children of `parent`, which are as `old` says, as `new` says.
fn patch(parent: &web_sys::Element, old: &[Node], new: &[Node]) {
    if old == new {
        return;
    }
    let mut next = parent.first_child();
    for (old, new) in old.iter().zip(new) {
        let Some(node) = next else { break };
        next = node.next_sibling();
        patch_node(parent, &node, old, new);
    }
    for _ in new.len()..old.len() {
        let Some(node) = next else { break };
        next = node.next_sibling();
        // Only what is no child is refused.
        let _ = parent.remove_child(&node);
    }
    for node in new.iter().skip(old.len()) {
        append(parent, node);
    }
}

fn patch_node(parent: &web_sys::Element, node: &web_sys::Node, old: &Node, new: &Node) {
    match (old, new) {
        (Node::Text(old), Node::Text(new)) => {
            if old != new {
                node.set_node_value(Some(new));
            }
        }
        (Node::Element(old), Node::Element(new)) if old.tag == new.tag => {
            new.patch(node.unchecked_ref(), old);
        }
        _ => {
            if let Some(new) = made(new) {
                // Only what is no child is refused.
                let _ = parent.replace_child(&new, node);
            }
        }
    }
}

fn append(parent: &web_sys::Element, node: &Node) {
    if let Some(node) = made(node) {
        // What was just made can stand anywhere.
        let _ = parent.append_child(&node);
    }
}

fn made(node: &Node) -> Option<web_sys::Node> {
    match node {
        Node::Element(element) => element.create().map(Into::into),
        Node::Text(text) => Some(document().create_text_node(text).into()),
    }
}

fn create(tag: &str) -> Option<web_sys::Element> {
    let document = document();
    if ["svg", "path"].contains(&tag) {
        return document
            .create_element_ns(Some("http://www.w3.org/2000/svg"), tag)
            .ok();
    }
    document.create_element(tag).ok()
}

fn set(element: &web_sys::Element, name: &str, value: &str) {
    // Both fail for what is no name of an attribute or a property, which no caller has.
    let _ = match name.strip_prefix(STYLE) {
        Some(property) => style(element).set_property(property, value),
        None => element.set_attribute(name, value),
    };
}

fn unset(element: &web_sys::Element, name: &str) {
    // Both fail for no name that can be set.
    let _ = match name.strip_prefix(STYLE) {
        Some(property) => style(element).remove_property(property).map(drop),
        None => element.remove_attribute(name),
    };
}

/// The beginning of what is a property of the element's style.
const STYLE: &str = "style:";

fn style(element: &web_sys::Element) -> web_sys::CssStyleDeclaration {
    element.unchecked_ref::<HtmlElement>().style()
}

/// As a page's source has it, for tests.
#[cfg(test)]
impl std::fmt::Display for Element {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "<{}", self.tag)?;
        for (name, value) in &self.attributes {
            write!(out, " {name}={value:?}")?;
        }
        write!(out, ">")?;
        for child in &self.children {
            match child {
                Node::Element(element) => write!(out, "{element}")?,
                Node::Text(text) => write!(out, "{text}")?,
            }
        }
        write!(out, "</{}>", self.tag)
    }
}
