//! References to source rows: which file and which line a fact stands on.

/// A source row: the number of its file in the run's file list, and its line (from 1).
///
/// Packed into one `u64` so that it travels as a frame column and sorts by file, then line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef {
    /// Index into the run's list of files.
    pub file: u32,
    /// Line in that file, from 1.
    pub line: u32,
}

impl RowRef {
    /// The reference as a column value.
    #[must_use]
    pub fn pack(self) -> u64 {
        u64::from(self.file) << 32 | u64::from(self.line)
    }

    /// The reference back from a column value.
    #[must_use]
    pub fn unpack(packed: u64) -> Self {
        let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        Self { file: half(packed >> 32), line: half(packed) }
    }
}

#[cfg(test)]
mod tests {
    use super::RowRef;

    #[test]
    fn packs_and_unpacks() {
        let row = RowRef { file: 7, line: 4_000_000_000 };
        assert_eq!(RowRef::unpack(row.pack()), row);
    }
}
