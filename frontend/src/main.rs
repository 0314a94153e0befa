//! The one module that the page and its worker both load.

fn main() {
    mosaic::start();
}
