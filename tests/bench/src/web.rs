//! The same from JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Bench, MEASURES};
use crate::{Reading, Way};

/// A list being read.
#[wasm_bindgen]
pub struct WebReading(Reading);

#[wasm_bindgen]
impl WebReading {
    /// Begins to read, the way of a name.
    #[wasm_bindgen(constructor)]
    pub fn new(way: &str) -> Self {
        Self(Reading::new(Way::named(way).unwrap_or(Way::StoreProtobuf)))
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        self.0.push(chunk);
    }

    /// Objects, their bytes, and the bytes beside them.
    pub fn finish(&mut self) -> Vec<u32> {
        let report = self.0.finish();
        [report.objects, report.object_bytes, report.column_bytes]
            .map(|figure| u32::try_from(figure).unwrap_or(u32::MAX))
            .to_vec()
    }
}

/// A store into which the same list is read again and again.
#[wasm_bindgen]
pub struct WebChanges(Option<Reading>);

#[wasm_bindgen]
impl WebChanges {
    /// An empty store, read into the way of a name.
    #[wasm_bindgen(constructor)]
    pub fn new(way: &str) -> Self {
        Self(Way::named(way).map(Reading::new))
    }

    /// Reads the list once more; says how many objects it put in.
    pub fn read(&mut self, body: &[u8]) -> usize {
        let Some(mut reading) = self.0.take().map(Reading::again) else {
            return 0;
        };
        reading.push(body);
        let objects = reading.finish().objects;
        self.0 = Some(reading);
        objects
    }
}

/// What queries are asked of.
#[wasm_bindgen]
pub struct WebBench(Bench);

#[wasm_bindgen]
impl WebBench {
    /// Of two lists of pods.
    #[wasm_bindgen(constructor)]
    pub fn new(pods: &[u8], fewer: &[u8]) -> Self {
        Self(Bench::new(pods, fewer))
    }

    /// Does one of the measures, by its place, as often as a clock needs; says how often that is.
    pub fn run(&mut self, place: usize) -> usize {
        let Some(measure) = MEASURES.get(place) else {
            return 0;
        };
        self.0.run(measure, measure.times());
        measure.times()
    }
}
