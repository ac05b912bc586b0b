//! Reads `[rules]`: which rules are off, and why; which are only tried out in shadow mode.
//!
//! ```toml
//! [rules]
//! off = ["inspection"]                 # never silently: each needs a reason
//! mode = "live"                        # of all others: "live" or "shadow"
//! [rules.inspection]
//! reason = "安全部另行检查"
//! [rules.late-arrival]
//! mode = "shadow"
//! ```

use super::Rules;
use crate::base::toml::{Walker, join};
use std::collections::BTreeSet;
use toml::de::DeTable;

const OFF: &str = "off";

/// Reads the section; `names` are the rules there are.
pub(super) fn read<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, names: &[&str]) -> Rules {
    let mut rules = Rules::default();
    let Some(section) = walker.table("", root, "rules") else { return rules };
    let known: Vec<&str> = ["off", "mode", "reason"].into_iter().chain(names.iter().copied()).collect();
    walker.only("rules", section, &known);
    let off = walker.texts("rules", section, OFF).unwrap_or_default();
    for name in off.iter().filter(|name| !names.contains(&name.as_str())) {
        let near = crate::base::problem::did_you_mean(name, names.iter().copied());
        let help = near.map_or("`meritbook rules` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        walker.problem(&section[OFF].span(), format!("there is no rule `{name}`"), help);
    }
    let is_all_shadow = is_shadow(walker, "rules", section).unwrap_or(false);
    let common = walker.text("rules", section, "reason").filter(|reason| !reason.trim().is_empty());
    let off: BTreeSet<String> = off.into_iter().collect();
    for name in names {
        let path = join("rules", name);
        let own = walker.table("rules", section, name);
        if let Some(own) = own {
            walker.only(&path, own, &["mode", "reason"]);
        }
        let reason = own.and_then(|own| walker.text(&path, own, "reason"));
        let reason = reason.filter(|reason| !reason.trim().is_empty()).or_else(|| common.clone());
        let is_own_shadow = own.and_then(|own| is_shadow(walker, &path, own));
        if off.contains(*name) {
            if reason.is_none() {
                let help =
                    format!("add [rules.{name}] with reason = \"…\": the cover, the mail and coverage.csv say it");
                walker.problem(&section[OFF].span(), format!("the rule `{name}` is off without a reason"), help);
            }
            rules.off.insert((*name).to_owned(), reason.unwrap_or_default());
        } else if is_own_shadow.unwrap_or(is_all_shadow) {
            rules.shadow.insert((*name).to_owned());
        }
    }
    rules
}

/// What `mode` says; `None` where it says nothing.
fn is_shadow<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>) -> Option<bool> {
    match walker.text(path, table, "mode")?.as_str() {
        "shadow" => Some(true),
        "live" => Some(false),
        _ => {
            walker.wrong(&table["mode"], &join(path, "mode"), "\"live\" or \"shadow\"");
            None
        }
    }
}
