//! What the page remembers and draws, for as long as it is open.
//!
//! The framework's own signals hold what comes and goes, and each type of them brings a kilobyte of
//! its own with it. These only tell the framework that something changed.

use std::sync::{PoisonError, RwLock};

use leptos::prelude::*;

/// A value that is drawn again where it was read when it changes. Copies are the same one.
pub(crate) struct State<T: 'static> {
    /// No `Trigger`: that forgets who listens each time it tells.
    changed: RwSignal<()>,
    value: &'static RwLock<T>,
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

impl<T> State<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            changed: RwSignal::new(()),
            value: Box::leak(Box::new(RwLock::new(value))),
        }
    }

    /// Reads it.
    pub(crate) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.with_untracked(read)
    }

    /// Reads it; what reads it so is not drawn again for it.
    pub(crate) fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    pub(crate) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Changes it.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify();
    }

    pub(crate) fn set(self, value: T) {
        self.update(|old| *old = value);
    }
}

impl<T: Default> Default for State<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// How one part of the page reads of another, or tells it, for as long as the page is open.
pub(crate) type Call<In, Out> = &'static (dyn Fn(In) -> Out + Send + Sync);

/// Keeps a function for as long as the page is open.
pub(crate) fn call<In, Out>(function: impl Fn(In) -> Out + Send + Sync + 'static) -> Call<In, Out> {
    Box::leak(Box::new(function))
}
