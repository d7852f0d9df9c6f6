//! What a super node has on its disk and in its log after people talked through it.

use crate::{
    node::{Place, eventually},
    people::{NETWORK_TIME, Network, Person, befriend},
};
use std::{fs, path::Path};

/// All bytes below a directory, file by file.
fn bytes_below(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bytes_below(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn a_super_node_has_no_words_no_contacts_and_no_names_of_groups() {
    let network = Network::new();
    let mut supers = network.supers();
    let [alice, bob, carol] = std::array::from_fn(|_| Person::new(&network));
    let (alice_node, bob_node, carol_node) = (alice.run(), bob.run(), carol.run());
    befriend(&alice, &bob);
    befriend(&alice, &carol);
    alice.says(&["contact", "remark", &bob.address, "remark-on-bob"]);
    let made = alice.says(&["group", "new", "name-of-group", &bob.address, &carol.address]);
    let group = made["g_id"].as_str().unwrap();
    eventually("carol is in the group", NETWORK_TIME, || {
        let groups = carol.says(&["group", "list"]);
        (!groups.as_array()?.is_empty()).then_some(())
    });
    bob_node.kill();
    alice.says(&["send", &bob.address, "words-between-two"]);
    carol.says(&["send", group, "words-in-group"]);
    eventually("alice hears carol", NETWORK_TIME, || {
        alice.texts_of(group).contains(&"words-in-group".to_owned()).then_some(())
    });
    let bob_node = bob.run();
    eventually("bob has both", NETWORK_TIME, || {
        let direct = bob.texts(&alice).contains(&"words-between-two".to_owned());
        (direct && bob.texts_of(group).contains(&"words-in-group".to_owned())).then_some(())
    });
    for node in [alice_node, bob_node, carol_node] {
        node.kill();
    }
    for (place, node) in &mut supers {
        node.take().unwrap().kill();
        searched(place, &[&alice, &bob, &carol], group);
    }
}

/// Searches a super node's directory and log.
fn searched(place: &Place, people: &[&Person], group: &str) {
    let words =
        ["words-between-two", "words-in-group", "name-of-group", "remark-on-bob", "hello", group];
    let files = bytes_below(&place.data());
    assert!(files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 10_000, "it keeps mail");
    for (name, bytes) in &files {
        for word in words {
            assert!(!holds(bytes, word), "{word:?} in {name}");
        }
    }
    let log = place.logged();
    assert!(!log.is_empty());
    for word in words.into_iter().chain(people.iter().map(|person| &person.address[..])) {
        assert!(!log.contains(word), "{word:?} in the log");
    }
}
