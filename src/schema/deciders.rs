//! Who may decide what (2.9): the roles that a line waits for by its reason, and the people who hold them.

use std::collections::BTreeMap;

/// Whose answer a line waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The manager of the employee concerned, as the roster says.
    Manager,
    /// 行政人事部.
    Hr,
    /// 总经办.
    GeneralManager,
    /// The lawyer, whom 五.2(3) names.
    Lawyer,
}

impl Role {
    /// All of them, in the order in which sheets list them.
    pub const ALL: [Self; 4] = [Self::Manager, Self::Hr, Self::GeneralManager, Self::Lawyer];

    /// Its word in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["manager", "hr", "general-manager", "lawyer"][self as usize]
    }

    /// The role that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What waits for whom, unless the configuration says otherwise.
///
/// The department's manager knows the day's work and grades complaints (八.16), and objections go to them or to whom
/// they report (八(二) names the manager of the centre); the general manager's office approves rewards (六.3), fills the amounts that the text leaves blank, and decides on
/// refusals (五.2(3), with the lawyer) and losses (八.14); HR sees to signatures, to what belongs to nobody, and to
/// charges on months that were issued.
pub const WAITS: &[(&str, &[Role])] = &[
    ("absence-unexplained", &[Role::Manager]),
    ("amount", &[Role::GeneralManager]),
    ("approval", &[Role::Manager]),
    ("cross-check", &[Role::GeneralManager]),
    ("last-out", &[Role::Hr]),
    (LATE_CHARGE, &[Role::Hr]),
    ("late-class", &[Role::Manager]),
    ("late-leave", &[Role::Manager]),
    ("loss-amount", &[Role::GeneralManager]),
    ("no-assignee", &[Role::Hr]),
    (OBJECTION, &[Role::Manager, Role::GeneralManager]),
    ("other-month", &[Role::Hr]),
    ("own-work", &[Role::Manager]),
    ("pending", &[Role::GeneralManager]),
    ("refusal", &[Role::GeneralManager, Role::Lawyer]),
    ("unacknowledged", &[Role::Hr]),
    ("ungraded", &[Role::Manager]),
    (UNPRICED, &[Role::GeneralManager]),
    ("visit-unannounced", &[Role::Manager]),
    ("warning-or-fine", &[Role::Manager]),
];
/// The reason of what is neither held nor unpriced: who decides on objections decides on it.
pub const OBJECTION: &str = "objection";
/// The reason of a new charge on a month that was issued.
pub const LATE_CHARGE: &str = "late-charge";
/// The reason of a breach without an amount in the policy.
pub const UNPRICED: &str = "unpriced";

/// `[deciders]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deciders {
    /// Whether decisions of anybody else are refused; without the section everybody but the employee concerned may
    /// decide.
    pub is_enforced: bool,
    /// Who holds a role: employee ids, names or e-mail addresses. Managers are those of the roster.
    pub people: BTreeMap<Role, Vec<String>>,
    /// The roles of a reason, where they are not those of [`WAITS`].
    pub waits: BTreeMap<String, Vec<Role>>,
}

impl Deciders {
    /// The roles of which any may decide a line of this reason.
    #[must_use]
    pub fn roles(&self, reason: &str) -> &[Role] {
        let shipped = || WAITS.iter().find(|(known, _)| *known == reason).map_or(&[Role::Hr][..], |(_, roles)| *roles);
        self.waits.get(reason).map_or_else(shipped, Vec::as_slice)
    }
}
