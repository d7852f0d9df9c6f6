//! Lets the dynamic linker see the binary's `getrandom`, which some crates look up by its name.

fn main() {
    for symbol in ["getrandom", "getentropy"] {
        println!("cargo::rustc-link-arg=-Wl,--export-dynamic-symbol={symbol}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
