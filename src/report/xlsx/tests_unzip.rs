//! The parts of a workbook as text, for tests: the zip container and deflate (RFC 1951), as far as workbooks need them.

/// Bits, the lowest of each byte first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> usize {
        let bit = |at: usize| usize::from(self.bytes[at / 8] >> (at % 8) & 1);
        let taken = (0..count).map(|index| bit(self.at + index) << index).sum();
        self.at += count;
        taken
    }
}

/// A canonical Huffman code: how many symbols have each length, and the symbols by length.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn of(lengths: &[usize]) -> Self {
        let counts = std::array::from_fn(|length| lengths.iter().filter(|own| **own == length && length > 0).count());
        let of_length = |length: usize| (0..lengths.len()).filter(move |symbol| lengths[*symbol] == length);
        Self { counts, symbols: (1..16).flat_map(of_length).collect() }
    }

    fn read(&self, bits: &mut Bits<'_>) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such code")
    }
}

const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

fn dynamic(bits: &mut Bits<'_>) -> (Code, Code) {
    let (literals, distances, count) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
    let mut lengths = vec![0; 19];
    for place in &ORDER[..count] {
        lengths[*place] = bits.take(3);
    }
    let code = Code::of(&lengths);
    let mut lengths = Vec::new();
    while lengths.len() < literals + distances {
        let (value, times) = match code.read(bits) {
            16 => (lengths[lengths.len() - 1], bits.take(2) + 3),
            17 => (0, bits.take(3) + 3),
            18 => (0, bits.take(7) + 11),
            length => (length, 1),
        };
        lengths.extend(std::iter::repeat_n(value, times));
    }
    (Code::of(&lengths[..literals]), Code::of(&lengths[literals..]))
}

fn fixed() -> (Code, Code) {
    let lengths = [(144, 8), (112, 9), (24, 7), (8, 8)].into_iter();
    let lengths: Vec<usize> = lengths.flat_map(|(count, length)| std::iter::repeat_n(length, count)).collect();
    (Code::of(&lengths), Code::of(&[5; 30]))
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let (mut bits, mut out) = (Bits { bytes, at: 0 }, Vec::<u8>::new());
    loop {
        let is_last = bits.take(1) == 1;
        let (literals, distances) = match bits.take(2) {
            0 => {
                let start = bits.at.div_ceil(8) + 4;
                let length = usize::from(bytes[start - 4]) | usize::from(bytes[start - 3]) << 8;
                out.extend_from_slice(&bytes[start..start + length]);
                bits.at = (start + length) * 8;
                if is_last {
                    return out;
                }
                continue;
            }
            1 => fixed(),
            _ => dynamic(&mut bits),
        };
        loop {
            let symbol = literals.read(&mut bits);
            let length = match symbol {
                256 => break,
                ..256 => {
                    out.push(u8::try_from(symbol).unwrap());
                    continue;
                }
                285 => 258,
                257..=264 => symbol - 254,
                _ => {
                    let extra = (symbol - 261) / 4;
                    (((symbol - 261) % 4 + 4) << extra) + 3 + bits.take(extra)
                }
            };
            let symbol = distances.read(&mut bits);
            let distance = if symbol < 4 {
                symbol + 1
            } else {
                let extra = symbol / 2 - 1;
                ((symbol % 2 + 2) << extra) + 1 + bits.take(extra)
            };
            for _ in 0..length {
                out.push(out[out.len() - distance]);
            }
        }
        if is_last {
            return out;
        }
    }
}

/// Name and text of every part, in order of the container.
pub(super) fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let number = |at: usize, size: usize| (0..size).map(|index| usize::from(bytes[at + index]) << (8 * index)).sum();
    let end = bytes.len() - 22;
    let (count, mut at): (usize, usize) = (number(end + 10, 2), number(end + 16, 4));
    let mut parts = Vec::new();
    for _ in 0..count {
        let (method, size, local): (usize, usize, usize) = (number(at + 10, 2), number(at + 20, 4), number(at + 42, 4));
        let lengths: [usize; 3] = [28, 30, 32].map(|offset| number(at + offset, 2));
        let name = String::from_utf8(bytes[at + 46..at + 46 + lengths[0]].to_vec()).unwrap();
        let names: [usize; 2] = [26, 28].map(|offset| number(local + offset, 2));
        let start = local + 30 + names[0] + names[1];
        let stored = &bytes[start..start + size];
        let part = if method == 0 { stored.to_vec() } else { inflate(stored) };
        parts.push((name, String::from_utf8(part).unwrap()));
        at += 46 + lengths.iter().sum::<usize>();
    }
    parts
}

#[test]
fn a_packed_text_is_read() {
    // "aaaaaaaaaa" and "hello", packed with fixed codes by zlib.
    assert_eq!(inflate(&[0x4b, 0x4c, 0x84, 0x01, 0x00]), b"aaaaaaaaaa");
    assert_eq!(inflate(&[0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), b"hello");
}
