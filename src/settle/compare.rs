//! Two editions of a month compared: findings by id, all fields of `findings.csv`.

use crate::{
    base::money::Fen,
    schema::difference::{Difference, FindingRow, Net},
};
use std::collections::BTreeMap;

/// What differs between the rows of two editions; each list in the order of `findings.csv`.
#[must_use]
pub fn compare(before: &[FindingRow], after: &[FindingRow]) -> Difference {
    let by_id = |rows: &[FindingRow]| -> BTreeMap<String, FindingRow> {
        rows.iter().map(|row| (row.id().to_owned(), row.clone())).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    let only = |rows: &BTreeMap<String, FindingRow>, others: &BTreeMap<String, FindingRow>| {
        let mut only: Vec<FindingRow> =
            rows.iter().filter(|(id, _)| !others.contains_key(*id)).map(|(_, row)| row.clone()).collect();
        only.sort_by(order);
        only
    };
    let both = before.iter().filter_map(|(id, row)| Some((row.clone(), after.get(id)?.clone())));
    let mut changed: Vec<(FindingRow, FindingRow)> = both.filter(|(was, is)| was != is).collect();
    changed.sort_by(|a, b| order(&a.1, &b.1));
    Difference { removed: only(&before, &after), added: only(&after, &before), changed }
}

fn order(a: &FindingRow, b: &FindingRow) -> std::cmp::Ordering {
    let key = |row: &FindingRow| ["employee_id", "rule", "subject"].map(|column| row.cell(column).to_owned());
    key(a).cmp(&key(b))
}

/// What the difference comes to for each employee whose money or hours differ, by id.
#[must_use]
pub fn net(difference: &Difference) -> Vec<Net> {
    let mut by_id: BTreeMap<String, Net> = BTreeMap::new();
    let was = difference.removed.iter().chain(difference.changed.iter().map(|(was, _)| was)).map(|row| (0, row));
    let is = difference.added.iter().chain(difference.changed.iter().map(|(_, is)| is)).map(|row| (1, row));
    for (side, row) in was.chain(is) {
        let net = by_id.entry(row.cell("employee_id").to_owned()).or_default();
        match row.money() {
            Some(("deduct", amount)) => net.deducted[side] = Fen(net.deducted[side].0 + amount.0),
            Some((_, amount)) => net.rewarded[side] = Fen(net.rewarded[side].0 + amount.0),
            None => {}
        }
        net.hours[side] += row.hours();
    }
    let named = by_id.into_iter().map(|(employee_id, net)| Net { employee_id, ..net });
    let is_moved = |net: &Net| {
        let Net { deducted, rewarded, hours, .. } = net;
        deducted[0] != deducted[1] || rewarded[0] != rewarded[1] || hours[0] != hours[1]
    };
    named.filter(is_moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, employee: &str, status: &str, amount: &str) -> FindingRow {
        let cells = FindingRow::COLUMNS.map(|column| match column {
            "finding_id" | "subject" => id,
            "employee_id" => employee,
            "status" => status,
            "amount" => amount,
            "quantity" => "2.50",
            _ => "",
        });
        FindingRow::new(cells.map(str::to_owned).to_vec()).unwrap()
    }

    fn one() -> Vec<FindingRow> {
        vec![row("a", "1", "charge", "20.00"), row("b", "1", "credit", "100.00"), row("c", "2", "hold", "")]
    }

    fn other() -> Vec<FindingRow> {
        vec![row("b", "1", "credit", "70.00"), row("c", "2", "charge", "30.00"), row("d", "3", "hours", "")]
    }

    #[test]
    fn what_is_gone_new_and_not_the_same() {
        let difference = compare(&one(), &other());
        let ids = |rows: &[FindingRow]| rows.iter().map(|row| row.id().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(&difference.removed), ids(&difference.added)), (vec!["a".to_owned()], vec!["d".to_owned()]));
        let changed: Vec<&str> = difference.changed.iter().map(|(was, _)| was.id()).collect();
        assert_eq!(changed, ["b", "c"]);
    }

    #[test]
    fn an_edition_and_itself_do_not_differ_and_the_other_way_round_is_the_mirror() {
        assert!(compare(&one(), &one()).is_empty());
        let (forth, back) = (compare(&one(), &other()), compare(&other(), &one()));
        assert_eq!((&forth.removed, &forth.added), (&back.added, &back.removed));
        let turned: Vec<_> = back.changed.iter().map(|(was, is)| (is.clone(), was.clone())).collect();
        assert_eq!(forth.changed, turned);
    }

    #[test]
    fn the_net_amount_of_each_employee() {
        let net = net(&compare(&one(), &other()));
        let shown: Vec<(&str, String, i64)> = net
            .iter()
            .map(|net| (net.employee_id.as_str(), net.favour().to_string(), net.hours[1] - net.hours[0]))
            .collect();
        // The charge of 20 is gone, the reward fell by 30; a new charge; hours only.
        assert_eq!(
            shown,
            [("1", "-10.00".to_owned(), 0), ("2", "-30.00".to_owned(), 0), ("3", "0.00".to_owned(), 250)]
        );
    }
}
