//! Lists the presets of this folder for the program: a new one is a file here and nothing else.

#![allow(clippy::print_stdout, reason = "so a build script speaks to cargo")]

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("src/ingest/presets");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            paths.push(path);
        }
    }
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.sort_by_key(|path| name(path));
    let entries = paths.iter().map(|path| format!("({:?}, include_str!({:?})),\n", name(path), path.to_string_lossy()));
    let list = format!("&[\n{}]\n", entries.collect::<String>());
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("presets.rs"), list)
}
