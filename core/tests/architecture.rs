//! What the sources may not mention: machines are pure, and one module reads the clock.

use std::fs;
use std::path::{Path, PathBuf};

/// No file that `applies` mentions one of these words.
fn check(applies: impl Fn(&Path) -> bool, words: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = sources(&root);
    files.retain(|file| applies(file.strip_prefix(&root).expect("a source")));
    assert!(!files.is_empty(), "the rule applies to something");
    for file in files {
        let text = fs::read_to_string(&file).expect("a source is text");
        let found: Vec<_> = words.iter().filter(|word| text.contains(**word)).collect();
        assert!(found.is_empty(), "{} mentions {found:?}", file.display());
    }
}

/// Every source file, in the order of names.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = entries.collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn is_shell(file: &Path) -> bool {
    ["server", "http", "notify", "store/sqlite"].iter().any(|area| is_of(area, file))
}

fn is_of(area: &str, file: &Path) -> bool {
    file.starts_with(area) || file == Path::new(area).with_extension("rs")
}

#[test]
fn machines_know_no_runtime_no_clock_and_no_socket() {
    let outside = ["tokio", "tracing", "std::time", "SystemTime", "std::thread"];
    check(|file| !is_shell(file), &outside);
    check(|file| !is_shell(file), &["TcpListener", "TcpStream", "UdpSocket"]);
}

#[test]
fn machines_do_not_know_the_shell() {
    check(|file| !is_shell(file), &["crate::server", "crate::http", "axum", "hyper"]);
}

#[test]
fn one_module_reads_the_clock() {
    check(|file| file != Path::new("server/clock.rs"), &["Instant::now", "SystemTime::now", ".elapsed()"]);
}

#[test]
fn requests_are_answered_without_time_of_day_and_chance() {
    check(
        |file| is_of("http", file),
        &["SystemTime", "HashMap", "rand::", "getrandom", "auto_date_header(true)"],
    );
}

#[test]
fn chance_is_an_argument() {
    check(|_| true, &["getrandom", "rand::"]);
}
