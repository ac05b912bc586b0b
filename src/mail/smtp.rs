//! Hands messages to a server, step by step, so that it is always known whether the server can have one.
//!
//! Up to the end of the data nothing is delivered; after the final dot only a refusal is certain, and anything but an
//! answer leaves the message in doubt. A connection that fell silent is dropped without another wait.
//!
//! STARTTLS: lettre keeps what somebody on the way adds in plain text behind the server's `220` and takes it for
//! answers of the encrypted dialogue. So what is still unread then is read and refused, the server is asked again for
//! what it offers, and the codes of login (235) and data (354) must be exact: answers moved by one are never those.

use super::answer::{Refused, accepted, code, is_encryption, is_silence, text};
use crate::config::{Security, Smtp};
use base64::{Engine, engine::general_purpose::STANDARD};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{Certificate, CertificateStore, SmtpConnection, TlsParameters},
        commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset},
        extension::{ClientId, Extension, MailParameter, ServerInfo},
        response::{Response, Severity},
    },
};
use std::{cell::Cell, net::IpAddr, time::Duration};

/// Message bytes are handed over in pieces of this size.
const PIECE: usize = 64 << 10;
/// How long unasked answers are awaited after STARTTLS.
const UNASKED: Duration = Duration::from_millis(50);
/// How long a server may take to say good-bye.
const GOODBYE: Duration = Duration::from_secs(5);

/// A connection that is ready for messages, logged in where a login is configured.
pub struct Session {
    connection: SmtpConnection,
    offers: ServerInfo,
    timeout: Duration,
    final_timeout: Duration,
    /// A message was begun and not accepted.
    is_begun: bool,
    /// Nothing more can be said or heard.
    is_broken: bool,
}

impl Session {
    /// Connects, encrypts as configured and logs in with the password.
    ///
    /// # Errors
    /// `Configuration` or `Unavailable`. A silent server is waited for at most twice `smtp.timeout` a step.
    pub fn open(smtp: &Smtp, password: Option<&str>) -> Result<Self, Refused> {
        let timeout = Duration::from_secs(smtp.timeout);
        if smtp.security == Security::None && !is_here(&smtp.host) {
            let host = &smtp.host;
            return Err(Refused::Configuration(format!("`{host}` is not this machine: nothing is sent unencrypted")));
        }
        let credentials = match (&smtp.login, password) {
            (Some((user, _)), Some(password)) if !password.is_empty() => Some((user.as_str(), password)),
            (Some((user, _)), _) => {
                return Err(Refused::Configuration(format!("there is no password for `{user}`")));
            }
            (None, _) => None,
        };
        let tls = encryption(smtp)?;
        let hello = ClientId::Domain(smtp.hello.clone());
        let failed = |error| opening(&error, timeout, &[]);
        let outer = tls.as_ref().filter(|_| smtp.security == Security::Tls);
        let address = (smtp.host.as_str(), smtp.port);
        let connection = SmtpConnection::connect(address, Some(timeout), &hello, outer, None).map_err(failed)?;
        let offers = connection.server_info().clone();
        let final_timeout = Duration::from_secs(smtp.final_timeout);
        let mut session = Self { connection, offers, timeout, final_timeout, is_begun: false, is_broken: false };
        if let Some(tls) = tls.filter(|_| smtp.security == Security::StartTls) {
            session.encrypt(&tls, &hello)?;
        }
        if let Some((user, password)) = credentials {
            session.log_in(user, password)?;
        }
        Ok(session)
    }

    fn encrypt(&mut self, tls: &TlsParameters, hello: &ClientId) -> Result<(), Refused> {
        if !self.connection.can_starttls() {
            let what = "the server does not offer STARTTLS: nothing was sent";
            return Err(Refused::Configuration(what.to_owned()));
        }
        let timeout = self.timeout;
        let failed = |error| opening(&error, timeout, &[]);
        self.connection.starttls(tls, hello).map_err(failed)?;
        self.wait(UNASKED)?;
        if !self.connection.read_response().is_err_and(|error| is_silence(&error)) {
            let what = "the server answered without being asked while encryption began: somebody may be on the way";
            return Err(Refused::Configuration(what.to_owned()));
        }
        self.wait(timeout)?;
        let answer = self.connection.command(Ehlo::new(hello.clone())).map_err(failed)?;
        self.offers = ServerInfo::from_response(&answer).map_err(failed)?;
        Ok(())
    }

    fn log_in(&mut self, user: &str, password: &str) -> Result<(), Refused> {
        let Some(mechanism) = self.offers.get_auth_mechanism(DEFAULT_MECHANISMS) else {
            let what = "the server offers no login by AUTH PLAIN or AUTH LOGIN";
            return Err(Refused::Configuration(what.to_owned()));
        };
        let own = Credentials::new(user.to_owned(), password.to_owned());
        let line = STANDARD.encode(format!("\0{user}\0{password}"));
        let hidden = [line, STANDARD.encode(password), password.to_owned()];
        let timeout = self.timeout;
        let failed = |error| opening(&error, timeout, &hidden);
        let unknown = |_| Refused::Configuration("the server asks for the login in no known way".to_owned());
        let mut auth = Auth::new(mechanism, own.clone(), None).map_err(unknown)?;
        // LOGIN asks twice: for the name and for the password.
        for _ in 0..3 {
            let answer = self.connection.command(auth).map_err(failed)?;
            if answer.has_code(235) {
                return Ok(());
            }
            if !answer.has_code(334) {
                break;
            }
            auth = Auth::new_from_response(mechanism, own.clone(), &answer).map_err(unknown)?;
        }
        Err(Refused::Configuration("the server did not confirm the login with 235".to_owned()))
    }

    /// MAIL and RCPT: up to here nothing is delivered.
    ///
    /// # Errors
    /// Any but `InDoubt`.
    pub fn address(&mut self, sender: &str, recipient: &str) -> Result<(), Refused> {
        self.check()?;
        let parsed = |text: &str| text.parse::<Address>().map_err(|error| Refused::Never(format!("`{text}`: {error}")));
        let (from, to) = (parsed(sender)?, parsed(recipient)?);
        let mut options = Vec::new();
        if !(sender.is_ascii() && recipient.is_ascii()) {
            if !self.offers.supports_feature(Extension::SmtpUtfEight) {
                return Err(Refused::Never("the server does not take addresses beyond ASCII (SMTPUTF8)".to_owned()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if self.is_begun {
            let answer = self.connection.command(Rset);
            answer.map_err(|error| self.broken(Refused::Unavailable(text(&error, self.timeout, &[]))))?;
        }
        self.is_begun = true;
        let answer = self.connection.command(Mail::new(Some(from), options));
        answer.map_err(|error| self.refused(&error, Refused::Configuration))?;
        let answer = self.connection.command(Rcpt::new(to, Vec::new()));
        answer.map_err(|error| self.refused(&error, Refused::Never))?;
        Ok(())
    }

    /// DATA, the bytes, the final dot; gives the server's answer, code and text.
    ///
    /// # Errors
    /// Any; `InDoubt` only after the last byte of the message was handed over. The answer to the whole message, and
    /// each piece of it, is waited for `smtp.final_timeout`.
    pub fn send(&mut self, bytes: &[u8]) -> Result<String, Refused> {
        self.check()?;
        let answer = self.connection.command(Data);
        let answer = answer.map_err(|error| self.refused(&error, Refused::Never))?;
        if !answer.has_code(354) {
            let what = format!("the server answered DATA with: {}", accepted(&answer));
            return Err(self.broken(Refused::Unavailable(what)));
        }
        self.wait(self.final_timeout)?;
        let is_handed_over = Cell::new(false);
        // The final dot brings its own line end.
        let pieces = bytes.strip_suffix(b"\r\n").unwrap_or(bytes).chunks(PIECE);
        let end = std::iter::from_fn(|| {
            is_handed_over.set(true);
            None
        });
        let answer = self.connection.message_iter(pieces.chain(end));
        let result = match answer {
            Ok(answer) if answer.code().severity == Severity::PositiveCompletion => Ok(accepted(&answer)),
            Ok(answer) => Err(self.broken(Refused::InDoubt(accepted(&answer)))),
            Err(error) => Err(self.unsent(&error, is_handed_over.get())),
        };
        if !self.is_broken {
            // Fails for the next message, if at all: this one has its answer.
            let _: Result<(), Refused> = self.wait(self.timeout);
        }
        self.is_begun = result.is_err();
        result
    }

    /// QUIT, best effort, for at most a few seconds; a broken connection is only dropped.
    pub fn close(mut self) {
        if !self.is_broken && self.wait(self.timeout.min(GOODBYE)).is_ok() {
            let _: Result<Response, Error> = self.connection.command(Quit);
        }
    }

    fn check(&self) -> Result<(), Refused> {
        if self.is_broken { Err(Refused::Unavailable("the connection is gone".to_owned())) } else { Ok(()) }
    }

    fn wait(&mut self, timeout: Duration) -> Result<(), Refused> {
        let set = self.connection.set_timeout(Some(timeout));
        set.map_err(|error| self.broken(Refused::Unavailable(error.to_string())))
    }

    fn broken(&mut self, refused: Refused) -> Refused {
        self.is_broken = true;
        refused
    }

    /// A refusal before the data: 5xx is `permanent`.
    fn refused(&mut self, error: &Error, permanent: fn(String) -> Refused) -> Refused {
        let told = text(error, self.timeout, &[]);
        match code(error) {
            None | Some(421) => self.broken(Refused::Unavailable(told)),
            Some(400..=499) => Refused::Later(told),
            // Login or encryption is asked for.
            Some(530 | 534 | 535 | 538) => Refused::Configuration(told),
            Some(_) => permanent(told),
        }
    }

    /// A failure while or after the message was handed over.
    fn unsent(&mut self, error: &Error, is_handed_over: bool) -> Refused {
        let told = text(error, self.final_timeout, &[]);
        match code(error) {
            Some(400..=499) => Refused::Later(told),
            Some(_) => Refused::Never(told),
            None if is_handed_over => self.broken(Refused::InDoubt(told)),
            None => self.broken(Refused::Unavailable(told)),
        }
    }
}

/// Whether a host is this machine itself.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A failure before the first message.
fn opening(error: &Error, timeout: Duration, hidden: &[String]) -> Refused {
    let told = text(error, timeout, hidden);
    if code(error).is_some_and(|code| code >= 500) || is_encryption(error) || error.is_client() {
        return Refused::Configuration(told);
    }
    Refused::Unavailable(told)
}

fn encryption(smtp: &Smtp) -> Result<Option<TlsParameters>, Refused> {
    if smtp.security == Security::None {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.ca_file {
        let wrong = |why: String| Refused::Configuration(format!("cannot use the CA file {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| wrong(text(&error, Duration::ZERO, &[])))?;
        if memchr::memmem::find(&pem, b"-----BEGIN CERTIFICATE-----").is_none() {
            return Err(wrong("it has no certificate in PEM form".to_owned()));
        }
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    let built = builder.build_rustls();
    built.map(Some).map_err(|error| Refused::Configuration(text(&error, Duration::ZERO, &[])))
}
