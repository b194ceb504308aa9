//! `cargo xtask serve`: from a fresh clone to the page in a browser.

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome};
use crate::page::{self, Finish};
use crate::project;
use crate::server::Server;

const DEFAULT_PORT: u16 = 8080;

/// Builds what changed and serves it, or with `--dev` watches and rebuilds.
pub(crate) fn serve_command(mut arguments: Arguments) -> Outcome {
    let is_dev = arguments.take_flag("--dev");
    let base = arguments.take_value("--base")?.unwrap_or_else(|| "/".to_owned());
    let port = match arguments.take_value("--port")? {
        Some(text) => {
            text.parse().map_err(|_| Failure::new(format!("{text:?} is not a port; ports are 0 to 65535")))?
        }
        None => DEFAULT_PORT,
    };
    arguments.nothing_left()?;

    // A taken port is said before a build of minutes, so it is taken first.
    let place = project::dist();
    std::fs::create_dir_all(&place)
        .map_err(|error| Failure::new(format!("could not create dist/: {error}")))?;
    let server = Server::bind(place, port, &base)?;
    if is_dev {
        drop(server);
        return page::serve_and_watch(port);
    }
    page::build_if_stale(Finish::Released)?;
    println!("kubestep is at {} (Ctrl+C ends it)", server.url()?);
    server.run();
    Ok(())
}
