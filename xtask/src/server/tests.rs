//! The server, asked over a real socket.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use super::Server;

const PAGE: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"><p>page</p>";

/// A folder `name` with a page, a module, and a secret beside the folder; its server's `host:port`.
fn serve(name: &str, base: &str) -> String {
    let folder: PathBuf = std::env::temp_dir().join(format!("kubestep-{}-{name}", std::process::id()));
    // A folder that an earlier process with this number left behind.
    let _ = fs::remove_dir_all(&folder);
    let site = folder.join("site");
    fs::create_dir_all(site.join("fonts")).unwrap();
    fs::write(site.join("index.html"), PAGE).unwrap();
    fs::write(site.join("page_bg.wasm"), b"\0asm").unwrap();
    fs::write(folder.join("secret.txt"), "secret").unwrap();
    let url = Server::bind(site, 0, base).unwrap().run_in_background().unwrap();
    url.trim_start_matches("http://").split('/').next().unwrap().to_owned()
}

fn ask(host: &str, request: &str) -> String {
    let mut connection = TcpStream::connect(host).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(host: &str, path: &str) -> String {
    ask(host, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

#[test]
fn the_page_comes_with_its_policy() {
    let host = serve("policy", "/");
    let answer = get(&host, "/");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nContent-Security-Policy: default-src 'none'\r\n"), "{answer}");
    assert!(answer.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"), "{answer}");
    assert!(answer.ends_with("<p>page</p>"), "{answer}");
}

#[test]
fn wasm_has_the_type_that_streaming_compilation_asks_for() {
    let host = serve("wasm", "/");
    assert!(get(&host, "/page_bg.wasm").contains("\r\nContent-Type: application/wasm\r\n"));
}

#[test]
fn a_head_request_gets_no_body() {
    let host = serve("head", "/");
    let answer = ask(&host, "HEAD / HTTP/1.1\r\n\r\n");
    assert!(answer.contains(&format!("\r\nContent-Length: {}\r\n", PAGE.len())), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn a_known_version_is_not_sent_again() {
    let host = serve("tag", "/");
    let first = get(&host, "/page_bg.wasm");
    let tag = first.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
    let second = ask(&host, &format!("GET /page_bg.wasm HTTP/1.1\r\nIf-None-Match: {tag}\r\n\r\n"));
    assert!(second.starts_with("HTTP/1.1 304 "), "{second}");
}

#[test]
fn nothing_outside_of_the_folder_is_reached() {
    let host = serve("escape", "/");
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/fonts/../../secret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/fonts",
    ] {
        let answer = get(&host, path);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_of_the_folder_is_not_followed() {
    let host = serve("link", "/");
    let folder = std::env::temp_dir().join(format!("kubestep-{}-link", std::process::id()));
    std::os::unix::fs::symlink(folder.join("secret.txt"), folder.join("site/inside.txt")).unwrap();
    assert!(get(&host, "/inside.txt").starts_with("HTTP/1.1 404 "));
}

#[test]
fn a_page_below_a_sub_path_is_found_there_and_nowhere_else() {
    let host = serve("base", "/sub/");
    assert!(get(&host, "/sub/").starts_with("HTTP/1.1 200 "));
    assert!(get(&host, "/").starts_with("HTTP/1.1 404 "));
    let answer = get(&host, "/sub");
    assert!(answer.starts_with("HTTP/1.1 308 ") && answer.contains("\r\nLocation: /sub/\r\n"), "{answer}");
}

#[test]
fn other_methods_are_refused() {
    let host = serve("methods", "/");
    assert!(ask(&host, "DELETE / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
}

#[test]
fn a_taken_port_is_said_in_a_sentence() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let refused = Server::bind(std::env::temp_dir(), port, "/").err().unwrap();
    assert!(refused.to_string().starts_with(&format!("port {port} is taken")), "{refused}");
}
