//! Reads `[deciders]`: who may decide, and which reason of a held line waits for which role.
//!
//! ```toml
//! [deciders]
//! hr = ["0301"]                        # people by employee id, name or e-mail; managers are those of the roster
//! general-manager = ["0001", "gm@example.com"]
//! lawyer = ["陈律师"]
//! [deciders.waits]
//! late-class = ["manager", "hr"]       # any of them; the other reasons as shipped
//! ```

use crate::{
    base::{problem::did_you_mean, toml::Walker},
    schema::deciders::{Deciders, Role, WAITS},
};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// Reads the section; without it nobody is refused.
pub(super) fn read<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>) -> Deciders {
    let mut deciders = Deciders::default();
    let Some(section) = walker.table("", root, "deciders") else { return deciders };
    deciders.is_enforced = true;
    let named = [Role::Hr, Role::GeneralManager, Role::Lawyer];
    let known: Vec<&str> = named.iter().map(|role| role.word()).chain(["waits"]).collect();
    walker.only("deciders", section, &known);
    for role in named {
        let people = walker.texts("deciders", section, role.word()).unwrap_or_default();
        deciders.people.insert(role, people.into_iter().filter(|one| !one.trim().is_empty()).collect());
    }
    if let Some(waits) = walker.table("deciders", section, "waits") {
        let reasons: Vec<&str> = WAITS.iter().map(|(reason, _)| *reason).collect();
        walker.only("deciders.waits", waits, &reasons);
        for reason in reasons {
            let words = walker.texts("deciders.waits", waits, reason).unwrap_or_default();
            let mut roles = Vec::new();
            for word in &words {
                match Role::parse(word) {
                    Some(role) => roles.push(role),
                    None => unknown_role(walker, waits, reason, word),
                }
            }
            if !words.is_empty() {
                deciders.waits.insert(reason.to_owned(), roles);
            }
        }
    }
    let mut open: BTreeMap<&[Role], Vec<String>> = BTreeMap::new();
    for (reason, _) in WAITS {
        let roles = deciders.roles(reason);
        let is_held =
            |role: &Role| *role == Role::Manager || deciders.people.get(role).is_some_and(|own| !own.is_empty());
        if !roles.is_empty() && !roles.iter().any(is_held) {
            open.entry(roles).or_default().push(format!("`{reason}`"));
        }
    }
    for (roles, reasons) in open {
        let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
        let help = format!("write {} = [\"…\"] with an employee id, a name or an e-mail address", words[0]);
        let what = format!("nobody is named for {}, for whom {} waits", words.join(" or "), reasons.join(", "));
        walker.problem(&root["deciders"].span(), what, help);
    }
    deciders
}

fn unknown_role<'a>(walker: &mut Walker<'a>, waits: &DeTable<'a>, reason: &str, word: &str) {
    let words = Role::ALL.map(Role::word);
    let near = did_you_mean(word, words);
    let help = near.map_or(format!("roles: {}", words.join(", ")), |near| format!("did you mean `{near}`?"));
    walker.problem(&waits[reason].span(), format!("`{word}` is not a role"), help);
}
