//! `editions verify`: whether every file of the archive is as it was written, and with `--recompute` whether the present
//! program makes the same of what each edition kept. Takes no lock and writes nothing.

use super::{counted, unknown};
use crate::{
    archive::{Archive, Edition},
    base::{month::Period, problem::Problem},
    cli,
    jobs::{BAD_DATA, DONE, Stop, console::Console, recompute::differing},
};

/// So many files are named of an edition that comes out otherwise.
const SHOWN: usize = 12;

pub(super) fn run(args: &cli::Verify, archive: &Archive, console: &Console) -> anyhow::Result<u8> {
    if let Some(month) = args.month
        && !archive.months()?.contains(&month)
    {
        return Err(unknown(month, archive)?);
    }
    let verified = archive.verify(args.month)?;
    let (editions, files) = (counted(verified.editions, "edition"), counted(verified.files, "file"));
    let mut faults = verified.faults;
    // What is damaged cannot be made again.
    let again =
        if args.recompute && faults.is_empty() { Some(recompute(args, archive, console, &mut faults)?) } else { None };
    if faults.is_empty() {
        let made = again.map_or_else(String::new, |made| format!("; {made} made again, byte for byte"));
        console.answer(&format!("{editions}, {files}: all as written{made}"));
        return Ok(DONE);
    }
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let count = counted(faults.len(), "fault");
    Err(Stop::because(BAD_DATA, format!("{count} in {editions}, {files}\n{}", faults.join("\n"))))
}

/// Makes every edition again that was not pruned; gives how many, in words.
fn recompute(
    args: &cli::Verify,
    archive: &Archive,
    console: &Console,
    faults: &mut Vec<Problem>,
) -> anyhow::Result<String> {
    let all = archive.all()?;
    let (mut made, mut pruned) = (0, 0);
    for (month, own) in all.iter().filter(|(month, _)| args.month.is_none_or(|asked| asked == *month)) {
        for edition in own {
            if edition.is_pruned() {
                pruned += 1;
                continue;
            }
            console.step("recompute");
            made += 1;
            let period = &edition.manifest.period;
            let days = (period.first.parse(), period.last.parse());
            let (Ok(first), Ok(last)) = days else { continue };
            match differing(&all, edition, Period { month: *month, first, last }) {
                Ok(names) if names.is_empty() => {}
                Ok(names) => faults.push(other(edition, &names)),
                Err(error) => faults.push(Problem::new(edition.name(), format!("cannot be made again: {error:#}"), "")),
            }
        }
    }
    console.end_step();
    let pruned = if pruned == 0 { String::new() } else { format!(" ({pruned} pruned)") };
    Ok(counted(made, "edition") + &pruned)
}

/// An edition that comes out otherwise.
fn other(edition: &Edition, names: &[String]) -> Problem {
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let (was, is) = (&edition.manifest.program_version, env!("CARGO_PKG_VERSION"));
    let help = if was == is {
        format!("the same version {is} wrote it: what it is a function of is not all in the edition; report this")
    } else {
        format!(
            "version {was} wrote it, this is {is}: `meritbook rerun --inputs archived --preview DIR` shows the lines"
        )
    };
    Problem::new(edition.name(), format!("{} made otherwise: {shown}{more}", counted(names.len(), "file")), &help)
}
