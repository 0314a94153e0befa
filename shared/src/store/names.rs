//! Texts of which each belongs to one row, as names do: one behind the other in blocks, nothing kept beside them but
//! their length.

/// Where a text is. What one of them says stays true until [`Names::is_littered`].
pub(super) type Place = u32;

/// Texts that do not repeat.
#[derive(Debug, Default)]
pub(super) struct Names {
    blocks: Vec<String>,
    /// Bytes that belong to nobody.
    dead: usize,
}

impl Names {
    /// Bytes of a block.
    const BLOCK: usize = 1 << 14;
    /// Places that there are.
    const PLACES: usize = 1 << 30;

    /// Keeps a text. None for what is too long to have its length in one letter of ASCII.
    pub(super) fn hold(&mut self, text: &str) -> Option<Place> {
        let length = u8::try_from(text.len()).ok().filter(u8::is_ascii)?;
        let has_room = |block: &String| block.len() + 1 + text.len() <= Self::BLOCK;
        if !self.blocks.last().is_some_and(has_room) {
            if (self.blocks.len() + 1) * Self::BLOCK > Self::PLACES {
                return None;
            }
            self.blocks.push(String::with_capacity(Self::BLOCK));
        }
        let number = self.blocks.len() - 1;
        let block = self.blocks.last_mut()?;
        let place = number * Self::BLOCK + block.len();
        block.push(char::from(length));
        block.push_str(text);
        Some(place as Place)
    }

    /// The text at a place.
    #[inline]
    pub(super) fn get(&self, place: Place) -> &str {
        let (number, at) = (place as usize / Self::BLOCK, place as usize % Self::BLOCK);
        let text = self.blocks.get(number).and_then(|block| {
            let length = usize::from(*block.as_bytes().get(at)?);
            block.get(at + 1..at + 1 + length)
        });
        text.unwrap_or_default()
    }

    /// Lets go of the text at a place.
    pub(super) fn release(&mut self, place: Place) {
        self.dead += 1 + self.get(place).len();
    }

    /// Whether it is worth to keep all that is held anew.
    pub(super) fn is_littered(&self) -> bool {
        self.dead > 4 * Self::BLOCK && self.dead > self.blocks.len() * Self::BLOCK / 2
    }

    /// Bytes taken.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.len() * Self::BLOCK + self.blocks.capacity() * size_of::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_where_they_were_put() {
        let mut names = Names::default();
        let texts: Vec<String> = (0..2_000)
            .map(|n| format!("né-{n}{}", "x".repeat(n % 120)))
            .collect();
        let places: Vec<_> = texts
            .iter()
            .map(|text| names.hold(text).expect("it is short"))
            .collect();
        for (text, place) in texts.iter().zip(&places) {
            assert_eq!(names.get(*place), text);
        }
        assert_eq!(names.hold(&"x".repeat(128)), None);
        assert_eq!(names.get(Place::MAX), "");
        assert!(!names.is_littered());
        for place in &places {
            names.release(*place);
        }
        assert!(names.is_littered());
    }
}
