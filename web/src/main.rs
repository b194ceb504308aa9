//! The program of the page.

fn main() {
    kubestep_web::app::mount();
}
