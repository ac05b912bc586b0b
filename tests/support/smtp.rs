//! A small SMTP server on 127.0.0.1 that does what a test asks, the wrong things too. It stops when it is dropped.
//!
//! In every mode a recipient beginning with `bad` is refused (550), one beginning with `later` deferred (451), and a
//! message is kept before it is answered. Clients may vanish at any moment, and come in any number.

use meritbook::config::{Secret, Security, Smtp};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, sleep, spawn},
    time::Duration,
};

/// Who may log in …
pub(crate) const USER: &str = "meritbook@example.com";
/// … and with what.
pub(crate) const PASSWORD: &str = "pässword 密码";

/// What the server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Ok,
    /// `MAIL` is answered so.
    Mail(&'static str),
    /// `DATA` is answered so; the client is then not listened to as if it sent a message.
    Data(&'static str),
    /// The final dot is answered so, and the message not kept.
    End(&'static str),
    /// The connection is closed after a part of the message.
    DropBeforeDot,
    /// The message is kept, the connection closed without an answer.
    DropAfterDot,
    /// The same for the first message only.
    DropAfterDotOnce,
    /// The message is kept, and never answered.
    StallAfterDot,
    /// As the last, with half an answer.
    HalfAnswer,
    /// The connection is accepted, and nothing said.
    StallGreeting,
    /// Nothing is said to `AUTH`.
    StallLogin,
    /// Every connection is greeted so and closed.
    Greeting(&'static str),
    /// Every login is answered so, with the client's own line behind it.
    Login(&'static str),
    /// Only these ways to log in are offered.
    Offers(&'static str),
    /// In one packet with the answer to `STARTTLS` comes this.
    Inject(&'static str),
}

/// A message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) bytes: Vec<u8>,
}

/// A private authority and a server certificate by it.
#[derive(Clone)]
pub(crate) struct Authority {
    /// The authority's certificate, PEM.
    pub(crate) ca: String,
    /// The server's certificate and key, PEM.
    pub(crate) certificate: String,
    pub(crate) key: String,
    config: Arc<ServerConfig>,
}

impl Authority {
    /// One with a certificate for these host names.
    pub(crate) fn new(names: &[&str]) -> Self {
        use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
        let mut own = CertificateParams::new(Vec::new()).expect("parameters");
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own_key = KeyPair::generate().expect("a key");
        let ca = own.self_signed(&own_key).expect("the authority").pem();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().expect("a key");
        let server = CertificateParams::new(names).expect("names");
        let server = server.signed_by(&key, &Issuer::new(own, own_key)).expect("a certificate");
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], private)
            .expect("the certificate and its key");
        Self { ca, certificate: server.pem(), key: key.serialize_pem(), config: Arc::new(config) }
    }

    /// One for this machine.
    pub(crate) fn local() -> Self {
        Self::new(&["localhost", "127.0.0.1"])
    }
}

struct Shared {
    mode: Mutex<Mode>,
    security: Security,
    authority: Authority,
    stored: Mutex<Vec<Stored>>,
    log: Mutex<Vec<String>>,
    has_dropped: AtomicBool,
    is_over: AtomicBool,
}

/// The server.
pub(crate) struct Server {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(security: Security, mode: Mode) -> Self {
        Self::with(Authority::local(), security, mode)
    }

    pub(crate) fn with(authority: Authority, security: Security, mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("not blocking");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            mode: Mutex::new(mode),
            security,
            authority,
            stored: Mutex::default(),
            log: Mutex::default(),
            has_dropped: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        let listening = spawn(move || {
            let mut peers = Vec::new();
            while !own.is_over.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((socket, _)) => {
                        let shared = Arc::clone(&own);
                        peers.push(spawn(move || drop(serve(socket, &shared))));
                    }
                    Err(_) => sleep(Duration::from_millis(5)),
                }
            }
            for peer in peers {
                peer.join().expect("a connection ends in order");
            }
        });
        Self { port, shared, listening: Some(listening) }
    }

    /// Another mode, for connections that are there too.
    pub(crate) fn set(&self, mode: Mode) {
        *self.shared.mode.lock().expect("the mode") = mode;
    }

    /// What it has kept.
    pub(crate) fn stored(&self) -> Vec<Stored> {
        self.shared.stored.lock().expect("the messages").clone()
    }

    /// What clients said, each line with `plain` or `tls` before it; of `AUTH` no secrets.
    pub(crate) fn log(&self) -> Vec<String> {
        self.shared.log.lock().expect("the log").clone()
    }

    /// Whether a client said this, encrypted or not.
    pub(crate) fn heard(&self, command: &str) -> bool {
        self.log().iter().any(|line| line.split_once(' ').is_some_and(|(_, said)| said.starts_with(command)))
    }

    /// How to reach it, without login, with its authority's certificate in `dir`.
    pub(crate) fn smtp(&self, dir: &Path) -> Smtp {
        let ca = dir.join("ca.pem");
        fs::write(&ca, &self.shared.authority.ca).expect("write the certificate");
        Smtp {
            host: "localhost".to_owned(),
            port: self.port,
            security: self.shared.security,
            login: None,
            ca_file: Some(ca),
            hello: "kq.example.com".to_owned(),
            timeout: 5,
            final_timeout: 5,
        }
    }

    /// The same with login.
    pub(crate) fn smtp_with_login(&self, dir: &Path) -> Smtp {
        Smtp { login: Some((USER.to_owned(), Secret::Environment("unused".to_owned()))), ..self.smtp(dir) }
    }

    /// `[mail.smtp]` for a configuration in `dir`, where the certificate and the password are put.
    pub(crate) fn section(&self, dir: &Path) -> String {
        section(dir, &self.shared.authority, self.port, self.shared.security)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let ended = self.listening.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_none_or(|ended| ended.is_ok()), "the server failed");
    }
}

/// `[mail.smtp]` for a server on this machine, its files put into `dir`.
pub(crate) fn section(dir: &Path, authority: &Authority, port: u16, security: Security) -> String {
    fs::write(dir.join("ca.pem"), &authority.ca).expect("write the certificate");
    let password = dir.join("smtp-password");
    fs::write(&password, format!("{PASSWORD}\n")).expect("write the password");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("set the mode");
    let security = match security {
        Security::Tls => "tls",
        Security::StartTls => "starttls",
        Security::None => "none",
    };
    format!(
        "[mail.smtp]\nhost = \"localhost\"\nport = {port}\nsecurity = \"{security}\"\nuser = \"{USER}\"\n\
         password = {{ file = \"smtp-password\" }}\nca_file = \"ca.pem\"\ntimeout_seconds = 5\n\
         final_timeout_seconds = 5\n"
    )
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

struct Peer<'a> {
    stream: Option<Stream>,
    /// What has come and was not yet read.
    read: Vec<u8>,
    shared: &'a Shared,
}

/// A conversation that is over: the client went, or the test.
struct Over;

/// Talks to one client until one of both goes.
fn serve(socket: TcpStream, shared: &Shared) -> Result<(), Over> {
    socket.set_nonblocking(false).map_err(|_| Over)?;
    socket.set_read_timeout(Some(Duration::from_millis(20))).map_err(|_| Over)?;
    socket.set_nodelay(true).map_err(|_| Over)?;
    let mut peer = Peer { stream: Some(Stream::Plain(socket)), read: Vec::new(), shared };
    if shared.security == Security::Tls {
        peer.encrypt();
    }
    let result = peer.talk();
    if let Some(Stream::Tls(stream)) = &mut peer.stream {
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
    result
}

impl Peer<'_> {
    fn mode(&self) -> Mode {
        *self.shared.mode.lock().expect("the mode")
    }

    fn is_encrypted(&self) -> bool {
        matches!(self.stream, Some(Stream::Tls(_)))
    }

    fn encrypt(&mut self) {
        if let Some(Stream::Plain(socket)) = self.stream.take() {
            let connection = ServerConnection::new(Arc::clone(&self.shared.authority.config)).expect("a connection");
            self.stream = Some(Stream::Tls(Box::new(StreamOwned::new(connection, socket))));
        }
    }

    fn say(&mut self, text: &str) -> Result<(), Over> {
        let text = format!("{text}\r\n");
        let written = match self.stream.as_mut().ok_or(Over)? {
            Stream::Plain(stream) => stream.write_all(text.as_bytes()),
            Stream::Tls(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
        };
        written.map_err(|_| Over)
    }

    /// Waits for more to read.
    fn hear(&mut self) -> Result<(), Over> {
        let mut buffer = [0; 16 << 10];
        loop {
            if self.shared.is_over.load(Ordering::SeqCst) {
                return Err(Over);
            }
            let count = match self.stream.as_mut().ok_or(Over)? {
                Stream::Plain(stream) => stream.read(&mut buffer),
                Stream::Tls(stream) => stream.read(&mut buffer),
            };
            match count {
                Ok(0) => return Err(Over),
                Ok(count) => {
                    self.read.extend_from_slice(&buffer[..count]);
                    return Ok(());
                }
                Err(error) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&error.kind()) => {}
                Err(_) => return Err(Over),
            }
        }
    }

    /// Up to the end of this mark, which must stand where a line ends.
    fn up_to(&mut self, mark: &[u8]) -> Result<Vec<u8>, Over> {
        let mut from = 0;
        loop {
            if let Some(at) = memchr::memmem::find(&self.read[from..], mark) {
                let rest = self.read.split_off(from + at + mark.len());
                return Ok(std::mem::replace(&mut self.read, rest));
            }
            from = self.read.len().saturating_sub(mark.len());
            self.hear()?;
        }
    }

    fn line(&mut self) -> Result<String, Over> {
        let line = self.up_to(b"\r\n")?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Says nothing until the client goes, or the test.
    fn stall(&mut self) -> Result<(), Over> {
        loop {
            self.hear()?;
        }
    }

    fn talk(&mut self) -> Result<(), Over> {
        match self.mode() {
            Mode::StallGreeting => return self.stall(),
            Mode::Greeting(text) => return self.say(text),
            _ => self.say("220 localhost ESMTP")?,
        }
        let (mut sender, mut recipient) = (String::new(), String::new());
        loop {
            let line = self.line()?;
            let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
            let shown =
                if verb == "AUTH" { line.split(' ').take(2).collect::<Vec<_>>().join(" ") } else { line.clone() };
            let way = if self.is_encrypted() { "tls" } else { "plain" };
            self.shared.log.lock().expect("the log").push(format!("{way} {shown}"));
            let between = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match verb.as_str() {
                "EHLO" => self.greet()?,
                "STARTTLS" => {
                    let more = match self.mode() {
                        Mode::Inject(text) => format!("\r\n{text}"),
                        _ => String::new(),
                    };
                    self.say(&format!("220 go ahead{more}"))?;
                    self.encrypt();
                }
                "AUTH" => self.log_in(&line)?,
                "RSET" => {
                    (sender, recipient) = (String::new(), String::new());
                    self.say("250 reset")?;
                }
                "MAIL" => match self.mode() {
                    Mode::Mail(text) => self.say(text)?,
                    _ if !sender.is_empty() => self.say("503 5.5.1 one at a time")?,
                    _ => {
                        sender = between();
                        self.say("250 sender ok")?;
                    }
                },
                "RCPT" if between().starts_with("bad") => self.say("550 5.1.1 no such user")?,
                "RCPT" if between().starts_with("later") => self.say("451 4.7.1 try again later")?,
                "RCPT" => {
                    recipient = between();
                    self.say("250 recipient ok")?;
                }
                "DATA" if recipient.is_empty() => self.say("503 5.5.1 no recipient")?,
                "DATA" => {
                    if let Mode::Data(text) = self.mode() {
                        self.say(text)?;
                        continue;
                    }
                    self.say("354 go ahead")?;
                    let from = std::mem::take(&mut sender);
                    self.message(from, std::mem::take(&mut recipient))?;
                }
                "QUIT" => return self.say("221 bye"),
                _ => self.say("502 5.5.2 unknown")?,
            }
        }
    }

    fn greet(&mut self) -> Result<(), Over> {
        let mechanisms = match self.mode() {
            Mode::Offers(mechanisms) => mechanisms,
            _ => "AUTH PLAIN LOGIN",
        };
        let is_upgradable = self.shared.security == Security::StartTls && !self.is_encrypted();
        let more = if is_upgradable { "250-STARTTLS\r\n" } else { "" };
        self.say(&format!("250-localhost\r\n{more}250-{mechanisms}\r\n250 8BITMIME"))
    }

    fn log_in(&mut self, line: &str) -> Result<(), Over> {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let decoded = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default();
        if self.mode() == Mode::StallLogin {
            return self.stall();
        }
        if let Mode::Login(text) = self.mode() {
            return self.say(&format!("{text} {line} {PASSWORD}"));
        }
        let words: Vec<&str> = line.split(' ').collect();
        let is_right = if words.get(1) == Some(&"LOGIN") {
            self.say("334 VXNlcm5hbWU6")?;
            let user = decoded(&self.line()?);
            self.say("334 UGFzc3dvcmQ6")?;
            [user, decoded(&self.line()?)] == [USER, PASSWORD]
        } else {
            decoded(words.last().unwrap_or(&"")) == format!("\0{USER}\0{PASSWORD}")
        };
        self.say(if is_right { "235 2.7.0 welcome" } else { "535 5.7.8 wrong user or password" })
    }

    fn message(&mut self, sender: String, recipient: String) -> Result<(), Over> {
        if self.mode() == Mode::DropBeforeDot {
            self.hear()?;
            return self.vanish();
        }
        // The line end of `DATA` belongs to the mark where the message is empty.
        self.read.splice(0..0, *b"\r\n");
        let text = self.up_to(b"\r\n.\r\n")?;
        let bytes = unstuffed(&text[2..text.len() - 3]);
        let mode = self.mode();
        if let Mode::End(text) = mode {
            return self.say(text);
        }
        let count = {
            let mut stored = self.shared.stored.lock().expect("the messages");
            stored.push(Stored { sender, recipient, bytes });
            stored.len()
        };
        match mode {
            Mode::DropAfterDot => self.vanish(),
            Mode::DropAfterDotOnce if !self.shared.has_dropped.swap(true, Ordering::SeqCst) => self.vanish(),
            Mode::StallAfterDot => self.stall(),
            Mode::HalfAnswer => {
                self.say("250-2.0.0 half")?;
                self.stall()
            }
            _ => self.say(&format!("250 2.0.0 kept as {count}")),
        }
    }

    /// Closes the connection at once, as a server that dies.
    fn vanish(&mut self) -> Result<(), Over> {
        match self.stream.take() {
            Some(Stream::Plain(socket)) => drop(socket.shutdown(Shutdown::Both)),
            Some(Stream::Tls(stream)) => drop(stream.sock.shutdown(Shutdown::Both)),
            None => {}
        }
        Err(Over)
    }
}

/// The message without the dots that were doubled on the way.
fn unstuffed(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
    }
    bytes
}
