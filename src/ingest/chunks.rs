//! Reads a file in chunks of whole lines, as UTF-8, and hashes its bytes on the way.

use crate::base::hash::hex;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use sha2::{Digest, Sha256};
use std::{fs::File, io::Read, path::Path};

/// Bytes read at a time.
pub(crate) const CHUNK_BYTES: usize = 4 << 20;
/// A line longer than this is broken where it stands: it is not a line of an export.
const LONGEST_LINE: usize = 1 << 20;

/// Whole lines of a file.
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    /// Line number of its first line, from 1.
    pub(crate) first_line: u32,
    /// It begins within a line that was too long for one chunk.
    pub(crate) is_continued: bool,
}

/// A file read chunk by chunk.
pub(crate) struct Chunks {
    file: Box<dyn Read + Send>,
    hash: Sha256,
    decoder: Option<Decoder>,
    rest: Vec<u8>,
    line: u32,
    skip_lines: usize,
    is_continued: bool,
    is_end: bool,
}

impl Chunks {
    /// Opens `path`; the first `skip_lines` lines are left out.
    ///
    /// # Errors
    /// Those of opening the file.
    pub(crate) fn open(path: &Path, encoding: &'static Encoding, skip_lines: usize) -> std::io::Result<Self> {
        // UTF-8 passes as it is: bytes that are not text reject their own row.
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        Ok(Self::new(Box::new(File::open(path)?), decoder, skip_lines))
    }

    /// The lines of a text that was read already, such as a sheet.
    pub(crate) fn of_text(text: String, skip_lines: usize) -> Self {
        Self::new(Box::new(std::io::Cursor::new(text)), None, skip_lines)
    }

    fn new(file: Box<dyn Read + Send>, decoder: Option<Decoder>, skip_lines: usize) -> Self {
        Self {
            file,
            hash: Sha256::new(),
            decoder,
            rest: Vec::new(),
            line: 1,
            skip_lines,
            is_continued: false,
            is_end: false,
        }
    }

    /// The next whole lines; `None` at the end.
    ///
    /// # Errors
    /// Those of reading the file.
    pub(crate) fn next_chunk(&mut self) -> std::io::Result<Option<Chunk>> {
        while !self.is_end {
            let mut bytes = std::mem::take(&mut self.rest);
            self.fill(&mut bytes)?;
            let is_continued = self.is_continued;
            if !self.is_end {
                let end = line_end(&bytes);
                match end {
                    Some(end) => self.rest = bytes.split_off(end + 1),
                    None if bytes.len() < LONGEST_LINE => {
                        self.rest = bytes;
                        continue;
                    }
                    None => {}
                }
                self.is_continued = end.is_none();
            }
            end_lines_alike(&mut bytes);
            let first_line = self.line;
            let lines = memchr::memchr_iter(b'\n', &bytes).count();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            let chunk = self.without_header(Chunk { bytes, first_line, is_continued });
            if !chunk.bytes.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn fill(&mut self, bytes: &mut Vec<u8>) -> std::io::Result<()> {
        let start = bytes.len();
        let read = (&mut self.file).take(CHUNK_BYTES as u64).read_to_end(bytes)?;
        self.is_end = read == 0;
        self.hash.update(&bytes[start..]);
        if let Some(decoder) = &mut self.decoder {
            let raw = bytes.split_off(start);
            let mut text = String::with_capacity(decoder.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len() * 3));
            let (result, _, _) = decoder.decode_to_string(&raw, &mut text, self.is_end);
            debug_assert_eq!(result, CoderResult::InputEmpty);
            bytes.extend_from_slice(text.as_bytes());
        }
        Ok(())
    }

    fn without_header(&mut self, mut chunk: Chunk) -> Chunk {
        while self.skip_lines > 0 && !chunk.bytes.is_empty() {
            let end = chunk.bytes.iter().position(|byte| *byte == b'\n').map_or(chunk.bytes.len(), |at| at + 1);
            chunk.bytes.drain(..end);
            chunk.first_line += 1;
            self.skip_lines -= 1;
        }
        chunk
    }

    /// The SHA-256 of all bytes read, in hex.
    pub(crate) fn sha256(self) -> String {
        hex(&self.hash.finalize())
    }
}

/// The last byte that surely ends a line; a final `\r` may be half of `\r\n`.
fn line_end(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).or_else(|| memchr::memrchr(b'\r', bytes.get(..bytes.len().saturating_sub(1))?))
}

/// Ends every line with `\n`, or `\r\n`: some systems write `\r` alone.
fn end_lines_alike(bytes: &mut [u8]) {
    let lone: Vec<usize> = memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).collect();
    for at in lone {
        bytes[at] = b'\n';
    }
}
