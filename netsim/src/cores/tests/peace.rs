//! What the end of all faults ends.

use crate::{
    cores::{place::Moment, world::World},
    scenario::builtin,
};

#[test]
fn who_was_struck_before_the_peace_does_not_fall_in_it() {
    let scenario = builtin::scenario("chat-day").unwrap().unwrap();
    for is_peace in [false, true] {
        let mut world = World::new(scenario.clone(), 1, None).unwrap();
        let at = world.people().start;
        world.start(at);
        world.doom(at, Moment::AfterCommit, 5_000);
        if is_peace {
            world.make_peace();
        }
        let end = world.now + 1_000;
        while world.advance(end) {}
        assert_eq!(world.is_up(at), is_peace);
    }
}
