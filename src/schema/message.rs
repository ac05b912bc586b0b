//! A mail that is ready to be sent, and its envelope.

/// One mail to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What tells it from all others, fit to be a file's name: `2026-10.001.4f2a9c01b2d3e4f5`. The Message-ID has it.
    pub id: String,
    /// Its file in the folder of the run that made it: `mail/01-hr.eml`.
    pub file: String,
    /// Whom it is for: a role of the configuration, `manager` or `employee`.
    pub role: String,
    /// Who that is among all of them: the role, or the employee id of a manager or an employee.
    pub whom: String,
    /// The envelope's sender.
    pub sender: String,
    /// The envelope's recipient.
    pub address: String,
    /// The message, RFC 5322.
    pub bytes: Vec<u8>,
}
