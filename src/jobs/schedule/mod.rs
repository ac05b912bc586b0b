//! `schedule`: what starts the program by itself, made from the configuration.

mod cron;
mod plan;
mod systemd;

use super::{DONE, console::Console};
use crate::{
    cli::{OfSchedule, Schedule},
    config::Config,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use plan::{Plan, Wish};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

pub(super) fn run(
    args: &Schedule,
    path: &Path,
    config: &Config,
    now: DateTime<Utc>,
    console: &Console,
) -> anyhow::Result<u8> {
    match &args.command {
        OfSchedule::Systemd(args) => {
            let wish = Wish { binary: &args.binary, user: &args.user, is_dynamic: args.dynamic_user };
            let units = systemd::units(&Plan::new(&wish, path, config, now)?);
            match &args.dir {
                Some(dir) => write(dir, &units, console)?,
                None => console.answer(&systemd::all(&units)),
            }
        }
        OfSchedule::Cron(args) => {
            let wish = Wish { binary: &args.binary, user: &args.user, is_dynamic: false };
            console.answer(cron::text(&Plan::new(&wish, path, config, now)?)?.trim_end());
        }
    }
    Ok(DONE)
}

fn write(dir: &Path, units: &[(String, String)], console: &Console) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    for (name, text) in units {
        let path = dir.join(name);
        // systemd complains of a unit that not everybody may read, whatever the umask is.
        let written = fs::write(&path, text).and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o644)));
        written.with_context(|| format!("cannot write {}", path.display()))?;
        console.say(&format!("wrote {}", path.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
