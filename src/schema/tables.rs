//! The canonical tables (3-tables §3.1): columns, types, keys. A list, not code.

/// What a cell of a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text or an id; trimmed, leading zeros kept.
    Text,
    /// A member of staff: resolved to an employee; an unknown person rejects the row (or is *outside*).
    Person,
    /// A date, `2026-10-14`.
    Date,
    /// A moment, `2026-10-14 08:31:07`; a cell without clock time is rejected.
    Time,
    /// The first moment of a leave: a bare date is 00:00.
    LooseStart,
    /// The end of a leave: a bare date is 24:00.
    LooseEnd,
    /// A time of day, `08:30`.
    Clock,
    /// Yes or no.
    Flag,
    /// Money in yuan, at most two decimals.
    Money,
    /// A whole number.
    Number,
    /// One word of a closed list.
    Word(&'static [&'static str]),
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its canonical name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether every row must have it.
    pub is_required: bool,
}

/// One canonical table.
#[derive(Debug)]
pub struct Table {
    /// Its name, as in `[sources.NAME]`.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The columns of its key; empty where rows have none.
    pub key: &'static [&'static str],
}

impl Table {
    /// The column named `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The table named `name`.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

use Kind::{Clock, Date, Flag, LooseEnd, LooseStart, Money, Number, Person, Text, Time, Word};

const fn must(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_required: true }
}

const fn may(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_required: false }
}

const PASS_FAIL: Kind = Word(&["pass", "fail"]);
const INSPECTED: Kind = Word(&[
    "badge",
    "attire",
    "posture",
    "tidiness",
    "private-matter",
    "confidentiality",
    "safety",
    "door",
    "window",
    "computer",
    "power",
]);
const CATEGORY: Kind = Word(&["1", "2", "3", "4", "5", "6", "7", "8"]);

macro_rules! tables {
    ($($name:literal key [$($key:literal),*] { $($column:expr),* $(,)? })*) => {
        &[$(Table { name: $name, key: &[$($key),*], columns: &[$($column),*] }),*]
    };
}

/// Every table, in the order of the contract.
pub static TABLES: &[Table] = tables! {
    "employees" key ["employee_id"] {
        must("employee_id", Text), must("name", Text), must("department", Text), may("position", Text),
        may("manager_id", Text), may("email", Text), must("hire_date", Date), may("leave_date", Date),
        may("probation_end", Date), may("confirmed_on", Date), may("contract_months", Number),
        may("monthly_wage", Money), may("site", Text), may("swipe_exempt", Flag),
    }
    "acknowledgements" key [] { must("employee_id", Person), must("signed_on", Date) }
    "identities" key [] {
        must("source", Text), must("external_id", Text), must("employee_id", Person), may("from", Date), may("to", Date),
    }
    "rosters" key ["employee_id", "date"] {
        must("employee_id", Person), must("date", Date), may("work_start", Clock), may("work_end", Clock),
    }
    "swipes" key [] {
        must("employee_id", Person), must("time", Time), may("door", Text), may("direction", Text),
    }
    "punches" key [] {
        must("employee_id", Person), must("time", Time), may("direction", Text), may("approved_at", Time),
    }
    "notices" key ["employee_id", "date", "notified_at"] {
        must("employee_id", Person), must("date", Date), must("notified_at", Time), may("kind", Text), may("note", Text),
    }
    "leaves" key ["leave_id"] {
        must("leave_id", Text), must("employee_id", Person), must("type", Text), must("start", LooseStart),
        must("end", LooseEnd), may("status", Word(&["approved", "rejected", "pending"])),
        may("approved_at", LooseStart), may("hr_approved_at", LooseStart), may("handover_at", LooseStart),
        may("returned_at", LooseStart), may("certificate_at", LooseStart),
    }
    "visits" key ["visit_id"] {
        must("visit_id", Text), must("employee_id", Person), must("start", Time), must("end", Time), may("ticket_id", Text),
    }
    "tickets" key ["ticket_id"] {
        must("ticket_id", Text), may("customer", Text), must("received_at", Time), may("assigned_at", Time),
        may("repair_engineer", Person), may("diagnosed_at", Time), may("outcome", Word(&["repairable", "unrepairable"])),
        may("sendout_prepared_at", Time), may("completed_at", Time), may("reason_report_at", Time),
        may("service_engineer", Person), may("delivered_at", Time), may("project_id", Text),
    }
    "complaints" key ["complaint_id"] {
        must("complaint_id", Text), may("matter_id", Text), must("employee_id", Person), must("received_at", Time),
        may("verdict", Word(&["upheld", "rejected", "undetermined"])), may("grade", Text), may("decided_at", Time),
        may("review_submitted_at", Time), may("project_id", Text),
    }
    "praises" key ["praise_id"] {
        must("praise_id", Text), must("employee_id", Person), must("received_at", Time), must("customer", Text),
        may("channel", Text), may("fact", Text), may("project_id", Text),
    }
    "meetings" key ["meeting_id"] {
        must("meeting_id", Text), must("title", Text), may("kind", Text), must("start", Time), may("end", Time),
        must("mandatory", Flag),
    }
    "invitations" key ["meeting_id", "employee_id"] {
        must("meeting_id", Text), must("employee_id", Person), may("notified_at", Time),
    }
    "checkins" key [] { must("meeting_id", Text), must("employee_id", Person), must("time", Time) }
    "contacts" key ["contact_id"] {
        must("contact_id", Text), must("employee_id", Person), must("called_at", Time), must("answered", Flag),
        may("called_back_at", Time),
    }
    "inspections" key ["inspection_id"] {
        must("inspection_id", Text), must("inspected_at", Time), may("area", Text), must("item", INSPECTED),
        must("result", PASS_FAIL), may("employee_id", Person), may("note", Text),
    }
    "loans" key ["loan_id"] {
        must("loan_id", Text), must("employee_id", Person), must("item", Text), must("borrowed_at", Time),
        must("due_on", Date), may("returned_at", Time),
    }
    "tasks" key ["task_id"] {
        must("task_id", Text), must("employee_id", Person), must("title", Text), must("due_at", Time),
        may("completed_at", Time), may("explained_at", Time), may("ticket_id", Text),
    }
    "overtime" key ["claim_id"] {
        must("claim_id", Text), must("employee_id", Person), must("start", Time), must("end", Time),
        must("status", Word(&["claimed", "refused"])), may("reason", Word(&["business", "own-work"])),
        may("reported_by", Text), may("reported_at", Time), may("manager_approved_at", Time),
        may("administration_filed_at", Time), may("task_id", Text),
    }
    "rewards" key ["application_id"] {
        must("application_id", Text), must("employee_id", Person), must("category", CATEGORY), may("fact", Text),
        may("evidence", Text), may("project_id", Text), may("applied_by", Text), must("applied_at", Time),
        may("decision", Word(&["approved", "rejected"])), may("approved_at", Time), may("amount", Money),
    }
    "projects" key ["project_id"] {
        must("project_id", Text), must("name", Text), must("lead_id", Person), must("started_on", Date),
        may("accepted_on", Date), may("safety", PASS_FAIL), may("quality", PASS_FAIL), may("schedule", PASS_FAIL),
        may("cost", PASS_FAIL), may("internal_first_pass", Flag), may("external_first_pass", Flag),
        may("documents_complete", Flag), may("log_complete", Flag),
    }
    "losses" key ["loss_id"] {
        must("loss_id", Text), must("employee_id", Person), must("occurred_on", Date), must("kind", Text),
        may("amount", Money), may("agreed_at", Time),
    }
    "fund" key [] {
        must("date", Date), must("kind", Text), must("amount", Money), may("voucher", Text),
        may("purpose", Text), may("handled_by", Text),
    }
    "probation" key ["employee_id"] {
        must("employee_id", Person), may("form_at", Time), may("summary_at", Time), may("supervisor_opinion_at", Time),
        may("department_approved_at", Time), may("administration_approved_at", Time),
        may("general_manager_approved_at", Time),
    }
    "closures" key [] { must("source", Text), must("through", Date), must("closed_by", Text) }
    "decisions" key [] {
        must("finding_id", Text),
        // `assign-confirm` is both at once.
        must("decision", Word(&["confirm", "waive", "amend", "object", "dismiss", "assign", "assign-confirm"])),
        may("amount", Money), may("value", Text), must("decided_by", Text), must("decided_at", Time), must("reason", Text),
        // The short code that stands beside the id on a sheet.
        may("code", Text),
    }
};

/// Whether a column only excuses what another one shows: a centre may say that nobody writes it down.
#[must_use]
pub fn is_excuse(table: &str, column: &str) -> bool {
    matches!(
        (table, column),
        ("tickets", "reason_report_at") | ("tasks", "explained_at") | ("contacts", "called_back_at")
    )
}
