//! Following a path.

use std::cell::Cell;
use std::cmp::Ordering;
use std::ops::ControlFlow;

use super::super::super::{Shape, Value};
use super::decimal::Decimal;
use super::{Comparison, Condition, Operand, Path, Slice, Step};

/// Values nested deeper than this are not entered, so that no object can exhaust the stack.
const DEEPEST: usize = 200;

/// What is read of an object in all, in bytes, counting what is read again: twenty times what the
/// API server keeps of one.
const MOST: usize = 1 << 26;

/// How much a step costs beside what it reads.
const STEP: usize = 32;

/// How much a byte costs that a regular expression looks at.
const MATCHING: usize = 64;

type See<'s, 'a> = dyn FnMut(Value<'a>) -> ControlFlow<()> + 's;

pub(super) fn visit<'a>(path: &Path, from: Value<'a>, see: &mut See<'_, 'a>) {
    let limits = Limits {
        bytes: Cell::new(MOST),
        depth: Cell::new(DEEPEST),
    };
    // Whether it ended by itself does not matter.
    let _ = limits.walk(&path.steps, from, see);
}

/// What may still be done.
struct Limits {
    bytes: Cell<usize>,
    depth: Cell<usize>,
}

impl Limits {
    /// Goes all ways from a value, and shows each value where one ends.
    fn walk<'a>(
        &self,
        mut steps: &[Step],
        mut value: Value<'a>,
        see: &mut See<'_, 'a>,
    ) -> ControlFlow<()> {
        while let [Step::Member(name), rest @ ..] = steps {
            self.spend(value.bytes.len())?;
            (value, steps) = (value.get(name), rest);
        }
        if !value.is_present() {
            return ControlFlow::Continue(());
        }
        let Some(step) = steps.first() else {
            return see(value);
        };
        self.spend(value.bytes.len())?;
        let Some(depth) = self.depth.get().checked_sub(1) else {
            return ControlFlow::Continue(());
        };
        self.depth.set(depth);
        let flow = self.step(step, steps, value, see);
        self.depth.set(depth + 1);
        flow
    }

    fn step<'a>(
        &self,
        step: &Step,
        steps: &[Step],
        value: Value<'a>,
        see: &mut See<'_, 'a>,
    ) -> ControlFlow<()> {
        let rest = &steps[1..];
        match step {
            Step::Member(name) => self.walk(rest, value.get(name), see),
            Step::Each => children(value, &mut |child| self.walk(rest, child, see)),
            Step::Below => {
                self.walk(rest, value, see)?;
                children(value, &mut |child| match child.shape() {
                    Shape::Map | Shape::List => self.walk(steps, child, see),
                    _ => ControlFlow::Continue(()),
                })
            }
            Step::Index(index) => self.walk(rest, item(value, *index), see),
            Step::Slice(slice) => {
                let (start, length) = range(value, *slice);
                let items = value.items().skip(start).take(length);
                items
                    .step_by(slice.step)
                    .try_for_each(|item| self.walk(rest, item, see))
            }
            Step::Union(ways) => ways.iter().try_for_each(|way| {
                self.walk(&way.steps, value, &mut |value| self.walk(rest, value, see))
            }),
            Step::Filter(condition) => value.items().try_for_each(|item| {
                if self.holds(condition, item) {
                    self.walk(rest, item, see)
                } else {
                    ControlFlow::Continue(())
                }
            }),
        }
    }

    fn holds(&self, condition: &Condition, item: Value<'_>) -> bool {
        match condition {
            Condition::All(all) => all.iter().all(|part| self.holds(part, item)),
            Condition::Any(any) => any.iter().any(|part| self.holds(part, item)),
            Condition::Not(inner) => !self.holds(inner, item),
            Condition::Exists(path) => self.any(path, item, &mut |_| true),
            Condition::Compare(left, comparison, right) => {
                self.compares(left, *comparison, right, item)
            }
            Condition::Matches(path, regex) => self.any(path, item, &mut |value| {
                let text = value.scalar_text();
                text.is_some_and(|text| {
                    self.spend(text.len().saturating_mul(MATCHING))
                        .is_continue()
                        && regex.is_match(&text)
                })
            }),
        }
    }

    /// Whether one of the values to which a path leads passes a test.
    fn any(&self, path: &Path, from: Value<'_>, test: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        let mut found = false;
        let _ = self.walk(&path.steps, from, &mut |value| {
            found = test(value);
            if found {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        found
    }

    fn compares(
        &self,
        left: &Operand,
        comparison: Comparison,
        right: &Operand,
        item: Value<'_>,
    ) -> bool {
        let mut is_compared = false;
        let found = self.any_operand(left, item, &mut |left| {
            self.any_operand(right, item, &mut |right| {
                is_compared = true;
                let order = order(left, right);
                match comparison {
                    Comparison::Equal | Comparison::NotEqual => order == Some(Ordering::Equal),
                    Comparison::Less => order.is_some_and(Ordering::is_lt),
                    Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
                    Comparison::Greater => order.is_some_and(Ordering::is_gt),
                    Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
                }
            })
        });
        match comparison {
            Comparison::NotEqual => is_compared && !found,
            _ => found,
        }
    }

    fn any_operand(
        &self,
        operand: &Operand,
        item: Value<'_>,
        test: &mut dyn FnMut(Value<'_>) -> bool,
    ) -> bool {
        match operand {
            Operand::Path(path) => self.any(path, item, test),
            Operand::Literal(json) => test(Value::json(json.as_bytes())),
        }
    }

    fn spend(&self, bytes: usize) -> ControlFlow<()> {
        match self.bytes.get().checked_sub(bytes.saturating_add(STEP)) {
            Some(left) => {
                self.bytes.set(left);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }
}

/// The values of a map, or the items of a list.
fn children<'a>(value: Value<'a>, see: &mut See<'_, 'a>) -> ControlFlow<()> {
    value
        .entries()
        .map(|(_, value)| value)
        .try_for_each(&mut *see)?;
    value.items().try_for_each(see)
}

fn item(list: Value<'_>, index: i64) -> Value<'_> {
    let at = if index < 0 {
        from_end(list.items().count(), index)
    } else {
        usize::try_from(index).ok()
    };
    at.and_then(|at| list.items().nth(at))
        .unwrap_or(Value::ABSENT)
}

/// Where an item is that is counted from the end, if there are so many.
fn from_end(count: usize, index: i64) -> Option<usize> {
    count.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}

/// The first item of a slice, and how many there are at most.
fn range(list: Value<'_>, slice: Slice) -> (usize, usize) {
    let is_negative = |bound: Option<i64>| bound.is_some_and(|bound| bound < 0);
    let count = if is_negative(slice.start) || is_negative(slice.end) {
        list.items().count()
    } else {
        usize::MAX
    };
    let place = |bound: i64| {
        if bound < 0 {
            from_end(count, bound).unwrap_or_default()
        } else {
            usize::try_from(bound).unwrap_or(count)
        }
    };
    let start = slice.start.map_or(0, place);
    let end = slice.end.map_or(count, place);
    (start, end.saturating_sub(start))
}

/// The order of two values of one type; nothing when they are of two, or have none. Booleans are
/// only equal or not.
fn order(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    match (left.shape(), right.shape()) {
        (Shape::Text, Shape::Text) => Some(left.text()?.cmp(&right.text()?)),
        (Shape::Bare, Shape::Bare) => match (left.boolean(), right.boolean()) {
            (Some(left), Some(right)) => (left == right).then_some(Ordering::Equal),
            (None, None) => numbers(left, right),
            _ => None,
        },
        _ => None,
    }
}

fn numbers(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    let (left, right) = (left.scalar_text()?, right.scalar_text()?);
    Some(Decimal::read(&left)?.cmp(&Decimal::read(&right)?))
}
