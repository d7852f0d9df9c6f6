//! `docs/openapi.json` is what the catalogue of methods says; `MAGPIE_OPENAPI=write` writes it anew.

use super::source::root;
use std::{env, fs};

#[test]
fn the_description_of_the_api_is_the_catalogues() {
    let path = root().join("docs/openapi.json");
    let generated = format!("{:#}\n", magpie_protocol::api::openapi());
    if env::var("MAGPIE_OPENAPI").as_deref() == Ok("write") {
        fs::write(&path, &generated).expect("docs can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    // Not assert_eq: thousands of lines would say less.
    assert!(
        found == generated,
        "docs/openapi.json is stale: MAGPIE_OPENAPI=write cargo test -p magpie-tests --release"
    );
}
