//! Filling a template in, as kubectl does it (`jsonpath.go`): every action takes all values at once
//! from node to node.

use super::super::super::{Shape, Value};
use super::go::{self, Item};
use super::{End, Filter, Node, Slice, Template};

/// Ranges within ranges, and values within values, go no deeper, so that nothing can exhaust the
/// stack.
const DEEPEST: usize = 100;

/// What is done in all, in bytes read, counting what is read again: so much, and so often the whole
/// object, which may be a long list.
const MOST: (usize, usize) = (1 << 26, 64);

/// How much it costs to do anything.
const DOING: usize = 256;

/// How much a byte costs that is written and kept.
const WRITING: usize = 4;

/// How much a value costs that is kept between two nodes.
const KEEPING: usize = 32;

pub(super) fn print(template: &Template, object: Value<'_>) -> Result<String, String> {
    let object = Item::Value(object);
    let (most, times) = MOST;
    let mut walk = Walk {
        template,
        left: object.size().saturating_mul(times).saturating_add(most),
        depth: 0,
        begun: 0,
        inside: 0,
        ended: 0,
        last_end: None,
        out: String::new(),
    };
    walk.block(0, object).map_err(|failure| failure.message)?;
    if walk.left == 0 {
        return Err(TOO_LONG.to_owned());
    }
    Ok(walk.out)
}

const TOO_LONG: &str = "the template takes too long";

/// Values between two nodes.
type Items<'v> = Vec<Item<'v>>;

type Walked<'v> = Result<Items<'v>, Failure<'v>>;

/// A failure, and the values that were there all the same: a filter that asks only whether there is
/// something takes them for a yes.
struct Failure<'v> {
    message: String,
    items: Items<'v>,
}

impl<'v> Failure<'v> {
    fn new(message: impl Into<String>, items: Items<'v>) -> Self {
        Self {
            message: message.into(),
            items,
        }
    }
}

struct Walk<'v> {
    template: &'v Template,
    /// How much may still be done.
    left: usize,
    depth: usize,
    /// How many ranges were begun by the action before.
    begun: usize,
    /// In how many ranges we are.
    inside: usize,
    /// How many ends were met that no range took yet.
    ended: usize,
    /// Where the range ended that was left last.
    last_end: Option<usize>,
    out: String,
}

impl<'v> Walk<'v> {
    /// Fills in the nodes from one on, up to the end of the range that they are in.
    fn block(&mut self, first: usize, data: Item<'v>) -> Result<(), Failure<'v>> {
        if self.depth == DEEPEST {
            return Err(Failure::new("ranges are nested too deep", Vec::new()));
        }
        self.depth += 1;
        let nodes = &self.template.nodes;
        let mut at = first;
        while let Some(node) = nodes.get(at) {
            let items = self.node(node, vec![data])?;
            if self.ended > 0 && self.ended <= self.inside {
                self.ended -= 1;
                self.last_end = Some(at);
                break;
            }
            if self.begun > 0 {
                self.range(at + 1, &items)?;
                at = self.last_end.filter(|end| *end > at).unwrap_or(at);
            } else {
                self.print(&items)?;
            }
            at += 1;
        }
        self.depth -= 1;
        Ok(())
    }

    fn range(&mut self, first: usize, items: &[Item<'v>]) -> Result<(), Failure<'v>> {
        self.begun -= 1;
        self.inside += 1;
        for item in items {
            let data = match item {
                Item::Nothing => return Err(Failure::new(go::NO_VALUE_IN_USE, Vec::new())),
                Item::Value(value) if !value.is_present() => Item::Nothing,
                item => *item,
            };
            self.block(first, data)?;
        }
        if items.is_empty() {
            // Only to find the end.
            let length = self.out.len();
            self.block(first, Item::Nothing)?;
            self.out.truncate(length);
        }
        self.inside -= 1;
        Ok(())
    }

    fn print(&mut self, items: &[Item<'v>]) -> Result<(), Failure<'v>> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(' ');
            }
            let before = self.out.len();
            let read = go::print(*item, &mut self.out);
            self.spend(read + WRITING * (self.out.len() - before))?;
        }
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Failure<'v>> {
        self.left = self.left.saturating_sub(bytes + DOING);
        if self.left == 0 {
            return Err(Failure::new(TOO_LONG, Vec::new()));
        }
        Ok(())
    }

    fn list(&mut self, nodes: &'v [Node], items: Items<'v>) -> Walked<'v> {
        nodes
            .iter()
            .try_fold(items, |items, node| self.node(node, items))
    }

    fn node(&mut self, node: &'v Node, items: Items<'v>) -> Walked<'v> {
        let bytes = items.iter().map(|item| item.size() + KEEPING).sum();
        self.spend(bytes)?;
        match node {
            Node::Text(text) => Ok(vec![Item::Value(Value::text_of(text))]),
            Node::Action(nodes) => self.list(nodes, items),
            Node::Integer(integer) => Ok(vec![Item::Integer(*integer); items.len()]),
            Node::Literal(json) => Ok(vec![Item::Value(Value::json(json.as_bytes())); items.len()]),
            Node::Word(word) => self.word(word, items),
            Node::Field(name) => self.field(name, &items),
            Node::Each => Ok(items.into_iter().flat_map(children).collect()),
            Node::Below => {
                let mut found = Vec::new();
                self.below(items, DEEPEST, &mut found)?;
                Ok(found)
            }
            Node::Slice(slice) => slices(*slice, items),
            Node::Union(ways) => {
                let mut found = Vec::new();
                for way in ways {
                    found.extend(
                        self.list(way, items.clone())
                            .map_err(|failure| Failure::new(failure.message, items.clone()))?,
                    );
                }
                Ok(found)
            }
            Node::Filter(filter) => self.filter(filter, items),
        }
    }

    fn word(&mut self, word: &str, items: Items<'v>) -> Walked<'v> {
        match word {
            "range" => {
                self.begun += 1;
                Ok(items)
            }
            "end" if self.inside > 0 => {
                self.ended += 1;
                Ok(Vec::new())
            }
            "end" => Err(Failure::new("not in range, nothing to end", Vec::new())),
            word => Err(Failure::new(
                ["unrecognized identifier ", word].concat(),
                items,
            )),
        }
    }

    fn field(&self, name: &str, items: &[Item<'v>]) -> Walked<'v> {
        let members = items.iter().filter_map(|item| match item {
            Item::Value(value) => value.member(name).map(Item::Value),
            _ => None,
        });
        let found: Items<'v> = members.collect();
        if found.is_empty() && !items.is_empty() && self.template.missing_keys_fail {
            return Err(Failure::new([name, " is not found"].concat(), found));
        }
        Ok(found)
    }

    /// Whatever has something inside, each before what is inside it.
    fn below(
        &mut self,
        items: Items<'v>,
        depth: usize,
        found: &mut Items<'v>,
    ) -> Result<(), Failure<'v>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Ok(());
        };
        for item in items {
            self.spend(item.size())?;
            match item {
                // Its bytes have nothing inside.
                Item::Value(value) if value.shape() == Shape::Text => {
                    found.extend((!value.text_or_empty().is_empty()).then_some(item));
                }
                item => {
                    let children = children(item);
                    if !children.is_empty() {
                        found.push(item);
                        self.below(children, depth, found)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn filter(&mut self, filter: &'v Filter, items: Items<'v>) -> Walked<'v> {
        let mut found = Vec::new();
        for item in &items {
            let list = match item {
                Item::Value(value) if value.shape() == Shape::List => value,
                item => {
                    let message = [
                        item.go_type(),
                        " is not array or slice and cannot be filtered",
                    ];
                    return Err(Failure::new(message.concat(), items));
                }
            };
            for item in list.items().map(Item::Value) {
                let passes = match &filter.comparison {
                    None => self.exists(&filter.left, item),
                    Some((sign, right)) => self
                        .compares(&filter.left, sign, right, item)
                        .map_err(|message| Failure::new(message, items.clone()))?,
                };
                if passes {
                    found.push(item);
                }
            }
        }
        Ok(found)
    }

    fn exists(&mut self, nodes: &'v [Node], item: Item<'v>) -> bool {
        let found = match self.list(nodes, vec![item]) {
            Ok(found) => found,
            Err(failure) => failure.items,
        };
        !found.is_empty()
    }

    fn compares(
        &mut self,
        left: &'v [Node],
        sign: &str,
        right: &'v [Node],
        item: Item<'v>,
    ) -> Result<bool, String> {
        let Some(left) = self.operand(left, item)? else {
            return Ok(false);
        };
        match self.operand(right, item)? {
            Some(right) => go::compares(left, sign, right),
            None => Ok(false),
        }
    }

    fn operand(&mut self, nodes: &'v [Node], item: Item<'v>) -> Result<Option<Item<'v>>, String> {
        let found = self.list(nodes, vec![item]);
        match found.map_err(|failure| failure.message)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err("can only compare one element at a time".to_owned()),
        }
    }
}

/// The values of a map in the order received, the items of a list, the bytes of a text.
fn children(item: Item<'_>) -> Items<'_> {
    let Item::Value(value) = item else {
        return Vec::new();
    };
    match value.shape() {
        Shape::Map => value
            .entries()
            .map(|(_, value)| Item::Value(value))
            .collect(),
        Shape::List => value.items().map(Item::Value).collect(),
        Shape::Text => value.text_or_empty().bytes().map(Item::Byte).collect(),
        Shape::Absent | Shape::Bare => Vec::new(),
    }
}

fn slices(slice: Slice, items: Items<'_>) -> Walked<'_> {
    let mut found = Vec::new();
    for item in &items {
        let list: Items<'_> = match item {
            Item::Value(value) if !value.is_present() => continue,
            Item::Value(value) if value.shape() == Shape::List => {
                value.items().map(Item::Value).collect()
            }
            item => {
                let message = [item.go_type(), " is not array or slice"].concat();
                return Err(Failure::new(message, items));
            }
        };
        match part(slice, &list) {
            Ok(Some(part)) => found.extend(part),
            // Nor are there any of the lists that follow.
            Ok(None) => break,
            Err(message) => return Err(Failure::new(message, items)),
        }
    }
    Ok(found)
}

/// The items of a list that a slice means; nothing when it begins where it ends.
fn part<'l, 'v>(
    slice: Slice,
    list: &'l [Item<'v>],
) -> Result<Option<impl Iterator<Item = Item<'v>> + use<'l, 'v>>, String> {
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let from_end = |bound: i64| bound.saturating_add(if bound < 0 { length } else { 0 });
    let start = from_end(slice.start.unwrap_or_default());
    let end = match slice.end {
        End::AfterStart(-1) => length,
        End::AfterStart(start) => from_end(start.saturating_add(1)),
        End::Before(end) => from_end(end),
        End::OfList => length,
    };
    if start == end {
        return Ok(None);
    }
    let outside = |index: i64| format!("array index out of bounds: index {index}, length {length}");
    if !(0..length).contains(&start) {
        return Err(outside(start));
    }
    if !(0..=length).contains(&end) {
        return Err(outside(end - 1));
    }
    if start > end {
        return Err(format!(
            "starting index {start} is greater than ending index {end}"
        ));
    }
    let Ok(step @ 1..) = usize::try_from(slice.step.unwrap_or(1)) else {
        return Err("step must be > 0".to_owned());
    };
    let range =
        usize::try_from(start).unwrap_or_default()..usize::try_from(end).unwrap_or_default();
    let part = list.get(range).unwrap_or_default();
    Ok(Some(part.iter().step_by(step).copied()))
}
