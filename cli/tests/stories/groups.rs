//! A group of four over three super nodes, all of them processes, driven by commands alone.

use crate::{
    node::{eventually, failed},
    people::{NETWORK_TIME, Network, Person, befriend},
};
use serde_json::{Value, json};

/// Returns the addresses of a group's members, sorted.
fn members(person: &Person, group: &str) -> Vec<String> {
    let rows = person.says(&["group", "members", group]);
    let address = |row: &Value| row["u_nd_add"].as_str().unwrap().to_owned();
    let mut all: Vec<String> = rows.as_array().unwrap().iter().map(address).collect();
    all.sort();
    all
}

/// Returns the addresses of people, sorted.
fn addresses(people: &[&Person]) -> Vec<String> {
    let mut all: Vec<String> = people.iter().map(|person| person.address.clone()).collect();
    all.sort();
    all
}

/// Says whether a person's node knows a group and how the person stands to it.
fn state(person: &Person, group: &str) -> Option<u64> {
    let rows = person.says(&["group", "list"]);
    rows.as_array()?.iter().find(|row| row["g_id"] == group)?["state"].as_u64()
}

/// Waits until all of them see all of them as the group's members.
#[track_caller]
fn all_see(people: &[&Person], group: &str) {
    for person in people {
        eventually("everybody sees the members", NETWORK_TIME, || {
            state(person, group)?;
            (members(person, group) == addresses(people)).then_some(())
        });
    }
}

/// Waits until everybody has exactly these texts in this order.
#[track_caller]
fn all_have(people: &[&Person], group: &str, want: &[String]) {
    for person in people {
        let mut have = Vec::new();
        let end = std::time::Instant::now() + NETWORK_TIME;
        while have != want && std::time::Instant::now() < end {
            have = person.texts_of(group);
        }
        assert_eq!(have, want, "the group's texts of {}", person.address);
    }
}

/// Lets somebody say something, which comes behind all that is wanted so far.
#[track_caller]
fn say(by: &Person, group: &str, text: &str, want: &mut Vec<String>) {
    let sent = by.says(&["send", group, text]);
    assert_eq!((&sent[0]["rs_id"], &sent[0]["rs_type"]), (&json!(group), &json!(2)), "{sent}");
    want.push(text.to_owned());
}

#[test]
fn a_group_talks_grows_shrinks_and_waits_for_who_was_killed() {
    let network = Network::new();
    let _supers = network.supers();
    let [alice, bob, carol, dave] = std::array::from_fn(|_| Person::new(&network));
    let (_alice, _carol, _dave) = (alice.run(), carol.run(), dave.run());
    let bob_node = bob.run();
    for friend in [&bob, &carol, &dave] {
        befriend(&alice, friend);
    }

    let made = alice.says(&["group", "new", "家 family", &bob.address, &carol.address]);
    let group = made["g_id"].as_str().unwrap();
    let three = [&alice, &bob, &carol];
    all_see(&three, group);
    // They are together in a group, and no friends for that.
    failed(&bob.place.magpie(&["contact", "show", &carol.address]), 5, "no contact");
    assert_eq!(bob.says(&["group", "show", group])["g_name"], "家 family");

    // All write, all hear all; each has heard the one before, so there is one order.
    let mut want = Vec::new();
    for (person, name) in three.into_iter().zip(["alice", "bob", "carol"]) {
        say(person, group, &format!("{name} is here"), &mut want);
        all_have(&three, group, &want);
    }

    // Dave comes late: what was written before is not his to read, what comes after is.
    failed(&dave.place.magpie(&["send", group, "let me in"]), 5, "neither");
    alice.says(&["group", "add", group, &dave.address]);
    let four = [&alice, &bob, &carol, &dave];
    all_see(&four, group);
    let mut late = Vec::new();
    for (person, text) in [(&alice, "dave is here"), (&dave, "hello all"), (&bob, "hello dave")] {
        say(person, group, text, &mut want);
        late.push(text.to_owned());
        all_have(&three, group, &want);
        all_have(&[&dave], group, &late);
    }

    // Carol is put out: she keeps what she has, hears nothing more and may write nothing.
    alice.says(&["group", "remove", group, &carol.address]);
    let rest = [&alice, &bob, &dave];
    all_see(&rest, group);
    eventually("carol knows that she is out", NETWORK_TIME, || {
        (state(&carol, group)? == 2).then_some(())
    });
    let carols = want.clone();
    let refused = carol.place.magpie(&["send", group, "let me stay"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("20047"), "{refused:?}");
    for (person, text) in [(&dave, "carol is gone"), (&bob, "so she is")] {
        say(person, group, text, &mut want);
        late.push(text.to_owned());
        all_have(&[&alice, &bob], group, &want);
        all_have(&[&dave], group, &late);
    }

    // Bob is killed in the middle; what is written meanwhile waits for him.
    say(&alice, group, "bob?", &mut want);
    late.push("bob?".into());
    bob_node.kill();
    for n in 0..10 {
        let by = if n % 2 == 0 { &dave } else { &alice };
        say(by, group, &format!("while bob is away {n}"), &mut want);
        late.push(format!("while bob is away {n}"));
        all_have(&[&alice], group, &want);
        all_have(&[&dave], group, &late);
    }
    let bob_node = bob.run();
    all_have(&[&bob], group, &want);
    say(&bob, group, "back again", &mut want);
    late.push("back again".into());
    all_have(&[&alice, &bob], group, &want);
    all_have(&[&dave], group, &late);

    // By now carol's node would have had all of it, were it meant for her.
    assert_eq!(carol.texts_of(group), carols);
    bob_node.stop();
}

#[test]
fn a_group_is_led_renamed_left_and_dissolved() {
    let network = Network::new();
    let _supers = network.supers();
    let [alice, bob, carol] = std::array::from_fn(|_| Person::new(&network));
    let _nodes = [alice.run(), bob.run(), carol.run()];
    befriend(&alice, &bob);
    befriend(&alice, &carol);
    let made = alice.says(&["group", "new", "birds", &bob.address, &carol.address]);
    let group = made["g_id"].as_str().unwrap();
    all_see(&[&alice, &bob, &carol], group);

    // Who leads: not bob, until alice makes him an administrator.
    failed(&bob.place.magpie(&["group", "remove", group, &carol.address]), 1, "20042");
    failed(&bob.place.magpie(&["group", "dissolve", group]), 1, "20064");
    failed(&alice.place.magpie(&["group", "leave", group]), 1, "20039");
    failed(&alice.place.magpie(&["group", "add", group, &bob.address]), 6, "20049");
    alice.says(&["group", "admin", group, "add", &bob.address]);
    eventually("bob is an administrator", NETWORK_TIME, || {
        let rows = bob.says(&["group", "members", group]);
        let own = rows.as_array()?.iter().find(|row| row["u_nd_add"] == json!(bob.address))?;
        (own["g_is_admin"] == 1).then_some(())
    });

    alice.says(&["group", "rename", group, "magpies"]);
    alice.says(&["group", "announce", group, "at eight"]);
    for person in [&alice, &bob, &carol] {
        eventually("everybody sees the new name", NETWORK_TIME, || {
            let row = person.says(&["group", "show", group]);
            (row["g_name"] == "magpies" && row["g_info"] == "at eight").then_some(())
        });
    }

    carol.says(&["group", "leave", group]);
    all_see(&[&alice, &bob], group);
    assert_eq!(state(&carol, group), Some(2));
    alice.says(&["group", "transfer", group, &bob.address]);
    eventually("bob owns it", NETWORK_TIME, || {
        let rows = alice.says(&["group", "members", group]);
        let row = rows.as_array()?.iter().find(|row| row["u_nd_add"] == json!(bob.address))?;
        (row["g_is_owner"] == 1).then_some(())
    });
    eventually("bob knows", NETWORK_TIME, || {
        bob.place.magpie(&["group", "dissolve", group]).status.success().then_some(())
    });
    eventually("it is dissolved for alice, too", NETWORK_TIME, || {
        (state(&alice, group)? == 3).then_some(())
    });
    assert_eq!(alice.place.magpie(&["send", group, "hello?"]).status.code(), Some(1));
}
