//! A static file server for the built page: one thread per connection, at most 64 of them, loopback only.
//!
//! It shows the page as any static host would, and as strictly: the page's own Content-Security-Policy is
//! sent as a header too, every MIME type is exact, and nothing outside of the folder can be reached.

mod files;
mod request;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use files::{Found, Site};
use request::{Method, Refused, Request};

use crate::failure::{Failure, Outcome, While};

/// More open connections than this are answered with 503: a page needs about ten.
const MOST_CONNECTIONS: usize = 64;

/// A client that says or takes nothing for this long is dropped.
const PATIENCE: Duration = Duration::from_secs(10);

/// A folder being served.
pub(crate) struct Server {
    listener: TcpListener,
    site: Arc<Site>,
}

impl Server {
    /// Prepares to serve `folder` on 127.0.0.1, below the path `base` (`/` or e.g. `/sub/`).
    /// Port 0 means any free one.
    pub(crate) fn bind(folder: PathBuf, port: u16, base: &str) -> Outcome<Server> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => Failure::new(format!(
                    "port {port} is taken; choose another: cargo xtask serve --port {}",
                    port.wrapping_add(1).max(1024)
                )),
                io::ErrorKind::PermissionDenied => Failure::new(format!(
                    "port {port} needs more rights than this user has; choose one above 1023"
                )),
                _ => Failure::new(format!("could not listen on port {port}: {error}")),
            })?;
        Ok(Server { listener, site: Arc::new(Site::new(folder, base)?) })
    }

    /// Where the page is, e.g. `http://127.0.0.1:8080/`.
    pub(crate) fn url(&self) -> Outcome<String> {
        let address: SocketAddr = self.listener.local_addr().while_doing("learn the server's port")?;
        Ok(format!("http://{address}{}", self.site.base()))
    }

    /// Answers requests until the process ends.
    pub(crate) fn run(self) {
        let open = Arc::new(AtomicUsize::new(0));
        for connection in self.listener.incoming() {
            // A connection that broke before it was accepted is the client's affair.
            let Ok(connection) = connection else { continue };
            let (site, open) = (Arc::clone(&self.site), Arc::clone(&open));
            let crowded = open.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS;
            thread::spawn(move || {
                // A client that goes away in the middle of an answer needs no report.
                let _ = if crowded { refuse_crowd(&connection) } else { answer(&connection, &site) };
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    }

    /// Answers requests in the background; gives the URL.
    pub(crate) fn run_in_background(self) -> Outcome<String> {
        let url = self.url()?;
        thread::spawn(move || self.run());
        Ok(url)
    }
}

fn refuse_crowd(connection: &TcpStream) -> io::Result<()> {
    send_text(connection, "503 Service Unavailable", "too many connections\n", &[])
}

/// Reads one request and sends one answer; browsers open a new connection for the next.
fn answer(connection: &TcpStream, site: &Site) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let request = match request::read(connection)? {
        Ok(request) => request,
        Err(Refused::TooLong) => {
            return send_text(connection, "431 Request Header Fields Too Large", "too long\n", &[]);
        }
        Err(Refused::Malformed) => return send_text(connection, "400 Bad Request", "not understood\n", &[]),
        Err(Refused::Method) => {
            let allow = [("Allow", "GET, HEAD".to_owned())];
            return send_text(connection, "405 Method Not Allowed", "GET and HEAD only\n", &allow);
        }
    };
    match site.find(&request.path) {
        Found::File(file) if request.known_tag.as_deref() == Some(&file.tag) => {
            send(connection, "304 Not Modified", &file.headers(site), None)
        }
        Found::File(file) => {
            let body = file.read()?;
            let mut headers = file.headers(site);
            headers.push(("Content-Length", body.len().to_string()));
            send(connection, "200 OK", &headers, wanted(&request, &body))
        }
        Found::Elsewhere(location) => {
            send_text(connection, "308 Permanent Redirect", "", &[("Location", location)])
        }
        Found::Nothing => send_text(connection, "404 Not Found", "no such file\n", &[]),
    }
}

fn wanted<'a>(request: &Request, body: &'a [u8]) -> Option<&'a [u8]> {
    (request.method == Method::Get).then_some(body)
}

fn send_text(connection: &TcpStream, status: &str, text: &str, more: &[(&str, String)]) -> io::Result<()> {
    let mut headers = vec![
        ("Content-Type", "text/plain; charset=utf-8".to_owned()),
        ("Content-Length", text.len().to_string()),
    ];
    headers.extend_from_slice(more);
    send(connection, status, &headers, Some(text.as_bytes()))
}

fn send(
    mut connection: &TcpStream,
    status: &str,
    headers: &[(&str, String)],
    body: Option<&[u8]>,
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    connection.write_all(head.as_bytes())?;
    connection.write_all(body.unwrap_or_default())?;
    connection.flush()
}

#[cfg(test)]
mod tests;
