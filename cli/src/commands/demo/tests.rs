//! The chapters that need no group, told twice on one directory, with real nodes.

use super::{
    crash,
    ending::Ending,
    narration::Narrator,
    network::Network,
    place::Place,
    posted::Counts,
    room::{ALICE, BOB, Room},
    story,
    tale::Tale,
};
use crate::{args::Global, error::Error, output::Output, runtime::runtime};
use std::path::Path;

/// Tells the story of two conversations; returns the addresses and the counts.
fn told(data: &Path) -> (Vec<String>, Counts) {
    let place = Place::open(data, false).unwrap();
    let runtime = runtime().unwrap();
    let global = Global { data_dir: None, json: true, no_color: true };
    let network = Network::open(&place, runtime.handle().clone()).unwrap();
    let ending = Ending::new(runtime.handle().clone());
    let mut tale = Tale::new(network, Narrator::unheard(Output::new(&global)), ending);
    let tell = |tale: &mut Tale| -> Result<(), Error> {
        story::network(tale)?;
        story::accounts(tale)?;
        story::friends(tale)?;
        story::chat(tale)?;
        crash::crash(tale, &[(Room::Direct(ALICE, BOB), [ALICE, ALICE])])
    };
    tell(&mut tale).unwrap();
    let counts = tale.counts();
    tale.check(counts).unwrap();
    let addresses = tale.people.iter().map(|person| person.address.clone()).collect();
    tale.stop().unwrap();
    (addresses, counts)
}

#[test]
fn two_who_write_to_each_other_lose_nothing_and_go_on_the_next_time() {
    let data = tempfile::tempdir().unwrap();
    let (people, counts) = told(data.path());
    assert_eq!(counts, Counts { sent: 10, delivered: 10, read: 10 });
    let (again, counts) = told(data.path());
    assert_eq!(people, again, "the accounts are the same");
    assert_eq!(counts, Counts { sent: 10, delivered: 10, read: 10 });
}
