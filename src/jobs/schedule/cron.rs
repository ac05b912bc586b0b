//! A file for `/etc/cron.d`. Cron mails whatever a line prints, so lines print errors only.

use super::{
    super::{Stop, USAGE},
    plan::{Credential, FOLDER, Plan, named},
};
use chrono::Timelike;
use std::fmt::Write;

/// Cron refuses to mail to an address with others.
const IN_ADDRESSES: &str = "@.-+_";

/// Debian's cron takes no longer line.
const LONGEST: usize = 990;

/// The whole file.
///
/// # Errors
/// Paths so long that a line has no room for them (exit 64).
pub(super) fn text(plan: &Plan) -> anyhow::Result<String> {
    let text = written(plan);
    if text.lines().any(|line| line.len() > LONGEST) {
        let help = "take shorter paths, or schedule systemd";
        return Err(Stop::because(USAGE, format!("a line of a crontab has {LONGEST} bytes at most\n  help: {help}")));
    }
    Ok(text)
}

fn written(plan: &Plan) -> String {
    let mut text = format!(
        "# /etc/cron.d/meritbook: belongs to root, mode 0644
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
{}
# Debian's cron ignores this, and its times are then those of the machine. Which nights and months are due is found in
# the centre's own time, so that only the hour is another.
CRON_TZ={}
",
        mail_to(plan),
        plan.zone
    );
    text += &secrets(plan);
    let (nightly, monthly) = (job(plan, "nightly"), job(plan, "monthly"));
    let days: Vec<String> = plan.days.iter().map(u32::to_string).collect();
    let (user, umask) = (&plan.user, umask(plan));
    let _ = write!(
        text,
        "
# minute hour day month weekday user command; 10: done, and something needs a person, who is told by mail
{} {} * * * {user} {umask}; {nightly}
{}{} {} {} * * {user} {umask}; {monthly}
# What fell due while the machine was off; the network has two minutes to come up.
@reboot {user} {umask}; sleep 120; {nightly}
@reboot {user} {umask}; sleep 120; {monthly}
# Mails that are to be tried again. 75: another run holds the lock, and sends.
10,40 * * * * {user} {umask}; {}
",
        plan.nightly.minute(),
        plan.nightly.hour(),
        plan.pin(),
        plan.monthly.minute(),
        plan.monthly.hour(),
        days.join(","),
        outbox(plan),
    );
    text
}

fn mail_to(plan: &Plan) -> String {
    let is_fine = |address: &&String| address.chars().all(|c| c.is_ascii_alphanumeric() || IN_ADDRESSES.contains(c));
    let (fine, odd): (Vec<&String>, Vec<&String>) = plan.operators.iter().partition(is_fine);
    let mut lines: Vec<String> = odd.iter().map(|address| format!("# Cron cannot mail to {address}.")).collect();
    lines.push(if fine.is_empty() {
        format!("# No recipient has the role operator: cron mails errors to {}.", plan.user)
    } else {
        let fine: Vec<&str> = fine.into_iter().map(String::as_str).collect();
        format!("# Errors are mailed by the machine's own mail program.\nMAILTO={}", fine.join(","))
    });
    lines.join("\n")
}

/// Cron loads no credentials: the program finds them where systemd would take them from.
fn secrets(plan: &Plan) -> String {
    let mut text = String::new();
    if !plan.credentials.is_empty() {
        let _ = writeln!(text, "# These belong to {}, mode 0400:", plan.user);
        for credential in &plan.credentials {
            let name = match credential {
                Credential::File(name) => name.clone(),
                Credential::Folder(name) => format!("{name}_RECIPIENT (a role, or an employee id)"),
                Credential::Each(pattern, _) => {
                    format!("{} (a role, or an employee id)", named(pattern, "RECIPIENT"))
                }
            };
            let _ = writeln!(text, "#   {FOLDER}/{name}");
        }
        let _ = writeln!(text, "CREDENTIALS_DIRECTORY={FOLDER}");
    }
    for name in &plan.environment {
        let _ = writeln!(text, "# {name} is set in {FOLDER}/environment, which belongs to {}, mode 0400.", plan.user);
    }
    for path in &plan.secret_files {
        let _ = writeln!(text, "# Must be readable for {}, and for nobody else: {path}", plan.user);
    }
    text
}

fn umask(plan: &Plan) -> String {
    let environment = format!("; set -a; . {FOLDER}/environment; set +a");
    format!("umask 077{}", if plan.environment.is_empty() { "" } else { &environment })
}

/// Waits for another line that is running.
fn job(plan: &Plan, name: &str) -> String {
    let ended = format!("echo \"meritbook {name} ended with exit code $s\"");
    format!("flock -w 3600 -E 75 {} || {{ s=$?; [ $s -eq 10 ] || {ended}; }}", command(plan, name))
}

fn outbox(plan: &Plan) -> String {
    let ended = "echo \"meritbook outbox flush --due ended with exit code $s\"";
    let run = format!("said=$(flock -n -E 75 {} 2>&1)", command(plan, "outbox flush --due"));
    format!("{run}; s=$?; case $s in 0|10|75) ;; *) echo \"$said\"; {ended};; esac")
}

/// The lock is not the archive's own: that is the program's, which does not wait.
fn command(plan: &Plan, name: &str) -> String {
    let lock = format!("{}/cron.lock", plan.archive);
    format!("{} {} --config {} --quiet {name}", quoted(&lock), quoted(&plan.binary), quoted(&plan.config))
}

/// A path as a word of the shell, in a crontab, where a bare `%` would be a line break.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let text = if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) };
    text.replace('%', r"\%")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn paths_are_quoted() {
        assert_eq!(quoted("/etc/meritbook/config.toml"), "/etc/meritbook/config.toml");
        assert_eq!(quoted("/srv/50% rise/it's"), r"'/srv/50\% rise/it'\''s'");
    }
}
