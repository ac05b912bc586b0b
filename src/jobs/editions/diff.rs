//! `editions diff`: in what two editions of a month differ: what decided it first, then the lines, then the money.

use super::{counted, unknown};
use crate::{
    archive::{Archive, Edition, Side, causes},
    base::money::Fen,
    cli,
    jobs::{DONE, Stop, USAGE, console::Console},
    schema::difference::{Cause, CauseKind, FindingRow, Net, Version},
    settle::{compare, net},
};

pub(super) fn run(args: &cli::Diff, archive: &Archive, console: &Console) -> anyhow::Result<u8> {
    let editions = archive.editions(args.month)?;
    if editions.is_empty() {
        return Err(unknown(args.month, archive)?);
    }
    let (before, after) = (edition(&editions, args.before, args)?, edition(&editions, args.after, args)?);
    let causes = causes(&Side::of(before)?, &Side::of(after)?);
    let difference = compare(&before.findings()?, &after.findings()?);
    let shown = |edition: &Edition| format!("edition {:03} ({})", edition.number, edition.manifest.state);
    console.answer(&format!("{}: {} → {}", args.month, shown(before), shown(after)));
    if causes.is_empty() && difference.is_empty() {
        console.answer("no difference");
        return Ok(DONE);
    }
    causes.iter().flat_map(told).for_each(|line| console.answer(&line));
    for (head, rows) in [("removed", &difference.removed), ("added", &difference.added)] {
        tell(head, rows.iter().map(|row| vec![row_of(row)]), console);
    }
    tell("changed", difference.changed.iter().map(|(was, is)| changed(was, is)), console);
    tell("net amount", net(&difference).iter().map(|net| vec![owed(net)]), console);
    console.answer(&format!(
        "{} removed, {} added, {} changed; {} moved",
        difference.removed.len(),
        difference.added.len(),
        difference.changed.len(),
        counted(net(&difference).len(), "employee")
    ));
    Ok(DONE)
}

fn edition<'a>(editions: &'a [Edition], number: u32, args: &cli::Diff) -> anyhow::Result<&'a Edition> {
    let Some(edition) = editions.iter().find(|edition| edition.number == number) else {
        let there: Vec<String> = editions.iter().map(|edition| format!("{:03}", edition.number)).collect();
        let text = format!("{} has no edition {number:03}\n  help: it has {}", args.month, there.join(", "));
        return Err(Stop::because(USAGE, text));
    };
    if edition.is_pruned() {
        let text = format!(
            "edition {} is pruned: its findings are gone\n  help: look at its ledger.csv and postings.csv, or at a backup",
            edition.name()
        );
        return Err(Stop::because(USAGE, text));
    }
    Ok(edition)
}

/// Says a part under its head, if there is anything of it.
fn tell(head: &str, parts: impl Iterator<Item = Vec<String>>, console: &Console) {
    let mut is_first = true;
    for part in parts {
        if std::mem::take(&mut is_first) {
            console.answer(&format!("{head}:"));
        }
        for line in part {
            console.answer(&format!("  {line}"));
        }
    }
}

/// What decides the result and has changed. The lines of inputs are only counted: they may say more of people than ids.
fn told(cause: &Cause) -> Vec<String> {
    let version =
        |version: Option<&Version>| version.map_or_else(|| "none".to_owned(), |version| short(cause.kind, version));
    let head = match cause.kind {
        CauseKind::Input => format!("input {} {}", cause.source, cause.name),
        kind => kind.word().to_owned(),
    };
    let head = format!("{head}: {} → {}", version(cause.before.as_ref()), version(cause.after.as_ref()));
    let [gone, new] = &cause.lines;
    if cause.kind == CauseKind::Input {
        let is_shown = !gone.is_empty() || !new.is_empty();
        let lines = if is_shown { format!("; lines: {} gone, {} new", gone.len(), new.len()) } else { String::new() };
        return vec![head + &lines];
    }
    let marked = gone.iter().map(|line| ("-", line)).chain(new.iter().map(|line| ("+", line)));
    std::iter::once(head).chain(marked.map(|(mark, line)| format!("  {mark} {line}"))).collect()
}

/// The rows, and the first digits of the hash.
fn short(kind: CauseKind, version: &Version) -> String {
    const DIGITS: usize = 12;
    let sha256: String = version.sha256.chars().take(DIGITS).collect();
    match (kind, version.rows) {
        (CauseKind::Program, _) => version.sha256.clone(),
        (_, Some(rows)) => format!("{rows} rows ({sha256})"),
        (_, None) => sha256,
    }
}

/// `late-arrival:0102:2026-10-14: charge 20.00`.
fn row_of(row: &FindingRow) -> String {
    let said =
        ["status", "reason", "amount"].map(|column| row.cell(column)).into_iter().filter(|cell| !cell.is_empty());
    format!("{}: {}", row.id(), said.collect::<Vec<_>>().join(" "))
}

/// The finding, and the fields that differ.
fn changed(was: &FindingRow, is: &FindingRow) -> Vec<String> {
    let field = |(at, column): (usize, &&str)| {
        let (was, is) = (&was.cells()[at], &is.cells()[at]);
        let shown = |cell: &str| if cell.is_empty() { "none".to_owned() } else { cell.to_owned() };
        (was != is).then(|| format!("  {column}: {} → {}", shown(was), shown(is)))
    };
    let fields = FindingRow::COLUMNS.iter().enumerate().filter_map(field);
    std::iter::once(is.id().to_owned()).chain(fields).collect()
}

/// What it comes to for one employee.
fn owed(net: &Net) -> String {
    let favour = net.favour();
    let money = match favour.0 {
        0 => "no money".to_owned(),
        1.. => format!("{favour} yuan in the employee's favour"),
        _ => format!("{} yuan to the employee's burden", Fen(-favour.0)),
    };
    let sums = [("deductions", net.deducted), ("rewards", net.rewarded)];
    let moved = sums.into_iter().filter(|(_, [was, is])| was != is);
    let mut parts: Vec<String> = moved.map(|(what, [was, is])| format!("{what} {was} → {is}")).collect();
    if net.hours[0] != net.hours[1] {
        parts.push(format!("overtime hours {} → {}", hours(net.hours[0]), hours(net.hours[1])));
    }
    let id = if net.employee_id.is_empty() { "nobody" } else { &net.employee_id };
    format!("{id}: {money} ({})", parts.join(", "))
}

/// Hundredths as hours, `2.50`.
fn hours(hundredths: i64) -> String {
    // Two decimals, as yuan have.
    Fen(hundredths).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_net_amount_says_in_whose_favour_it_is() {
        let net = |deducted: [i64; 2], hours| Net {
            employee_id: "0102".to_owned(),
            deducted: deducted.map(Fen),
            rewarded: [Fen(0); 2],
            hours,
        };
        assert_eq!(
            [owed(&net([2000, 0], [0; 2])), owed(&net([0, 3050], [0; 2])), owed(&net([0; 2], [250, 0]))],
            [
                "0102: 20.00 yuan in the employee's favour (deductions 20.00 → 0.00)",
                "0102: 30.50 yuan to the employee's burden (deductions 0.00 → 30.50)",
                "0102: no money (overtime hours 2.50 → 0.00)",
            ]
        );
    }

    #[test]
    fn the_lines_of_inputs_are_counted_and_those_of_the_policy_shown() {
        let version = |rows| Some(Version { sha256: "0123456789abcdef".to_owned(), rows });
        let cause = |kind, name: &str, before, after| Cause {
            kind,
            source: "tasks".to_owned(),
            name: name.to_owned(),
            before,
            after,
            lines: [vec!["张伟".to_owned()], vec![]],
        };
        let input = told(&cause(CauseKind::Input, "t.csv", version(Some(3)), None));
        assert_eq!(input, ["input tasks t.csv: 3 rows (0123456789ab) → none; lines: 1 gone, 0 new"]);
        let policy = told(&cause(CauseKind::Policy, "", version(None), version(None)));
        assert_eq!(policy, ["policy: 0123456789ab → 0123456789ab", "  - 张伟"]);
    }
}
