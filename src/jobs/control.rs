//! The control sums of an edition: findings, postings and ledger must come to the same money.

use super::{BAD_DATA, Stop};
use crate::{
    archive::{Adjusted, Control},
    base::money::Fen,
    schema::{
        adjustments::{Adjustment, Movement},
        findings::{Finding, LedgerRow, Posting, Status},
    },
};

/// What is posted and booked: the month's own, and what is taken up of earlier months.
pub(super) struct Booked<'a> {
    pub(super) postings: &'a [Posting],
    pub(super) ledger: &'a [LedgerRow],
    pub(super) adjustments: &'a [Adjustment],
    /// Whether the month is judged again: its money moves in the month that takes up the difference.
    pub(super) is_rerun: bool,
}

impl Booked<'_> {
    /// The control sums; an error where they disagree (exit 65).
    pub(super) fn control(&self, findings: &[Finding]) -> anyhow::Result<Control> {
        let found = |status| -> Fen {
            findings.iter().filter(|finding| finding.status == status).filter_map(|finding| finding.amount).sum()
        };
        let posted = |word| -> Fen {
            self.postings.iter().filter(|posting| posting.direction == word).map(|posting| posting.amount).sum()
        };
        let booked =
            |word| -> Fen { self.ledger.iter().filter(|row| row.direction == word).map(|row| row.amount).sum() };
        let adjusted = |movement| -> Fen {
            self.adjustments.iter().filter(|one| one.movement == movement).map(|one| one.amount).sum()
        };
        let sums = [
            (Movement::Deduct, found(Status::Charge)),
            (Movement::ReverseDeduct, Fen(0)),
            (Movement::Reward, found(Status::Credit)),
            (Movement::ReverseReward, Fen(0)),
        ];
        for (movement, own) in sums {
            let (sum, word) = (Fen(own.0 + adjusted(movement).0), movement.word());
            let moved = if self.is_rerun { Fen(0) } else { sum };
            if posted(word) != moved || booked(word) != sum {
                return Err(Stop::because(
                    BAD_DATA,
                    format!(
                        "the control sums disagree, nothing was written: {word}: findings and adjustments {sum}, postings {}, \
                         ledger {}\n  help: this is a fault of the program: report it with the inputs' shape, and issue nothing",
                        posted(word),
                        booked(word)
                    ),
                ));
            }
        }
        let text = |fen: Fen| fen.to_string();
        Ok(Control {
            findings: findings.len() as u64,
            charge: text(found(Status::Charge)),
            deduct_postings: text(posted("deduct")),
            deduct_ledger: text(booked("deduct")),
            credit: text(found(Status::Credit)),
            reward_postings: text(posted("reward")),
            reward_ledger: text(booked("reward")),
            adjusted: (!self.adjustments.is_empty()).then(|| Adjusted {
                deduct: text(adjusted(Movement::Deduct)),
                reverse_deduct: text(adjusted(Movement::ReverseDeduct)),
                reward: text(adjusted(Movement::Reward)),
                reverse_reward: text(adjusted(Movement::ReverseReward)),
            }),
        })
    }
}
