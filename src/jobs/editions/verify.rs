//! `editions verify`: whether every file of the archive is as it was written. Takes no lock and writes nothing.

use super::{counted, unknown};
use crate::{
    archive::Archive,
    cli,
    jobs::{BAD_DATA, DONE, Stop, console::Console},
};

pub(super) fn run(args: &cli::Verify, archive: &Archive, console: &Console) -> anyhow::Result<u8> {
    if let Some(month) = args.month
        && !archive.months()?.contains(&month)
    {
        return Err(unknown(month, archive)?);
    }
    let verified = archive.verify(args.month)?;
    let (editions, files) = (counted(verified.editions, "edition"), counted(verified.files, "file"));
    if verified.faults.is_empty() {
        console.answer(&format!("{editions}, {files}: all as written"));
        return Ok(DONE);
    }
    let faults: Vec<String> = verified.faults.iter().map(ToString::to_string).collect();
    let count = counted(faults.len(), "fault");
    Err(Stop::because(BAD_DATA, format!("{count} in {editions}, {files}\n{}", faults.join("\n"))))
}
