//! A look at an `.xls` before it is opened: its parts hang together, and its cells fill no more room than a workbook may.
//!
//! An `.xls` is a small file system of sectors in chains, with the workbook as one file of records. The reader trusts
//! both: one wrong byte in a chain is a loop, one in a cell's row is a sheet of gigabytes.

/// Cells of all sheets, empty ones between filled ones included.
const CELLS_CAP: u64 = 16 << 20;
const ROWS: u32 = 65_536;
const COLUMNS: u32 = 256;

const END_OF_CHAIN: u32 = 0xffff_fffe;
/// From here on a sector number means something else.
const RESERVED: u32 = 0xffff_fffa;
/// A shorter stream lies in the small sectors of the root.
const SMALL_STREAM: usize = 4096;
const SMALL_SECTOR: usize = 64;
const ENTRY: usize = 128;

/// Checks an `.xls`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(bytes: &[u8]) -> Result<(), String> {
    let broken = || "its parts do not hang together".to_owned();
    let stream = workbook(bytes).ok_or_else(broken)?;
    if stream.is_empty() {
        return Err("it holds no workbook".to_owned());
    }
    let mut sheets = Vec::new();
    let mut records = Records(&stream);
    for (kind, data) in &mut records {
        match kind {
            BOUND_SHEET => sheets.push(u32_at(data, 0).and_then(|at| stream.get(at as usize..)).ok_or_else(broken)?),
            END => break,
            _ => {}
        }
    }
    let mut cells = 0;
    for sheet in sheets {
        cells += area(sheet).ok_or("a cell lies outside of its sheet")?;
        if cells > CELLS_CAP {
            return Err("its cells lie too far apart".to_owned());
        }
    }
    Ok(())
}

const BOUND_SHEET: u16 = 0x85;
const BEGIN: u16 = 0x809;
const END: u16 = 0x0a;
const DIMENSIONS: u16 = 0x200;
const SEVERAL: u16 = 0xbd;
/// A number, a text, a flag or an error, or a formula; each begins with its row and column.
const CELLS: [u16; 7] = [0x203, 0x204, 0xd6, 0x205, 0x27e, 0xfd, 0x06];

/// The rectangle that the cells of a sheet fill; `None` where one is none of a sheet.
fn area(sheet: &[u8]) -> Option<u64> {
    let mut bounds: Option<(u32, u32, u32, u32)> = None;
    let mut depth = 0_u32;
    for (kind, data) in Records(sheet) {
        let last = match kind {
            BEGIN => {
                depth += 1;
                continue;
            }
            END if depth < 2 => break,
            END => {
                depth -= 1;
                continue;
            }
            // Its announced size: room is made for it.
            DIMENSIONS if data.len() >= 14 => {
                let (first, end) = (u32_at(data, 0)?, u32_at(data, 4)?);
                let right = u32::from(u16_at(data, 10)?);
                let fits = first <= end && end <= ROWS && right <= COLUMNS;
                if fits {
                    continue;
                }
                return None;
            }
            SEVERAL => u16_at(data, data.len().checked_sub(2)?)?,
            kind if CELLS.contains(&kind) => u16_at(data, 2)?,
            _ => continue,
        };
        let (row, column, last) = (u32::from(u16_at(data, 0)?), u32::from(u16_at(data, 2)?), u32::from(last));
        if column > last || last >= COLUMNS {
            return None;
        }
        let (top, left, bottom, right) = bounds.unwrap_or((row, column, row, last));
        bounds = Some((top.min(row), left.min(column), bottom.max(row), right.max(last)));
    }
    let size = |(top, left, bottom, right)| u64::from(bottom - top + 1) * u64::from(right - left + 1);
    Some(bounds.map_or(0, size))
}

/// The records of a stream: kind and content.
struct Records<'s>(&'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = (u16, &'s [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, size) = (u16_at(self.0, 0)?, usize::from(u16_at(self.0, 2)?));
        let data = self.0.get(4..4 + size)?;
        self.0 = &self.0[4 + size..];
        Some((kind, data))
    }
}

/// The stream of the workbook; empty where the file has none.
fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = match u16_at(bytes, 30)? {
        9 => 512,
        12 => 4096,
        _ => return None,
    };
    let sectors = bytes.get(size..)?;
    let fat = fat(bytes, sectors, size)?;
    let directory = chain(sectors, size, &fat, u32_at(bytes, 48)?, usize::MAX)?;
    let entries: Vec<&[u8]> = directory.chunks_exact(ENTRY).collect();
    let root = entries.first()?;
    let mut small_fat = Vec::new();
    let mut small = Vec::new();
    let small_fats = u32_at(bytes, 64)? as usize;
    if small_fats > 0 {
        let listed = chain(sectors, size, &fat, u32_at(bytes, 60)?, small_fats.checked_mul(size)?)?;
        small_fat = numbers(&listed).collect();
        small = chain(sectors, size, &fat, u32_at(root, 116)?, u32_at(root, 120)? as usize)?;
    }
    let named = |wanted: &str| entries.iter().find(|entry| name(entry).eq_ignore_ascii_case(wanted));
    let Some(entry) = named("Workbook").or_else(|| named("Book")) else { return Some(Vec::new()) };
    let (start, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
    if length < SMALL_STREAM {
        return chain(&small, SMALL_SECTOR, &small_fat, start, length);
    }
    chain(sectors, size, &fat, start, length)
}

/// The table of each sector's successor.
fn fat(bytes: &[u8], sectors: &[u8], size: usize) -> Option<Vec<u32>> {
    let mut places: Vec<u32> = numbers(bytes.get(76..512)?).collect();
    let mut next = u32_at(bytes, 68)?;
    let mut rounds = 0;
    while next < RESERVED {
        let start = (next as usize).checked_mul(size)?;
        let listed = sectors.get(start..start.checked_add(size)?)?;
        places.extend(numbers(&listed[..size - 4]));
        next = u32_at(listed, size - 4)?;
        rounds += 1;
        if rounds > sectors.len() / size {
            return None;
        }
    }
    let mut fat = Vec::new();
    for place in places.into_iter().filter(|place| *place < RESERVED) {
        let start = (place as usize).checked_mul(size)?;
        fat.extend(numbers(sectors.get(start..start.checked_add(size)?)?));
        if fat.len() > sectors.len() {
            return None;
        }
    }
    Some(fat)
}

/// The bytes of a chain, at most `length`; `None` where it leaves the file or never ends.
fn chain(sectors: &[u8], size: usize, fat: &[u32], start: u32, length: usize) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    let mut next = start;
    while next != END_OF_CHAIN {
        let at = (next as usize).checked_mul(size)?;
        let sector = sectors.get(at..sectors.len().min(at.checked_add(size)?)).filter(|sector| !sector.is_empty())?;
        let wanted = sector.len().min(length - found.len());
        found.extend_from_slice(&sector[..wanted]);
        if found.len() >= length {
            break;
        }
        if found.len() > sectors.len() {
            return None;
        }
        next = *fat.get(next as usize)?;
    }
    Some(found)
}

fn name(entry: &[u8]) -> String {
    let units = entry[..64].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    char::decode_utf16(units.take_while(|unit| *unit != 0)).filter_map(Result::ok).collect()
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &[u8] = include_bytes!("../../fixtures/exports/answers/libreoffice.xls");

    #[test]
    fn a_whole_one_passes() {
        assert_eq!(check(BOOK), Ok(()));
    }

    #[test]
    fn a_loop_in_a_chain_and_a_cut_end_are_found() {
        let fat = 512 * (u32_at(BOOK, 76).unwrap() as usize + 1);
        let directory = u32_at(BOOK, 48).unwrap();
        let mut looped = BOOK.to_vec();
        looped[fat + 4 * directory as usize..][..4].copy_from_slice(&directory.to_le_bytes());
        assert!(check(&looped).unwrap_err().contains("hang together"));
        for end in [8, 100, 600, BOOK.len() / 2] {
            assert!(check(&BOOK[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_cell_far_away_is_not_believed() {
        let record = |kind: u16, data: &[u8]| {
            let size = u16::try_from(data.len()).unwrap();
            [&kind.to_le_bytes(), &size.to_le_bytes(), data].concat()
        };
        let number = |row: u16, column: u16| {
            record(0x203, &[&row.to_le_bytes(), &column.to_le_bytes(), [0; 10].as_slice()].concat())
        };
        let sheet = |cells: &[Vec<u8>]| [record(BEGIN, &[0; 16]), cells.concat(), record(END, &[])].concat();
        assert_eq!(area(&sheet(&[number(3, 1), number(5, 2)])), Some(6));
        assert_eq!(area(&sheet(&[number(3, 1), number(5, 300)])), None);
        assert_eq!(area(&sheet(&[number(0, 0), number(65_535, 255)])), Some(CELLS_CAP));
        let size =
            |rows: u32| record(DIMENSIONS, &[&[0; 4], rows.to_le_bytes().as_slice(), &[0, 0, 20, 0, 0, 0]].concat());
        assert_eq!(area(&sheet(&[size(60)])), Some(0));
        assert_eq!(area(&sheet(&[size(0xd800_0000)])), None);
    }
}
