//! The source `swipes`: finds its files and layout, and streams them into presence.

use super::{
    Progress,
    access::Access,
    cell::{Times, clean},
    chunks::Chunks,
    decode::unix_lines,
    doors::{DoorSwipe, Window},
    files::{self, Found},
    fit::{Mapped, Part, advice_on, decoded, fit, is_book, mappings, parts},
    formats::Votes,
    header::Layout,
    load::{Failure, Loading, day_cut, judge},
    rows::undecided,
    sightings::{Sightings, add_punches},
    swipe_cells::Cells,
    swipes::{Context, Reduced, read},
};
use crate::{
    base::{hash::sha256_of, moment, problem::Problem},
    policy::Param,
    schema::{
        inputs::Status,
        mapping::{From, Mapping, Quoting},
        tables::{Table, table},
    },
};
use chrono::{Days, NaiveDate, NaiveTime};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use polars::prelude::*;
use std::{
    collections::BTreeMap,
    io::{Read, Seek, SeekFrom},
};

/// As much of a file as decides its encoding and layout.
const HEAD_BYTES: u64 = 256 << 10;

/// Reads all swipes; presence, door swipes and days go to the inputs.
pub(super) fn load(loading: &mut Loading<'_>) -> Result<(), Failure> {
    let table = table("swipes").ok_or_else(|| anyhow::anyhow!("no table swipes"))?;
    let first_file = loading.inputs.files.len();
    let mut all = Reduced::default();
    let mut sightings =
        Sightings::new(loading.inputs.tables["employees"].height(), &loading.period, &loading.claim_days);
    let status = match loading.config.sources.get(table.name) {
        None => Status::NotConfigured,
        Some(source) if source.is_none => Status::DeclaredNone,
        Some(source) => match stream(loading, table, &sightings, &mut all)? {
            Err(why) => Status::Missing(why),
            Ok(()) => judge(source, &loading.inputs.files[first_file..]),
        },
    };
    if status != Status::Ready {
        let (rejected, outside) = (std::mem::take(&mut all.rejected), std::mem::take(&mut all.outside));
        all = Reduced { rejected, outside, ..Reduced::default() };
        sightings.clear();
    }
    loading.inputs.rejected.append(&mut all.rejected);
    for (name, count) in std::mem::take(&mut all.outside) {
        loading.inputs.outside.insert((table.name.to_owned(), name), count);
    }
    loading.set_state(table.name, status, &[]);
    let cut = |day| day_cut(loading.config, day);
    add_punches(&sightings, &loading.inputs.tables["punches"], &cut)?;
    loading.inputs.presence = sightings.presence()?;
    loading.inputs.door_swipes = door_frame(std::mem::take(&mut all.doors))?;
    loading.inputs.swipe_days = all.days;
    Ok(())
}

fn stream(
    loading: &mut Loading<'_>,
    table: &'static Table,
    sightings: &Sightings,
    all: &mut Reduced,
) -> Result<Result<(), String>, Failure> {
    let config = loading.config;
    let source = &config.sources[table.name];
    let found = match files::of(table.name, source, config, &loading.period) {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let mappings = mappings(table, source)?;
    if let Some(what) = mappings.iter().find_map(unsupported) {
        let help = "swipes are read as a stream; leave it out";
        return Err(Failure::Config(Problem::new("sources.swipes", format!("swipes cannot have `{what}`"), help)));
    }
    let windows = windows(loading)?;
    let years = config.calendar.years();
    let (first, last) = years.fold((i32::MAX, i32::MIN), |(first, last), year| (first.min(year), last.max(year)));
    for file in found {
        let exports = match exports(&file, &mappings, table, config.timezone) {
            Ok(exports) => exports,
            Err(why) => return Ok(Err(format!("`{}`: {why}", file.name))),
        };
        let size = std::fs::metadata(&file.path).map_or(0, |meta| meta.len());
        (loading.progress)(Progress::File(&file.name, size));
        for mut export in exports {
            let name = export.name;
            let mut times = Times::new(&export.mapped.mapping, config.timezone);
            if export.mapped.mapping.one_format == Some(true) {
                let chunks = export.body.open(&file, &export.mapped.layout).map_err(anyhow::Error::from)?;
                match formats(&export.mapped, &times, chunks).map_err(anyhow::Error::from)? {
                    Ok(formats) => export.mapped.mapping.time_formats = formats,
                    Err([one, other]) => {
                        return Ok(Err(format!("`{name}`: {}", undecided(&one, &other, table.name))));
                    }
                }
                times = Times::new(&export.mapped.mapping, config.timezone);
            }
            let named = Found { name: name.clone(), ..file.clone() };
            let number = loading.register(table.name, &named, String::new(), size)?;
            let cut = |day: NaiveDate| -> NaiveTime { day_cut(config, day) };
            let context = Context {
                people: &loading.people,
                mapping: &export.mapped.mapping,
                times: &times,
                moments: &moments(&export.mapped, &times),
                sightings,
                day_cut: &cut,
                windows: &windows,
                years: (first, last + 1),
            };
            let chunks = export.body.open(&file, &export.mapped.layout).map_err(anyhow::Error::from)?;
            let on_bytes = |bytes| (loading.progress)(Progress::Bytes(bytes));
            let (part, sha256) = read(&context, &export.mapped.layout, chunks, number, &name, &on_bytes)?;
            let entry = &mut loading.inputs.files[number as usize];
            entry.sha256 = export.sha256.unwrap_or(sha256);
            entry.totals = part.totals.clone();
            if let Body::File(encoding) = export.body
                && ends_within_line(&file, size, encoding, export.mapped.layout.delimiter)
                    .map_err(anyhow::Error::from)?
            {
                let end = part.totals.span.map_or(chrono::NaiveDateTime::MIN, |(_, last)| last);
                loading.swipes_end = Some(loading.swipes_end.map_or(end, |other| other.min(end)));
            }
            all.add(part);
        }
    }
    Ok(Ok(()))
}

/// A file, or a sheet of it, with its layout.
struct Export {
    name: String,
    body: Body,
    mapped: Mapped,
    /// Of the whole file, where it was read already.
    sha256: Option<String>,
}

/// What is read line by line.
enum Body {
    /// A text file.
    File(&'static Encoding),
    /// A sheet.
    Text(String),
}

impl Body {
    fn open(&self, file: &Found, layout: &Layout) -> std::io::Result<Chunks> {
        match self {
            Self::File(encoding) => Chunks::open(&file.path, encoding, layout.skipped_lines),
            Self::Text(text) => Ok(Chunks::of_text(text.clone(), layout.skipped_lines)),
        }
    }
}

/// What a file holds: one export, or a sheet and more.
///
/// # Errors
/// Why it holds none.
fn exports(
    file: &Found,
    mappings: &[Mapping],
    table: &'static Table,
    zone: chrono_tz::Tz,
) -> Result<Vec<Export>, String> {
    let cannot = |error: std::io::Error| format!("cannot read it: {error}");
    let mut head = Vec::new();
    std::fs::File::open(&file.path).and_then(|open| open.take(HEAD_BYTES).read_to_end(&mut head)).map_err(cannot)?;
    if !is_book(&head) {
        let (encoding, mapped) = layout(file, head, mappings, table)?;
        return Ok(vec![Export { name: file.name.clone(), body: Body::File(encoding), mapped, sha256: None }]);
    }
    let bytes = std::fs::read(&file.path).map_err(cannot)?;
    let sha256 = sha256_of(&bytes);
    let parts = parts(&bytes, mappings, table, zone)?;
    let export = |part: Part| Export {
        name: part.name(&file.name),
        body: Body::Text(part.text),
        mapped: part.mapped,
        sha256: Some(sha256.clone()),
    };
    Ok(parts.into_iter().map(export).collect())
}

/// How the times of an export are read: those that were put together have a form of their own.
fn moments(mapped: &Mapped, times: &Times) -> Times {
    let readings =
        if mapped.layout.each.is_empty() { vec![&mapped.layout.columns] } else { mapped.layout.each.iter().collect() };
    let is_moment = readings.iter().any(|columns| columns[1].as_ref().is_some_and(Access::is_moment));
    if is_moment { times.iso() } else { times.clone() }
}

/// The time formats in which an export is written.
///
/// # Errors
/// Those of reading the file; the inner error has two formats between which it does not decide.
fn formats(mapped: &Mapped, times: &Times, mut chunks: Chunks) -> std::io::Result<Result<Vec<String>, [String; 2]>> {
    let cells = Cells::new(&mapped.mapping, &mapped.layout, times);
    let mut votes = Votes::new(&mapped.mapping.time_formats);
    let mut see = |time: &[u8]| {
        votes.see(clean(&String::from_utf8_lossy(time)), |text, format| times.moment_in(text, format));
    };
    while let Some(chunk) = chunks.next_chunk()? {
        for line in chunk.bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if cells.is_composed {
                cells.composed(line).unwrap_or_default().iter().for_each(|[_, time, ..]| see(time));
            } else if let Ok([_, time, ..]) = cells.simple(line, &mut Vec::new()) {
                see(time);
            }
        }
    }
    Ok(votes.settle())
}

/// Whether a file was cut: its last line has no end and fewer cells than the line before.
fn ends_within_line(file: &Found, size: u64, encoding: &'static Encoding, delimiter: u8) -> std::io::Result<bool> {
    const TAIL_BYTES: u64 = 64 << 10;
    let mut open = std::fs::File::open(&file.path)?;
    // An even place, so that UTF-16 stays in step.
    open.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES) & !1))?;
    let mut tail = Vec::new();
    open.take(2 * TAIL_BYTES).read_to_end(&mut tail)?;
    let text = encoding.decode_without_bom_handling(&tail).0;
    let text = unix_lines(&text);
    let mut lines = text.lines().rev();
    let (Some(last), Some(before)) = (lines.next(), lines.find(|line| !line.trim().is_empty())) else {
        return Ok(false);
    };
    let cells = |line: &str| line.matches(char::from(delimiter)).count();
    Ok(!text.ends_with('\n') && !text.contains('"') && cells(last) < cells(before))
}

/// The encoding and layout of a file, from its head; a plain ASCII header leaves the encoding to the whole file.
fn layout(
    file: &Found,
    mut head: Vec<u8>,
    mappings: &[Mapping],
    table: &'static Table,
) -> Result<(&'static Encoding, Mapped), String> {
    let cannot = |error: std::io::Error| format!("cannot read it: {error}");
    let is_utf16 = is_utf16(&head);
    if head.len() as u64 == HEAD_BYTES {
        cut_to_lines(&mut head, is_utf16);
    }
    let is_bare = !is_utf16 && Encoding::for_bom(&head).is_none();
    if is_bare && head.is_ascii() && head.len() as u64 >= HEAD_BYTES / 2 {
        let text = String::from_utf8_lossy(&head);
        let mapped = fit(mappings, &unix_lines(&text), table).ok_or_else(|| {
            format!("no header line with the mapped names in the first 20 lines{}", advice_on(&head, mappings, table))
        })?;
        mapped.fault().map_or(Ok(()), Err)?;
        let stated = mapped.mapping.encoding.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
        return Ok((stated.map_or_else(|| scan(file).map_err(cannot)?, Ok)?, mapped));
    }
    let (_, encoding, mapped) = decoded(&head, mappings, table)?;
    mapped.fault().map_or(Ok(()), Err)?;
    Ok((encoding, mapped))
}

/// Whether bytes are UTF-16: by their mark, or because every second byte of most characters is zero.
fn is_utf16(head: &[u8]) -> bool {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let marked = Encoding::for_bom(head).is_some_and(|(encoding, _)| encoding == UTF_16LE || encoding == UTF_16BE);
    marked || (even.max(odd) > head.len() / 8 && even.min(odd) < head.len() / 64)
}

/// Cuts the beginning of a file after its last whole line.
fn cut_to_lines(head: &mut Vec<u8>, is_utf16: bool) {
    let end = if is_utf16 {
        head.chunks_exact(2)
            .rposition(|unit| matches!(unit, [0, b'\n' | b'\r'] | [b'\n' | b'\r', 0]))
            .map(|at| 2 * at + 2)
    } else {
        head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map(|at| at + 1)
    };
    head.truncate(end.unwrap_or(head.len()));
}

/// What the streamed reader cannot do; nothing that is configured is silently left out.
fn unsupported(mapping: &Mapping) -> Option<&'static str> {
    let is_simple = !matches!(
        mapping.columns.get("employee_id"),
        Some(From::FirstFilled(_) | From::Join(..) | From::Constant(_) | From::Moment { .. } | From::When { .. })
    );
    let refused = [
        (!is_simple, "columns.employee_id: swipes name a person in columns of their own, one for each way"),
        (mapping.quoting == Some(Quoting::Every), "quoting = \"every\": one line is one swipe"),
        (!mapping.person_separator.is_empty(), "person_separator: a swipe is of one person"),
        (mapping.until_blank == Some(true), "until_blank"),
        (!mapping.unless_empty.is_empty(), "unless_empty"),
        (!mapping.missing.is_empty(), "missing"),
        (mapping.saved_time.is_some(), "saved_time"),
        (!mapping.fold_width.is_empty() || !mapping.affixes.is_empty(), "fold_width or affixes"),
        (!(mapping.bare_dates.is_empty() && mapping.serial_dates.is_empty()), "bare_dates or serial_dates"),
        (mapping.silent_without.iter().any(|name| name != "time"), "silent_without other than its time"),
        (mapping.meeting.is_some(), "meeting"),
        (mapping.values.contains_key("employee_id"), "values.employee_id: use the register `identities`"),
    ];
    refused.into_iter().find(|(is_set, _)| *is_set).map(|(_, what)| what)
}

/// The encoding of a large file whose beginning is plain ASCII.
fn scan(file: &Found) -> std::io::Result<Result<&'static Encoding, String>> {
    let mut open = std::fs::File::open(&file.path)?;
    let mut buffer = vec![0; 4 << 20];
    let mut decoders = [UTF_8, GB18030].map(|encoding| Some((encoding, encoding.new_decoder_without_bom_handling())));
    loop {
        let read = open.read(&mut buffer)?;
        let bytes = &buffer[..read];
        if !bytes.is_ascii() || read == 0 {
            for slot in &mut decoders {
                let Some((_, decoder)) = slot else { continue };
                let mut text = String::with_capacity(read * 3 + 16);
                let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, read == 0);
                if matches!(result, encoding_rs::DecoderResult::Malformed(..)) {
                    *slot = None;
                }
            }
        }
        if read == 0 {
            break;
        }
    }
    Ok(match &decoders {
        [Some(_), _] => Ok(UTF_8),
        [None, Some(_)] => Ok(GB18030),
        [None, None] => Err("it is not text in UTF-8 or GB18030; state `encoding`".to_owned()),
    })
}

/// The doors and times that 八.5 will ask about: from noon before each open door or window found, to the day cut.
fn windows(loading: &Loading<'_>) -> PolarsResult<BTreeMap<String, Vec<Window>>> {
    const START: Param<NaiveTime> = Param::new("attendance.work_start");
    let inspections = &loading.inputs.tables["inspections"];
    let (times, areas) = (inspections.column("inspected_at")?.datetime()?, inspections.column("area")?.str()?);
    let (items, results) = (inspections.column("item")?.str()?, inspections.column("result")?.str()?);
    let mut windows: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let rows = times.physical().iter().zip(areas.iter()).zip(items.iter().zip(results.iter()));
    for ((micros, area), (item, result)) in rows {
        let is_open = matches!(item, Some("door" | "window" | "computer" | "power")) && result == Some("fail");
        let time = micros.and_then(moment::of_micros);
        let (Some(area), Some(time), true) = (area, time, is_open) else { continue };
        let start = loading.config.policy.on(&START, time.date()).unwrap_or_default();
        let back = u64::from(time.time() < start);
        let evening = time.date().checked_sub_days(Days::new(back)).unwrap_or(time.date());
        let from = evening.and_hms_opt(12, 0, 0).unwrap_or_default();
        let next = evening.succ_opt().unwrap_or(evening);
        let to = next.and_time(day_cut(loading.config, next));
        for door in loading.config.areas.get(area).into_iter().flatten() {
            windows.entry(door.clone()).or_default().push(Window { from, inspected_at: time, to });
        }
    }
    for own in windows.values_mut() {
        own.sort_by_key(|window: &Window| (window.from, window.inspected_at));
        own.dedup();
    }
    Ok(windows)
}

fn door_frame(mut swipes: Vec<DoorSwipe>) -> PolarsResult<DataFrame> {
    swipes.sort_by_key(|swipe| (swipe.time, swipe.file, swipe.line));
    swipes.dedup_by_key(|swipe| (swipe.file, swipe.line));
    let micros: Vec<i64> = swipes.iter().map(|swipe| swipe.time.and_utc().timestamp_micros()).collect();
    let refs = swipes.iter().map(|swipe| crate::base::evidence::RowRef { file: swipe.file, line: swipe.line }.pack());
    DataFrame::new(
        swipes.len(),
        vec![
            Column::new("door".into(), swipes.iter().map(|swipe| swipe.door.as_str()).collect::<Vec<_>>()),
            Column::new("emp".into(), swipes.iter().map(|swipe| swipe.emp).collect::<Vec<Option<u32>>>()),
            Column::new("external".into(), swipes.iter().map(|swipe| swipe.external.as_str()).collect::<Vec<_>>()),
            Column::new("time".into(), micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None))?,
            Column::new("ref".into(), refs.collect::<Vec<_>>()),
        ],
    )
}
