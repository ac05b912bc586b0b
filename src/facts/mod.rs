//! Floor 3: joins and business words, made once; rules only read them. Pure.
//!
//! `emp` is an employee's rank by id. Times are local. Every frame says its grain in its own file.

mod attendance;
mod complaints;
mod contacts;
mod deadline;
mod evenings;
mod hours;
mod leave;
mod meetings;
mod overtime;
mod projects;
mod repair;
mod sources;

pub(crate) use deadline::{Length, due_dates};
pub(crate) use evenings::evenings;
pub(crate) use meetings::SOURCES as MEETING_SOURCES;
pub(crate) use repair::{Duty, overdue};
pub use sources::{Readiness, SHARED_REGISTERS, absent_columns, readiness as not_ready};
pub(crate) use sources::{proven_through, proven_until};

use crate::{
    base::month::Period,
    calendar::Calendar,
    config::Config,
    schema::{findings::Suspension, inputs::Inputs},
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What the rules read.
pub struct Facts {
    /// The payroll month.
    pub period: Period,
    /// The day on which payroll months begin.
    pub first_day: u32,
    /// Workdays.
    pub calendar: Calendar,
    /// The typed tables and their states.
    pub inputs: Inputs,
    /// Grain: employee and own working day. See `attendance`.
    pub days: DataFrame,
    /// Days on which attendance is suspended at a site by its swipes (some site at least).
    pub swipe_suspended: BTreeSet<NaiveDate>,
    /// Grain: meeting and judged invitee. See `meetings`.
    pub invitees: DataFrame,
    /// Grain: employee and matter. See `complaints`.
    pub matters: DataFrame,
    /// Grain: approved leave. See `leave::chains`.
    pub leaves: DataFrame,
    /// Grain: failed contact. See `contacts`.
    pub contacts: DataFrame,
    /// Grain: overtime claim. See `overtime`.
    pub claims: DataFrame,
    /// Grain: project. See `projects`.
    pub projects: DataFrame,
    /// Ids of `complaint` findings that a decision set aside; known after decisions.
    pub waived: BTreeSet<String>,
    /// Doors by area (八.5).
    pub areas: BTreeMap<String, Vec<String>>,
    /// What could not be judged.
    pub suspensions: Vec<Suspension>,
}

impl Facts {
    /// Makes the facts of a month from what was read.
    ///
    /// # Errors
    /// Those of the dataframe engine.
    pub fn new(inputs: Inputs, period: Period, config: &Config) -> PolarsResult<Self> {
        let policy = &config.policy;
        let leave = leave::cover(&inputs)?;
        let hours = hours::hours(&period, &config.calendar, policy)?;
        let attendance = attendance::days(&inputs, &period, policy, &hours, &leave)?;
        let is_absence_off = config.rules.off.contains_key("absence");
        let meetings = meetings::invitees(&inputs, &period, policy, &attendance.days, &leave, is_absence_off)?;
        let mut suspensions = attendance.suspensions;
        suspensions.extend(meetings.suspensions);
        Ok(Self {
            period,
            first_day: config.first_day,
            calendar: config.calendar.clone(),
            days: attendance.days,
            swipe_suspended: attendance.swipe_suspended,
            invitees: meetings.invitees,
            matters: complaints::matters(inputs.table("complaints"))?,
            leaves: leave::chains(&inputs, &leave, &config.calendar)?,
            contacts: contacts::failed(&inputs, &period, policy, &hours, &leave)?,
            claims: overtime::claims(&inputs, config)?,
            projects: projects::projects(&inputs)?,
            waived: BTreeSet::new(),
            areas: config.areas.clone(),
            suspensions,
            inputs,
        })
    }

    /// Whether the employee of a row is judged on `day`: after hire and before leaving, neither day itself.
    ///
    /// Needs the columns `hire_date` and `leave_date`, see [`Facts::with_employment`].
    pub fn is_judged(day: Expr) -> Expr {
        let is_before_leaving = col("leave_date").is_null().or(day.clone().lt(col("leave_date")));
        day.clone().gt(col("hire_date")).and(is_before_leaving).and(day.gt_eq(lit(crate::policy::in_force_from())))
    }

    /// The other leaves of the chains that findings about leaves in `rows` stand on, as evidence.
    pub(crate) fn chain_of(&self, rows: &LazyFrame) -> LazyFrame {
        let all = self.leaves.clone().lazy().select([col("chain"), col("ref").alias("other")]);
        rows.clone()
            .join(all, [col("chain")], [col("chain")], JoinArgs::new(JoinType::Inner))
            .filter(col("other").neq(col("ref")))
            .select([col("emp"), col("subject"), col("other").alias("ref"), lit("adjacent_leave").alias("fact")])
    }

    /// Adds `hire_date` and `leave_date` of the employee in column `emp` (null where there is none).
    pub fn with_employment(&self, frame: LazyFrame, emp: &str) -> LazyFrame {
        with_employment(&self.inputs, frame, emp)
    }
}

fn with_employment(inputs: &Inputs, frame: LazyFrame, emp: &str) -> LazyFrame {
    let staff = inputs.table("employees").clone().lazy();
    let staff = staff.select([col("emp").alias("staff_emp"), col("hire_date"), col("leave_date")]);
    frame.join(staff, [col(emp)], [col("staff_emp")], JoinArgs::new(JoinType::Left))
}

/// A time as evidence and summaries print it.
pub(crate) fn shown(time: &str) -> Expr {
    col(time).dt().to_string("%Y-%m-%d %H:%M:%S")
}

/// The name of what is lacking where `holds` is not true, else null: to be joined to a list of words.
pub(crate) fn lacking(holds: Expr, name: &str) -> Expr {
    when(holds.fill_null(lit(false))).then(lit(NULL).cast(DataType::String)).otherwise(lit(name.to_owned()))
}

/// `name=value` where the value is there, else null.
pub(crate) fn fact(name: &str, value: Expr) -> Expr {
    let value = value.cast(DataType::String);
    when(value.clone().is_null()).then(lit(NULL).cast(DataType::String)).otherwise(lit(format!("{name}=")) + value)
}

impl Facts {
    /// The payroll month in which `day` lies.
    #[must_use]
    pub(crate) fn month_of(&self, day: NaiveDate) -> Period {
        Period::containing(day, self.first_day)
    }
}
