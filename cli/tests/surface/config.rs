//! `config`: which layer wins, and which mistakes are named where.

use crate::magpie::{magpie, magpie_with};
use serde_json::{Value, json};
use std::{fs, path::Path};

fn write(dir: &Path, text: &str) -> String {
    let file = dir.join("magpie.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn row(origin: &str, place: &str, value: Value) -> Value {
    json!({"origin": origin, "place": place, "value": value})
}

#[test]
fn defaults_are_printed_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let data = magpie(dir.path(), &["config", "print", "--json"]).json();
    assert_eq!(data["api"], json!({"origin": "default", "value": "127.0.0.1:0"}));
    assert_eq!(data["role"]["value"], "user");
    assert!(data.as_object().unwrap().values().all(|row| row["origin"] == "default"), "{data}");
    let text = magpie(dir.path(), &["config", "print"]);
    assert!(text.ok().contains("log_format             = \"text\"  # default\n"), "{text:?}");
}

#[test]
fn flag_beats_variable_beats_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "api = '127.0.0.1:1'\nmetrics = '127.0.0.1:1'\nrole = 'super'\n");
    let env = [
        ("MAGPIE_API", "127.0.0.1:2"),
        ("MAGPIE_METRICS", "127.0.0.1:2"),
        ("MAGPIE_ROLE", ""),
        ("MAGPIE_BIN", "of another program"),
    ];
    let args = ["config", "print", "--json", "--api", "127.0.0.1:3"];
    let data = magpie_with(dir.path(), &args, &env, b"").json();
    assert_eq!(data["api"], row("flag", "--api", json!("127.0.0.1:3")));
    assert_eq!(data["metrics"], row("env", "MAGPIE_METRICS", json!("127.0.0.1:2")));
    assert_eq!(data["role"], row("file", &file, json!("super")));
}

#[test]
fn every_setting_is_read_from_the_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("net.toml"), "").unwrap();
    let file = write(
        dir.path(),
        "network = 'net.toml'\nrole = 'super'\nlisten = ['/ip4/0.0.0.0/tcp/1']\n\
         bootstrap = ['/dns4/a.example/tcp/1']\napi = '[::1]:5'\nmetrics = '127.0.0.1:6'\n\
         log_format = 'json'\nkdf_memory_kib = 8\nkdf_passes = 1\n\
         allow_password_export = true\npassword_file = 'net.toml'\n",
    );
    let data = magpie(dir.path(), &["config", "print", "--json"]).json();
    let rows = data.as_object().unwrap();
    assert_eq!(rows.len(), 11);
    for (key, row) in rows {
        assert_eq!(row["place"], json!(file), "{key} is not read");
    }
    let network = dir.path().join("net.toml");
    assert_eq!(data["network"]["value"], json!(network), "relative to the file");
    assert_eq!(magpie(dir.path(), &["config", "check"]).ok(), "the settings are good\n");
}

#[test]
fn variables_and_flags_spell_lists_numbers_and_switches() {
    let dir = tempfile::tempdir().unwrap();
    let env = [
        ("MAGPIE_LISTEN", "/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/udp/1/quic-v1"),
        ("MAGPIE_BOOTSTRAP", "/ip4/127.0.0.1/tcp/9"),
        ("MAGPIE_KDF_PASSES", "3"),
        ("MAGPIE_ALLOW_PASSWORD_EXPORT", "true"),
    ];
    let args = [
        "config",
        "print",
        "--json",
        "--bootstrap",
        "/ip4/1.1.1.1/tcp/1",
        "--bootstrap",
        "/ip4/2.2.2.2/tcp/2",
    ];
    let data = magpie_with(dir.path(), &args, &env, b"").json();
    let listen = json!(["/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/udp/1/quic-v1"]);
    assert_eq!(data["listen"], row("env", "MAGPIE_LISTEN", listen));
    let bootstrap = json!(["/ip4/1.1.1.1/tcp/1", "/ip4/2.2.2.2/tcp/2"]);
    assert_eq!(data["bootstrap"], row("flag", "--bootstrap", bootstrap));
    assert_eq!(data["kdf_passes"], row("env", "MAGPIE_KDF_PASSES", json!(3)));
    assert_eq!(data["allow_password_export"]["value"], true);
}

#[test]
fn check_names_every_mistake_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        dir.path(),
        "listn = []\nrole = 'boss'\nlisten = ['127.0.0.1:1']\nkdf_passes = 0\nnetwork = 'none'\n\
         allow_password_export = 7\n",
    );
    let env = [("MAGPIE_API", "nowhere"), ("MAGPIE_KDF_MEMORY_KIB", "much")];
    let run = magpie_with(dir.path(), &["config", "check"], &env, b"");
    run.failed(2, &format!("{file}: listn: there is no such setting"));
    for said in [
        format!("{file}: role: "),
        format!("{file}: listen: "),
        format!("{file}: kdf_passes: is not within 1 to 64"),
        format!("{file}: network: {} is no file", dir.path().join("none").display()),
        format!("{file}: allow_password_export: "),
        "MAGPIE_API: ".into(),
        "MAGPIE_KDF_MEMORY_KIB: ".into(),
    ] {
        assert!(run.stderr.contains(&said), "{said:?} is not in {run:#?}");
    }
    assert_eq!(run.stderr.lines().count(), 8, "{run:#?}");

    let run = magpie_with(dir.path(), &["config", "check", "--json"], &env, b"");
    let data: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &data["ok"]), (2, &json!(false)));
    let first = &data["mistakes"][0];
    assert_eq!((&first["place"], &first["key"]), (&json!(file), &json!("listn")));
    assert_eq!(data["mistakes"].as_array().unwrap().len(), 8);
    // Nothing is printed as if it were in force.
    assert_eq!(magpie_with(dir.path(), &["config", "print"], &env, b"").stdout, "");
}

#[test]
fn a_file_that_is_no_toml_or_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "role = \n");
    magpie(dir.path(), &["config", "check"]).failed(2, &file);
    magpie(dir.path(), &["config", "check", "--config", "/no/such"]).failed(2, "/no/such: no such");
    let other = dir.path().join("other.toml");
    fs::write(&other, "role = 'super'").unwrap();
    let args = ["config", "print", "--json", "--config", other.to_str().unwrap()];
    assert_eq!(magpie(dir.path(), &args).json()["role"]["value"], "super");
    let env = [("MAGPIE_CONFIG", other.to_str().unwrap())];
    let run = magpie_with(dir.path(), &["config", "print", "--json"], &env, b"");
    assert_eq!(run.json()["role"]["value"], "super");
    // An empty variable is none: the broken file in the directory is read.
    let run = magpie_with(dir.path(), &["config", "check"], &[("MAGPIE_CONFIG", "")], b"");
    run.failed(2, &file);
    assert_eq!(magpie(dir.path(), &["config", "check", "--role", "boss"]).code, 2);
    assert_eq!(magpie(dir.path(), &["config", "check", "--listen", "x"]).code, 2);
}
