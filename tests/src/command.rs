//! The command in a process of its own, as a user or a script starts it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{persotwin, root};

/// The command with these arguments, in the project's folder, in an environment without settings of whoever runs the tests.
pub fn command<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(persotwin());
    command.args(args).current_dir(root()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("PERSOTWIN_") || name == "NO_COLOR" || name == "RUST_BACKTRACE" {
            command.env_remove(&*name);
        }
    }
    command
}

/// The Python that has the packages of `tests/requirements.txt`.
///
/// # Panics
/// If nobody named it: `tests/run` does.
pub fn python() -> Command {
    let python = std::env::var_os("PERSOTWIN_PYTHON")
        .expect("PERSOTWIN_PYTHON names no Python with the packages of tests/requirements.txt: start these tests with tests/run");
    let mut command = Command::new(python);
    command.stdin(Stdio::null());
    command
}

/// What a command that has ended left behind.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What programs read.
    pub stdout: String,
    /// What people read besides.
    pub stderr: String,
}

/// Runs a command to its end.
pub fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command to its end with this on its standard input.
pub fn told(command: &mut Command, input: &str) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the command with these arguments to its end.
pub fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Ended {
    ended(&mut command(args))
}

/// A folder of a test's own; it goes when the test is over.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder; the name tells tests of one process apart.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("persotwin-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A path in it, as text.
    pub fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file in it; its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Every file below it, in order.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        walk(&self.0, &self.0, &mut files);
        files.sort();
        files
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.push(
                path.strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that stays until it is told to stop, with its output to be read line by line.
#[derive(Debug)]
pub struct Staying {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Staying {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Starts `persotwin up` and waits until it says that all is there.
    pub fn up<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Self {
        let mut command = command(&["up"]);
        let mut up = Self::start(command.args(args));
        up.until("Ctrl-C stops it.");
        up
    }

    /// Reads until a line that holds the text; all that was read.
    pub fn until(&mut self, text: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                let mut said = String::new();
                let _ = self.child.stderr.take().unwrap().read_to_string(&mut said);
                panic!("it ended before it said `{text}`:\n{all}{said}");
            }
            all.push_str(&line);
            if line.contains(text) {
                return all;
            }
        }
    }

    /// Presses Ctrl-C and waits for the end.
    pub fn interrupt(self) -> Ended {
        self.signal("INT")
    }

    /// Sends a signal and waits for the end.
    pub fn signal(self, name: &str) -> Ended {
        // The shell's own: not every machine has the program.
        let kill = format!("kill -{name} {}", self.child.id());
        let kill = Command::new("bash").args(["-c", &kill]).status().unwrap();
        assert!(kill.success());
        self.end()
    }

    /// Waits until it ends by itself.
    pub fn end(mut self) -> Ended {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.lines.read_to_string(&mut stdout).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        Ended {
            code: self.child.wait().unwrap().code(),
            stdout,
            stderr,
        }
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        // A test that failed must not leave its program behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
