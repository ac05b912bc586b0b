//! What mail asks of a schedule: secrets by where they are kept, and whom cron mails to.

use super::{
    cron,
    plan::{Plan, Wish},
    systemd,
};
use crate::{
    config::{Config, Recipient, Secret, Security, Smtp, load},
    jobs::exit_code,
};
use chrono::{DateTime, Utc};
use std::path::Path;

fn shipped() -> Config {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
    load(&path, &crate::rules::known()).expect("the shipped configuration")
}

fn with(password: Secret, workbooks: Option<Secret>) -> Config {
    let mut config = shipped();
    config.mail.smtp = Some(Smtp {
        host: "smtp.example.com".to_owned(),
        port: 465,
        security: Security::Tls,
        login: Some(("meritbook".to_owned(), password)),
        ca_file: None,
        hello: "centre.example.com".to_owned(),
        timeout: 30,
        final_timeout: 600,
    });
    config.mail.workbook_password = workbooks;
    config
}

fn planned(config: &Config) -> anyhow::Result<Plan> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
    let wish = Wish { binary: Path::new("/usr/local/bin/meritbook"), user: "meritbook", is_dynamic: false };
    Plan::new(&wish, &path, config, DateTime::<Utc>::UNIX_EPOCH)
}

/// The three services, and the crontab.
fn texts(config: &Config) -> (Vec<String>, String) {
    let plan = planned(config).expect("a plan");
    let units = systemd::units(&plan).into_iter().filter(|(name, _)| name.ends_with(".service"));
    let services: Vec<String> = units.filter(|(name, _)| !name.contains('@')).map(|(_, text)| text).collect();
    assert_eq!(services.len(), 3);
    (services, cron::text(&plan).expect("a crontab"))
}

#[test]
fn a_credential_is_loaded_from_the_folder_of_the_installation() {
    let (services, crontab) = texts(&with(Secret::Credential("smtp-password".to_owned()), None));
    for service in services {
        let lines: Vec<&str> = service.lines().filter(|line| line.starts_with("LoadCredential=")).collect();
        assert_eq!(lines, ["LoadCredential=smtp-password:/etc/meritbook/smtp-password"]);
        assert!(!service.contains("EnvironmentFile="));
    }
    assert!(crontab.contains("\nCREDENTIALS_DIRECTORY=/etc/meritbook\n"), "{crontab}");
    assert!(crontab.contains("\n#   /etc/meritbook/smtp-password\n"), "{crontab}");
}

#[test]
fn a_password_for_each_recipient_is_a_file_of_a_folder() {
    let password = Secret::Credential("smtp-password".to_owned());
    let folder = Secret::Credential("workbook_{recipient}".to_owned());
    let (services, crontab) = texts(&with(password.clone(), Some(folder)));
    assert!(services[0].contains("\nLoadCredential=workbook:/etc/meritbook/workbook\n"), "{}", services[0]);
    assert!(crontab.contains("\n#   /etc/meritbook/workbook_RECIPIENT (a role"), "{crontab}");

    let elsewhere = Secret::Credential("{recipient}.key".to_owned());
    let (services, crontab) = texts(&with(password, Some(elsewhere)));
    for name in ["hr.key", "general-manager.key"] {
        let line = format!("\nLoadCredential={name}:/etc/meritbook/{name}\n");
        assert!(services[1].contains(&line), "{}", services[1]);
    }
    assert!(!services[1].contains("operator.key"), "the operator gets no workbooks");
    assert!(services[1].contains("# A manager or employee needs a line more"), "{}", services[1]);
    assert!(crontab.contains("\n#   /etc/meritbook/RECIPIENT.key (a role"), "{crontab}");
}

#[test]
fn a_secret_of_the_environment_comes_from_a_file_of_root() {
    let (services, crontab) = texts(&with(Secret::Environment("SMTP_PASSWORD".to_owned()), None));
    for service in services {
        assert!(service.contains("\nEnvironmentFile=-/etc/meritbook/environment\n"), "{service}");
        assert!(service.contains("# SMTP_PASSWORD is set in this file: root's, mode 0600."), "{service}");
        assert!(!service.contains("LoadCredential"), "{service}");
    }
    assert!(!crontab.contains("CREDENTIALS_DIRECTORY"), "{crontab}");
    let lines: Vec<&str> = crontab.lines().filter(|line| line.contains(" meritbook umask 077;")).collect();
    assert_eq!(lines.len(), 5, "{crontab}");
    assert!(lines.iter().all(|line| line.contains("; set -a; . /etc/meritbook/environment; set +a; ")), "{crontab}");
}

#[test]
fn a_secret_file_is_only_told_and_may_lie_in_a_home() {
    let (services, _) = texts(&with(Secret::File("/home/it/smtp".into()), None));
    assert!(services[0].contains("for nobody else: /home/it/smtp\n"), "{}", services[0]);
    assert!(services[0].contains("\nProtectHome=read-only\n"), "{}", services[0]);
    assert!(!services[0].contains("LoadCredential") && !services[0].contains("EnvironmentFile"), "{}", services[0]);
}

#[test]
fn a_credential_that_no_unit_can_name_is_refused() {
    for name in ["", "a b", "../password", "a:b", "a%n", "a/b", "{recipient}{recipient}"] {
        let config = with(Secret::Credential(name.to_owned()), None);
        let error = planned(&config).err().unwrap_or_else(|| panic!("`{name}` was taken"));
        assert_eq!(exit_code(&error), crate::jobs::CONFIG, "{name}");
    }
}

#[test]
fn cron_mails_to_operators_whose_address_it_takes() {
    let mut config = shipped();
    let operator =
        |address: &str| Recipient { role: "operator".to_owned(), address: address.to_owned(), name: String::new() };
    config.mail.recipients =
        vec![operator("it@example.com"), operator("o'hara@example.com"), operator("x@example.com")];
    let (_, crontab) = texts(&config);
    assert!(crontab.contains("\nMAILTO=it@example.com,x@example.com\n"), "{crontab}");
    assert!(crontab.contains("\n# Cron cannot mail to o'hara@example.com.\n"), "{crontab}");
    config.mail.recipients.clear();
    let (_, crontab) = texts(&config);
    assert!(!crontab.contains("\nMAILTO="), "{crontab}");
    assert!(crontab.contains("\n# No recipient has the role operator: cron mails errors to meritbook.\n"), "{crontab}");
}
