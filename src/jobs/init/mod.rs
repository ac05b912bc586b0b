//! `init DIR`: a first configuration, empty registers, folders for exports, and a README in Chinese for HR.
//!
//! What is written is a function of the program alone. Its policy values are those of the shipped configuration, its
//! headers those of the canonical tables. A register that could excuse is not believed before it is signed off.

mod template;

use super::{DONE, IO_ERROR, Stop, console::Console};
use crate::{archive, cli};

/// So many names of what stands in the way are shown.
const SHOWN: usize = 5;

pub(super) fn run(args: &cli::Init, console: &Console) -> anyhow::Result<u8> {
    let dir = args.dir.as_path();
    let shown = dir.display();
    if dir.exists() && !dir.is_dir() {
        let text = format!("{shown} is a file, not a folder\n  help: name a folder that is missing or empty");
        return Err(Stop::because(IO_ERROR, text));
    }
    let standing = archive::standing(dir)?;
    if !standing.is_empty() {
        let more = standing.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let named = standing.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let text = format!(
            "{shown} is not empty, and nothing is ever overwritten: there is {named}{more}\n  help: name a folder that is \
             missing or empty; where meritbook is set up already, `meritbook --config {} check` says what is missing",
            dir.join("config.toml").display()
        );
        return Err(Stop::because(IO_ERROR, text));
    }
    archive::found(dir, &template::files(), &template::folders())?;
    console.say(&format!(
        "made {shown}: config.toml, README.md, registers/, templates/, answers/ and folders for exports"
    ));
    console.say("next:");
    console.say(&format!("  1. read {} (in Chinese, for HR)", dir.join("README.md").display()));
    console.say(&format!("  2. decide what stands at the top of {}", dir.join("config.toml").display()));
    console.say(&format!("  3. fill in {}", dir.join("registers/employees.csv").display()));
    let config = dir.join("config.toml");
    console.say(&format!("  4. meritbook --config {} check   says what is still missing", config.display()));
    Ok(DONE)
}
