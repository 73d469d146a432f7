//! HTTP/1.1 by hand: exactly the bytes that a test wants, and answers taken apart without help.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A stranger's patience. Whoever needs it all hangs, and the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, up to the bytes.
#[derive(Debug, Clone)]
pub struct Request {
    /// The start line without the version: method and target.
    pub start: String,
    /// Headers in order; `Host` and `Content-Length` are added unless they are here.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without a body.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            start: format!("{method} {target}"),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body of some type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// With a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// The head alone, its empty line included.
    pub fn head(&self) -> Vec<u8> {
        let mut head = format!("{} HTTP/1.1\r\n", self.start);
        let has = |name: &str| {
            self.headers
                .iter()
                .any(|(held, _)| held.eq_ignore_ascii_case(name))
        };
        if !has("host") {
            head.push_str("Host: twin.example\r\n");
        }
        if !has("content-length") && !has("transfer-encoding") && !self.body.is_empty() {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// All its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        [self.head(), self.body.clone()].concat()
    }

    /// Its body in chunks of this size, and a trailer.
    #[must_use]
    pub fn chunked(mut self, size: usize) -> Self {
        let mut body = Vec::new();
        for chunk in self.body.chunks(size) {
            body.extend_from_slice(format!("{:x};ext=1\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\nX-Trailer: yes\r\n\r\n");
        self.body = body;
        self.header("Transfer-Encoding", "chunked")
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The version, such as `HTTP/1.1`.
    pub version: String,
    /// The status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, which must also be said of it.
    pub fn json(&self) -> Value {
        assert_eq!(
            self.headers.get("content-type").map(String::as_str),
            Some("application/json"),
            "{self:?}"
        );
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status, `errorCode` and `error` in one line: `400 FIELD_INVALID_FORMAT persoStation`; `-` for what is absent.
    pub fn told(&self) -> String {
        let body = self.json();
        let member = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}",
            self.status,
            member("errorCode"),
            member("error")
        )
    }
}

/// One connection, over which requests may follow each other.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        Self::on(TcpStream::connect(address).unwrap())
    }

    /// Over a socket that is connected.
    pub fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Writes. A peer that has answered and closed already is no failure: its answer is read next.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Says that nothing more will come.
    pub fn finish(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next answer, interim ones such as 100 included; nothing if the peer closes the connection without one.
    pub fn answer(&mut self) -> Option<Answer> {
        let head = self.head()?;
        let mut lines = head.split("\r\n");
        let mut start = lines.next()?.splitn(3, ' ');
        let version = start.next()?.to_owned();
        let status: u16 = start.next()?.parse().ok()?;
        let mut answer = Answer {
            version,
            status,
            headers: headers(lines),
            body: Vec::new(),
        };
        if status >= 200 && status != 204 {
            answer.body = self.body(&answer.headers)?;
        }
        Some(answer)
    }

    /// The next request, for somebody who serves.
    pub fn request(&mut self) -> Option<(String, BTreeMap<String, String>, Vec<u8>)> {
        let head = self.head()?;
        let mut lines = head.split("\r\n");
        let start = lines.next()?.to_owned();
        let headers = headers(lines);
        let body = self.body(&headers)?;
        Some((start, headers, body))
    }

    fn head(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.read.split_off(at + 4);
                let head = std::mem::replace(&mut self.read, rest);
                return Some(String::from_utf8(head[..at].to_vec()).unwrap());
            }
            self.more()?;
        }
    }

    fn body(&mut self, headers: &BTreeMap<String, String>) -> Option<Vec<u8>> {
        if headers
            .get("transfer-encoding")
            .is_some_and(|coding| coding == "chunked")
        {
            return self.chunks();
        }
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        self.exactly(length)
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let at = loop {
                match self.read.windows(2).position(|two| two == b"\r\n") {
                    Some(at) => break at,
                    None => self.more()?,
                }
            };
            let line = self.exactly(at + 2)?;
            let size =
                usize::from_str_radix(std::str::from_utf8(&line[..at]).unwrap(), 16).unwrap();
            body.extend(self.exactly(size)?);
            self.exactly(2)?;
            if size == 0 {
                return Some(body);
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.read.len() < length {
            self.more()?;
        }
        let rest = self.read.split_off(length);
        Some(std::mem::replace(&mut self.read, rest))
    }

    /// Reads on. A time-out is somebody who hangs, and fails the test; an end or a reset is an end.
    fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => None,
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                Some(())
            }
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) =>
            {
                panic!(
                    "no answer within {PATIENCE:?}; so far: {:?}",
                    String::from_utf8_lossy(&self.read)
                )
            }
            Err(_) => None,
        }
    }
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let split = |line: &str| {
        line.split_once(':')
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    lines.filter_map(split).collect()
}

/// One request over a connection of its own, and its answer.
pub fn ask(address: SocketAddr, request: &Request) -> Answer {
    let mut connection = Connection::open(address);
    connection.send(&request.bytes());
    connection
        .answer()
        .unwrap_or_else(|| panic!("closed without an answer to {}", request.start))
}
