//! A real mail server, exim4, on this machine: TLS, login and a Maildir, in a folder of its own. It is stopped when
//! dropped.
//!
//! It needs root and the package exim4-daemon-light; where either is missing, tests say so and pass.

use super::smtp::{Authority, PASSWORD, USER, section};
use meritbook::config::{Secret, Security, Smtp};
use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const OWNER: &str = "Debian-exim";
/// How long the server may take to start or to deliver.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server. `bad*` is refused (550), `later*` deferred (451), and nobody sends without login.
pub(crate) struct Exim {
    authority: Authority,
    /// The port with TLS from the first byte.
    pub(crate) tls: u16,
    /// The port with STARTTLS.
    pub(crate) starttls: u16,
    dir: tempfile::TempDir,
    daemon: Child,
}

impl Exim {
    /// Starts it; `None`, and a line on standard error, where this machine cannot.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    pub(crate) fn start() -> Option<Self> {
        let program = ["/usr/sbin/exim4", "/usr/sbin/exim"].into_iter().find(|path| Path::new(path).exists());
        let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let owner = accounts.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            (fields[0] == OWNER).then(|| (fields[2].parse().expect("a user"), fields[3].parse().expect("a group")))
        });
        let (Some(program), true, Some((user, group))) = (program, is_root, owner) else {
            eprintln!("skipped: exim4 (exim4-daemon-light) and root are needed");
            return None;
        };
        let authority = Authority::local();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let root = dir.path();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("set the mode");
        for name in ["spool", "mail", "log"] {
            fs::create_dir(root.join(name)).expect("make a folder");
            chown(root.join(name), Some(user), Some(group)).expect("give it away");
        }
        fs::write(root.join("server.pem"), &authority.certificate).expect("write");
        fs::write(root.join("server.key"), &authority.key).expect("write");
        chown(root.join("server.key"), Some(user), Some(group)).expect("give it away");
        let [tls, starttls] = free_ports();
        let config = root.join("exim.conf");
        fs::write(&config, configuration(root, tls, starttls)).expect("write");
        let said = File::create(root.join("said")).expect("make a file");
        let daemon = Command::new(program)
            .args(["-bdf", "-q1m", "-C"])
            .arg(&config)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("the same file"))
            .stderr(said)
            .spawn()
            .expect("start exim");
        let exim = Self { authority, tls, starttls, dir, daemon };
        exim.wait(|| [tls, starttls].iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()));
        Some(exim)
    }

    /// How to reach it, with login, its authority's certificate in `dir`.
    pub(crate) fn smtp(&self, dir: &Path, security: Security) -> Smtp {
        fs::write(dir.join("ca.pem"), &self.authority.ca).expect("write the certificate");
        Smtp {
            host: "localhost".to_owned(),
            port: self.port(security),
            security,
            login: Some((USER.to_owned(), Secret::Environment("unused".to_owned()))),
            ca_file: Some(dir.join("ca.pem")),
            hello: "kq.example.com".to_owned(),
            timeout: 20,
            final_timeout: 20,
        }
    }

    /// `[mail.smtp]` for a configuration in `dir`, where the certificate and the password are put.
    pub(crate) fn section(&self, dir: &Path, security: Security) -> String {
        section(dir, &self.authority, self.port(security), security)
    }

    fn port(&self, security: Security) -> u16 {
        if security == Security::Tls { self.tls } else { self.starttls }
    }

    /// The messages that were delivered, once there are so many; each with the headers that exim adds.
    pub(crate) fn delivered(&self, count: usize) -> Vec<Vec<u8>> {
        let folder = self.dir.path().join("mail/all/new");
        let listed = || -> Vec<PathBuf> {
            let entries = fs::read_dir(&folder).into_iter().flatten();
            entries.map(|entry| entry.expect("an entry").path()).collect()
        };
        self.wait(|| listed().len() >= count);
        let mut paths = listed();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("read a message")).collect()
    }

    fn wait(&self, is_done: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_done() {
            let read = |name: &str| fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
            assert!(
                begun.elapsed() < PATIENCE,
                "exim: {} {} {}",
                read("said"),
                read("log/mainlog"),
                read("log/paniclog")
            );
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        // The group: what the daemon started goes with it.
        let group = format!("-{}", self.daemon.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Ports that nobody has; for a moment somebody else could take them.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

fn configuration(root: &Path, tls: u16, starttls: u16) -> String {
    let root = root.display();
    // The password is compared as base64: exim's configuration is not text of one encoding.
    let password = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, PASSWORD);
    format!(
        "primary_hostname = localhost
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
pid_file_path = {root}/exim.pid
daemon_smtp_ports = {starttls} : {tls}
tls_on_connect_ports = {tls}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = {root}/server.pem
tls_privatekey = {root}/server.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = accept
message_size_limit = 40M
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
begin acl
acl_rcpt:
  deny  message = STARTTLS and AUTH required
        !authenticated = *
  deny  message = 5.1.1 no such user
        local_parts = ^bad
  defer message = 4.7.1 try later
        local_parts = ^later
  accept
begin routers
all:
  driver = accept
  transport = all
begin transports
all:
  driver = appendfile
  maildir_format
  directory = {root}/mail/all
  create_directory
  user = {OWNER}
  group = {OWNER}
  envelope_to_add
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{USER}}}}}{{eq{{${{base64:$auth3}}}}{{{password}}}}}}}}}
  server_set_id = $auth2
"
    )
}
