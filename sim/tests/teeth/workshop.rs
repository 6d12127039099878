//! Makes broken servers: copies the workspace, puts the faults in, builds.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use crate::faults::{Change, Fault};

/// Names the fault that is in force.
const VARIABLE: &str = "BLYNK_FAULT";
/// So that the program of this workspace is not overwritten: both lie in one folder.
const PROGRAM: &str = "blynk-sim-broken";

/// Where broken servers are run.
pub(crate) struct Workshop {
    root: PathBuf,
    program: PathBuf,
}

impl Workshop {
    /// Builds a program with all faults in it.
    pub(crate) fn open(faults: impl Iterator<Item = &'static Fault>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder").to_owned();
        let copy = target.join("tmp/teeth");
        for part in ["Cargo.toml", "Cargo.lock", "core", "sim", "reports"] {
            copy_tree(&root.join(part), &copy.join(part));
        }
        // Cargo tells packages apart by name and version, whatever folder they lie in: without a version of its own, what
        // is built here would pass for this workspace's from now on.
        for file in ["Cargo.toml", "Cargo.lock"] {
            rewrite(&copy.join(file), |text| with_own_version(&text));
        }
        let manifest = copy.join("sim/Cargo.toml");
        rewrite(&manifest, |text| text.replace("\"blynk-sim\"\npath", &format!("\"{PROGRAM}\"\npath")));
        rewrite(&manifest, |text| text.replace("default-run = \"blynk-sim\"\n", ""));
        rewrite(&copy.join("core/src/lib.rs"), |text| text + &switch());
        for (fault, change) in faults.flat_map(|fault| fault.changes.iter().map(move |it| (fault, it))) {
            rewrite(&copy.join("core/src").join(change.file), |text| put_in(fault.name, change, &text));
        }
        // From here, for the repository's own cargo configuration, and as a small test of every package: so the
        // dependencies are those that these tests were built with.
        let build = Command::new(env!("CARGO"))
            .args(["test", "--locked", "--offline", "--no-run", "--test", "architecture", "--manifest-path"])
            .arg(copy.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", &target)
            .current_dir(&root)
            .output()
            .expect("cargo runs");
        assert!(build.status.success(), "{}", text(&build));
        Self { root, program: target.join("debug").join(PROGRAM) }
    }

    /// Runs a scenario with a fault in force, or with none. Returns whether it passed, and what was told.
    pub(crate) fn run(&self, fault: Option<&str>, scenario: &str) -> (bool, String) {
        let mut command = Command::new(&self.program);
        command.args(["run", scenario]).env_remove(VARIABLE).current_dir(&self.root);
        if let Some(name) = fault {
            command.env(VARIABLE, name);
        }
        let output = command.output().expect("the program runs");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{fault:?}: {}", text(&output));
        (output.status.success(), text(&output))
    }
}

/// The packages of the workspace have a version that none of ours has.
fn with_own_version(text: &str) -> String {
    let heads =
        ["[workspace.package]", "name = \"blynk-core\"", "name = \"blynk-sim\"", "name = \"blynk-reports\""];
    let version = env!("CARGO_PKG_VERSION");
    heads.iter().fold(text.to_owned(), |text, head| {
        text.replace(&format!("{head}\nversion = \"{version}\""), &format!("{head}\nversion = \"0.0.0\""))
    })
}

/// The function that says whether a fault is in force.
fn switch() -> String {
    format!(
        "\n/// Whether this fault is in force.\npub(crate) fn is_broken(name: &str) -> bool {{\n    \
         std::env::var(\"{VARIABLE}\").is_ok_and(|fault| fault == name)\n}}\n"
    )
}

/// The sound code and the broken code side by side.
fn put_in(fault: &str, change: &Change, source: &str) -> String {
    let Change { file, sound, broken } = change;
    let found = source.matches(sound).count();
    assert_eq!(found, 1, "{fault}: `{sound}` stands {found} times in {file}");
    source.replace(sound, &format!("(if crate::is_broken(\"{fault}\") {{ {broken} }} else {{ {sound} }})"))
}

/// Copies what has changed, so that what has not is not built again.
fn copy_tree(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::copy(from, to).expect("the file can be copied");
        return;
    }
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the entry can be read");
        let is_snapshot = entry.path().extension().is_some_and(|extension| extension == "snap");
        if entry.file_name() != "target" && !is_snapshot {
            copy_tree(&entry.path(), &to.join(entry.file_name()));
        }
    }
}

fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).expect("the copy can be read");
    fs::write(path, change(text)).expect("the copy can be written");
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}
