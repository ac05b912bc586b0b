//! Units for systemd: three services with their timers, and the one that says that one of them failed.

use super::plan::{Credential, FOLDER, Plan, named};
use chrono::NaiveTime;
use std::fmt::Write;

/// What a user without rights keeps when it is also locked in; of the machine only what `service` adds may be written.
const LOCKED: &str = "\
UMask=0077
ProtectSystem=strict
PrivateDevices=yes
DevicePolicy=closed
PrivateUsers=yes
PrivateIPC=yes
PrivateMounts=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
";

/// A job that is run by itself.
struct Job {
    name: &'static str,
    command: &'static str,
    about: &'static str,
    /// Jobs that are waited for: they would hold the archive's lock.
    after: &'static str,
    success: &'static str,
    timeout: &'static str,
}

/// A job that finds the lock held has failed, so it waits for those that may be running; the outbox does not: whoever
/// holds the lock sends too.
const JOBS: [Job; 3] = [
    Job {
        name: "nightly",
        command: "nightly",
        about: "the nights that are due",
        after: " meritbook-outbox.service",
        success: "10",
        timeout: "2h",
    },
    Job {
        name: "monthly",
        command: "monthly",
        about: "the months that are due",
        after: " meritbook-outbox.service meritbook-nightly.service",
        success: "10",
        timeout: "2h",
    },
    Job {
        name: "outbox",
        command: "outbox flush --due",
        about: "mails that are to be tried again",
        after: "",
        success: "10 75",
        timeout: "1h",
    },
];

/// Every unit by its name.
pub(super) fn units(plan: &Plan) -> Vec<(String, String)> {
    let mut units = Vec::new();
    for job in &JOBS {
        units.push((format!("meritbook-{}.service", job.name), service(plan, job)));
        units.push((format!("meritbook-{}.timer", job.name), timer(plan, job)));
    }
    units.push(("meritbook-failed@.service".to_owned(), failed()));
    units
}

/// All units one below the other, each with the place where it belongs.
pub(super) fn all(units: &[(String, String)]) -> String {
    let texts: Vec<String> =
        units.iter().map(|(name, text)| format!("# /etc/systemd/system/{name}\n{}", text.trim_end())).collect();
    texts.join("\n\n")
}

fn service(plan: &Plan, job: &Job) -> String {
    let (program, config) = (quoted(&plan.binary), quoted(&plan.config).replace('$', "$$"));
    let mut text = format!(
        "[Unit]
Description=meritbook: {}
Wants=network-online.target
After=network-online.target time-sync.target remote-fs.target{}
RequiresMountsFor={} {}
OnFailure=meritbook-failed@%n.service

[Service]
Type=oneshot
{}ExecStart={program} --config {config} {}
# 10: done, and something needs a person; the mails say what.{}
SuccessExitStatus={}
TimeoutStartSec={}
Nice=10
MemoryMax=4G
TasksMax=1024
",
        job.about,
        job.after,
        quoted(&plan.config),
        quoted(&plan.archive),
        if job.name == "monthly" { plan.pin() } else { String::new() },
        job.command,
        if job.success.contains("75") { "\n# 75: another run holds the lock, and sends." } else { "" },
        job.success,
        job.timeout,
    );
    text += &owner(plan);
    text += &secrets(plan);
    let home = if plan.sees_home { "read-only" } else { "yes" };
    let of_tmp: Vec<String> = plan.of_tmp.iter().map(|path| quoted(path)).collect();
    let tmp = match (of_tmp.is_empty(), plan.is_dynamic) {
        (true, _) => "PrivateTmp=yes".to_owned(),
        (false, false) => "PrivateTmp=no".to_owned(),
        // A dynamic user has a /tmp of its own, whatever is asked for.
        (false, true) => format!("PrivateTmp=yes\nBindReadOnlyPaths={}", of_tmp.join(" ")),
    };
    text + &format!("ProtectHome={home}\n{tmp}\n{LOCKED}")
}

/// Who runs it, and what may be written.
fn owner(plan: &Plan) -> String {
    // Without a name systemd would make another user for each unit, and they share the archive.
    let dynamic = if plan.is_dynamic { "DynamicUser=yes\n" } else { "" };
    let place = match &plan.state {
        Some(name) => format!("StateDirectory={name}\nStateDirectoryMode=0700\n"),
        None => format!("ReadWritePaths={}\n", quoted(&plan.archive)),
    };
    format!("User={}\n{dynamic}{place}", plan.user)
}

fn secrets(plan: &Plan) -> String {
    let mut text = String::new();
    for credential in &plan.credentials {
        let _ = match credential {
            Credential::File(name) => writeln!(text, "LoadCredential={name}:{FOLDER}/{name}"),
            Credential::Folder(name) => writeln!(
                text,
                "# The files of this folder are called after recipients: a role, or an employee id.\n\
                 LoadCredential={name}:{FOLDER}/{name}"
            ),
            Credential::Each(pattern, roles) => {
                let _ = writeln!(
                    text,
                    "# A manager or employee needs a line more, with the employee id in place of the role;\n\
                     # a credential called PREFIX_{{recipient}} takes them all from the folder {FOLDER}/PREFIX."
                );
                roles
                    .iter()
                    .map(|role| named(pattern, role))
                    .try_for_each(|name| writeln!(text, "LoadCredential={name}:{FOLDER}/{name}"))
            }
        };
    }
    for name in &plan.environment {
        let _ = writeln!(text, "# {name} is set in this file: root's, mode 0600.");
    }
    if !plan.environment.is_empty() {
        let _ = writeln!(text, "EnvironmentFile=-{FOLDER}/environment");
    }
    for path in &plan.secret_files {
        let _ = writeln!(text, "# Must be readable for the user above, and for nobody else: {path}");
    }
    text
}

fn timer(plan: &Plan, job: &Job) -> String {
    let at = |time: NaiveTime| time.format("%H:%M:00");
    let when = match job.name {
        "nightly" => format!("*-*-* {}", at(plan.nightly)),
        "monthly" => {
            let days: Vec<String> = plan.days.iter().map(|day| format!("{day:02}")).collect();
            format!("*-*-{} {}", days.join(","), at(plan.monthly))
        }
        // Not on the hour, when a night may begin.
        _ => "*-*-* *:10,40:00".to_owned(),
    };
    format!(
        "[Unit]
Description=meritbook: {}

[Timer]
OnCalendar={when} {}
Persistent=true
AccuracySec=1min
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
",
        job.about, plan.zone
    )
}

/// The unit of a failure: the journal at priority alert, then what the administrator put there. It needs neither the
/// program nor its mail server. As root it can run a file that only root may read; it has no rights beside that.
fn failed() -> String {
    format!(
        r#"[Unit]
Description=meritbook: %i failed

[Service]
Type=oneshot
SyslogIdentifier=meritbook
SyslogLevel=alert
ExecStart=/bin/sh -c 'unit=$${{MONITOR_UNIT:-%i}}; result=$${{MONITOR_SERVICE_RESULT:-unknown}}; status=$${{MONITOR_EXIT_STATUS:-unknown}}; \
  echo "$$unit failed: result $$result, exit status $$status"; \
  echo "look at it with: journalctl -u $$unit"; \
  if [ -x {FOLDER}/alert ]; then exec {FOLDER}/alert "$$unit" "$$result" "$$status"; fi'
TimeoutStartSec=5min
ProtectHome=yes
PrivateTmp=yes
{LOCKED}"#
    )
}

/// A path as a word of a unit.
fn quoted(path: &str) -> String {
    let text = path.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    if text.contains(|c: char| c.is_whitespace() || "\"'\\;:".contains(c)) { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn paths_are_quoted() {
        assert_eq!(quoted("/etc/meritbook/config.toml"), "/etc/meritbook/config.toml");
        assert_eq!(quoted("/srv/50% rise/张三.toml"), "\"/srv/50%% rise/张三.toml\"");
        assert_eq!(quoted(r#"/a"b\c"#), r#""/a\"b\\c""#);
    }
}
