//! A proxy in this process, in front of an API server that records every head and answers by path.
//!
//! In the texts of the tests, HOST and TOKEN stand for the proxy's own; in what comes back, addresses, tokens and ids
//! are replaced by such words.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser as _;
use expect_test::Expect;
use kapi::{Args, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Every wait has an end.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct World {
    pub(crate) proxy: SocketAddr,
    pub(crate) token: String,
    server: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    _stop: oneshot::Sender<()>,
    dir: tempfile::TempDir,
}

/// One side of a connection, read piece by piece.
pub(crate) struct Peer {
    stream: TcpStream,
    read: Vec<u8>,
}

impl World {
    /// `flags` are further arguments of the command line.
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::start_as("{token: kubeconfig-secret}", flags).await
    }

    /// With this user in the kubeconfig.
    pub(crate) async fn start_as(user: &str, flags: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        let seen = Arc::default();
        tokio::spawn(api_server(listener, Arc::clone(&seen)));
        Self::with(&format!("http://{server}"), user, server, seen, flags).await
    }

    /// In front of `url`, whatever is there.
    pub(crate) async fn in_front_of(url: &str, server: SocketAddr) -> Self {
        Self::with(
            url,
            "{token: kubeconfig-secret}",
            server,
            Arc::default(),
            &[],
        )
        .await
    }

    async fn with(
        url: &str,
        user: &str,
        server: SocketAddr,
        seen: Arc<Mutex<Vec<String>>>,
        flags: &[&str],
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let kubeconfig = dir.path().join("config");
        std::fs::write(
            &kubeconfig,
            KUBECONFIG.replace("SERVER", url).replace("USER", user),
        )
        .unwrap();
        let file = kubeconfig.to_str().unwrap();
        let args = [&["kapi", "--port", "0", "--kubeconfig", file], flags].concat();
        let proxy = Server::bind(&Args::try_parse_from(args).unwrap())
            .await
            .unwrap();
        let address = proxy.address();
        let token = proxy
            .launch_url()
            .split_once("token=")
            .unwrap()
            .1
            .to_owned();
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(proxy.run(async {
            let _ = stopped.await;
        }));
        Self {
            proxy: address,
            token,
            server,
            seen,
            _stop: stop,
            dir,
        }
    }

    /// Changes the kubeconfig.
    pub(crate) fn rewrite(&self, change: impl FnOnce(String) -> String) {
        let path = self.dir.path().join("config");
        let changed = change(std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, changed).unwrap();
    }

    /// Sends one request and shows its answer, then what the API server saw of it.
    pub(crate) async fn check(&self, request: &str, expected: Expect) {
        let answer = self.ask(request).await;
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        let seen: String = seen
            .iter()
            .map(|head| format!("--- the API server saw\n{head}\n"))
            .collect();
        expected.assert_eq(&self.normal(&format!("{answer}\n{seen}")));
    }

    /// The status and fault of many requests, one line each.
    pub(crate) async fn check_each(&self, requests: &[&str], expected: Expect) {
        let mut lines = String::new();
        for request in requests {
            let answer = self.ask(request).await;
            let status = answer
                .lines()
                .next()
                .unwrap_or("closed")
                .trim_start_matches("HTTP/1.1 ");
            let fault = answer
                .lines()
                .find_map(|line| line.strip_prefix("kapi-fault: "))
                .unwrap_or("-");
            let shown = request.split_once('\n').map_or(*request, |(line, rest)| {
                match rest.lines().next() {
                    Some("Host: HOST") => line,
                    _ => request,
                }
            });
            lines.push_str(&format!(
                "{status:<30} {fault:<12} {}\n",
                shown.trim().replace('\n', " | ")
            ));
        }
        expected.assert_eq(&self.normal(&lines));
    }

    /// What the API server has seen so far.
    pub(crate) fn seen(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn last_seen(&self) -> String {
        self.seen
            .lock()
            .unwrap()
            .last()
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut peer = self.send(request).await;
        match request.starts_with("HEAD ") {
            true => peer.until("\r\n\r\n").await,
            false => peer.message().await,
        }
    }

    /// Opens a connection and sends `request`, with line ends as HTTP wants them.
    pub(crate) async fn send(&self, request: &str) -> Peer {
        let mut peer = Peer::new(TcpStream::connect(self.proxy).await.unwrap());
        peer.write(self.filled(request).as_bytes()).await;
        peer
    }

    fn filled(&self, request: &str) -> String {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let head = head.trim_start().replace('\n', "\r\n");
        format!(
            "{}\r\n\r\n{body}",
            head.replace("HOST", &self.proxy.to_string())
                .replace("TOKEN", &self.token)
        )
    }

    fn normal(&self, text: &str) -> String {
        let text = text.replace('\r', "").replace(&self.token, "TOKEN");
        let text = text
            .replace(&self.proxy.to_string(), "HOST")
            .replace(&self.server.to_string(), "SERVER");
        let text = text.replace(&self.proxy.port().to_string(), "PORT");
        let lines = text.lines().filter(|line| !line.starts_with("date: "));
        let lines = lines.map(
            |line| match line.starts_with("audit-id: ") && line.len() == 42 {
                true => "audit-id: ID",
                false => line.trim_end(),
            },
        );
        lines.map(|line| format!("{line}\n")).collect()
    }
}

impl Peer {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            read: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn end_writing(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Reads up to and with `end`; what has come so far if the connection ends before.
    pub(crate) async fn until(&mut self, end: &str) -> String {
        let reading = async {
            loop {
                let at = self
                    .read
                    .windows(end.len())
                    .position(|window| window == end.as_bytes());
                if let Some(at) = at {
                    return self.read.drain(..at + end.len()).collect();
                }
                match self.stream.read_buf(&mut self.read).await {
                    Ok(0) | Err(_) => return std::mem::take(&mut self.read),
                    Ok(_) => {}
                }
            }
        };
        let read: Vec<u8> = tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("nothing more came");
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Waits for the other side to end, or to break the connection off.
    pub(crate) async fn ended(&mut self) {
        self.until("there is no such text").await;
    }

    /// One whole request or answer, as far as its head announces a body.
    pub(crate) async fn message(&mut self) -> String {
        let head = self.until("\r\n\r\n").await;
        let lower = head.to_ascii_lowercase();
        if lower.contains("\r\ntransfer-encoding: chunked") {
            let body = self.until("0\r\n\r\n").await;
            return head + &body;
        }
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
        let mut body = String::new();
        while body.len() < length.unwrap_or(0) {
            let rest = self.exactly(length.unwrap_or(0) - body.len()).await;
            if rest.is_empty() {
                break;
            }
            body.push_str(&rest);
        }
        head + &body
    }

    async fn exactly(&mut self, count: usize) -> String {
        let reading = async {
            while self.read.len() < count
                && self
                    .stream
                    .read_buf(&mut self.read)
                    .await
                    .is_ok_and(|read| read > 0)
            {}
        };
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("nothing more came");
        let count = count.min(self.read.len());
        String::from_utf8_lossy(&self.read.drain(..count).collect::<Vec<_>>()).into_owned()
    }
}

/// Answers by path; see [`answer`]. Takes the token `stale` once, and never again.
async fn api_server(listener: TcpListener, seen: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let seen = seen.clone();
        tokio::spawn(async move {
            let mut peer = Peer::new(stream);
            loop {
                let request = peer.message().await;
                if request.is_empty() {
                    return;
                }
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push(request.replace('\r', ""));
                if request.contains("Bearer stale") && seen.lock().unwrap().len() > 1 {
                    peer.write(answer("/unauthorized").replace('\n', "\r\n").as_bytes())
                        .await;
                    continue;
                }
                peer.write(answer(&path).replace('\n', "\r\n").as_bytes())
                    .await;
            }
        });
    }
}

fn answer(path: &str) -> &'static str {
    match path {
        "/redirect" => {
            "HTTP/1.1 302 Found\nLocation: https://elsewhere.test/\nContent-Length: 0\n\n"
        }
        "/unmodified" => "HTTP/1.1 304 Not Modified\nEtag: \"1\"\n\n",
        "/unauthorized" => "HTTP/1.1 401 Unauthorized\nContent-Length: 2\n\n{}",
        "/switch" => {
            "HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: websocket\n\n"
        }
        "/wild" => {
            "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Encoding: gzip\nCache-Control: public\nWarning: 299 - old\n\
             Audit-Id: theirs\nSet-Cookie: a=b\nAccess-Control-Allow-Origin: *\nLink: <x>\nRefresh: 0\nAlt-Svc: h3\n\
             Clear-Site-Data: *\nService-Worker-Allowed: /\nKapi-Fault: sign-in\nConnection: x-hop\nX-Hop: 1\n\
             Strict-Transport-Security: max-age=1\nContent-Length: 2\n\n{}"
        }
        _ => "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 2\n\n{}",
    }
}

const KUBECONFIG: &str = "
current-context: main
clusters: [{name: c, cluster: {server: SERVER}}]
users: [{name: u, user: USER}]
contexts:
- {name: main, context: {cluster: c, user: u, namespace: shop}}
- {name: other, context: {cluster: missing, user: u}}
";
