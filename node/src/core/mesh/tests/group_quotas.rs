use super::{
    super::{
        bounds::{
            EPOCH_BYTES, EPOCHS_KEPT, FRAMES_PER_EPOCH, GROUP_DISK_BYTES, MAIL_DISK_BYTES,
            PEER_EPOCH_MS, PEER_EPOCHS, ROW_BYTES, SENDER_BYTES, SENDER_FRAMES,
        },
        frames::rows::{EPOCHS, EpochRow, GROUP_TOTALS, GroupTotals, SHARES, Share},
        rows::{TOTALS, Totals},
    },
    groups::{Group, MEMBER, group, refused},
    world::World,
};
use magpie_protocol::{
    address::NodeId,
    mail::{PutAnswer, Refusal},
};
use magpie_storage::overlay::Tx;

/// What stands on disk before a put.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    epoch: EpochRow,
    share: Share,
    groups: GroupTotals,
    totals: Totals,
}

/// Sets what stands, then puts a frame as device 1.
fn put(world: &mut World, group: &Group, standing: Standing, seed: u64) -> PutAnswer {
    let Standing { epoch, share, groups, totals } = standing;
    let frame = group.put(1, &group.frame(world.now, seed));
    let mut tx = Tx::new(&world.store);
    if epoch.frames == 0 {
        EPOCHS.delete(&mut tx, &group.at());
    } else {
        EPOCHS.put(&mut tx, &group.at(), &epoch).unwrap();
    }
    SHARES.put(&mut tx, &(group.at(), frame.sender), &share).unwrap();
    GROUP_TOTALS.put(&mut tx, &(), &groups).unwrap();
    TOTALS.put(&mut tx, &(), &totals).unwrap();
    let batch = tx.into_batch();
    world.store.push(batch);
    world.put_frame(frame)
}

#[test]
fn a_sender_and_an_epoch_have_their_share_and_no_more() {
    let mut world = World::new();
    let group = group(1);
    let len = group.frame(world.now, 0).len() as u64;
    let none =
        Standing { epoch: EpochRow { frames: 1, ..EpochRow::default() }, ..Default::default() };
    let (epoch, share) = (none.epoch, none.share);
    let full = [
        Standing { share: Share { frames: SENDER_FRAMES, ..share }, ..none },
        Standing { share: Share { bytes: SENDER_BYTES - len + 1, ..share }, ..none },
        Standing { epoch: EpochRow { frames: FRAMES_PER_EPOCH, ..epoch }, ..none },
        Standing { epoch: EpochRow { bytes: EPOCH_BYTES - len + 1, ..epoch }, ..none },
    ];
    for standing in full {
        let answer = put(&mut world, &group, standing, 1);
        assert_eq!(answer, refused(Refusal::OverQuota), "{standing:?}");
    }
    // One less of each, all at once, and it fits to the byte.
    let last = Standing {
        epoch: EpochRow { frames: FRAMES_PER_EPOCH - 1, bytes: EPOCH_BYTES - len, last: 0 },
        share: Share { frames: SENDER_FRAMES - 1, bytes: SENDER_BYTES - len },
        ..none
    };
    let answer = put(&mut world, &group, last, 2);
    assert!(matches!(answer, PutAnswer::Stored(_)), "{answer:?}");
    let row = EPOCHS.get(&world.store, &group.at()).unwrap().unwrap();
    assert_eq!((row.frames, row.bytes), (FRAMES_PER_EPOCH, EPOCH_BYTES));
}

#[test]
fn one_sender_who_is_over_keeps_nobody_else_out() {
    let mut world = World::new();
    let (ours, theirs) = (group(1), group(2));
    let over = Share { frames: SENDER_FRAMES, bytes: 0 };
    let none =
        Standing { epoch: EpochRow { frames: 1, ..EpochRow::default() }, ..Default::default() };
    let answer = put(&mut world, &ours, Standing { share: over, ..none }, 1);
    assert_eq!(answer, refused(Refusal::OverQuota));
    for (group, sender) in [(&ours, 2), (&theirs, 1)] {
        let answer = world.put_frame(group.put(sender, &group.frame(world.now, 1)));
        assert!(matches!(answer, PutAnswer::Stored(_)), "{answer:?}");
    }
}

#[test]
fn group_mail_has_a_part_of_the_disk_and_epochs_are_bounded() {
    let mut world = World::new();
    let group = group(1);
    let len = group.frame(world.now, 0).len() as u64;
    // A new epoch takes a row of its own.
    let cost = len + 2 * ROW_BYTES;
    let none = Standing::default();
    let full = [
        Standing { groups: GroupTotals { bytes: GROUP_DISK_BYTES - cost + 1, epochs: 0 }, ..none },
        Standing { totals: Totals { bytes: MAIL_DISK_BYTES - cost + 1, accounts: 0 }, ..none },
        Standing { groups: GroupTotals { bytes: 0, epochs: EPOCHS_KEPT }, ..none },
    ];
    for standing in full {
        let answer = put(&mut world, &group, standing, 1);
        assert_eq!(answer, refused(Refusal::Full), "{standing:?}");
    }
    let last = Standing {
        groups: GroupTotals { bytes: GROUP_DISK_BYTES - cost, epochs: EPOCHS_KEPT - 1 },
        totals: Totals { bytes: MAIL_DISK_BYTES - cost, accounts: 0 },
        ..none
    };
    assert!(matches!(put(&mut world, &group, last, 2), PutAnswer::Stored(_)));
    let groups = GROUP_TOTALS.get(&world.store, &()).unwrap().unwrap();
    assert_eq!(groups, GroupTotals { bytes: GROUP_DISK_BYTES, epochs: EPOCHS_KEPT });
    assert_eq!(TOTALS.get(&world.store, &()).unwrap().unwrap().bytes, MAIL_DISK_BYTES);
    // With all epochs taken, one that is known goes on.
    let known = Standing {
        epoch: EpochRow { frames: 1, ..EpochRow::default() },
        groups: GroupTotals { bytes: 0, epochs: EPOCHS_KEPT },
        ..none
    };
    assert!(matches!(put(&mut world, &group, known, 3), PutAnswer::Stored(_)));
}

#[test]
fn a_peer_brings_so_many_new_epochs_and_then_one_a_minute() {
    let mut world = World::new();
    for number in 0..PEER_EPOCHS {
        world.say(&group(u16::try_from(number).unwrap()), 1);
        // Time for what requests cost, far from a minute in all.
        world.now += 20;
    }
    let (new, known) = (group(1_000), group(1));
    let frame = new.frame(world.now, 1);
    let PutAnswer::Refused(Refusal::Wait { seconds }) = world.put_frame(new.put(1, &frame)) else {
        panic!("it is let in")
    };
    assert_eq!(u64::from(seconds), (PEER_EPOCH_MS - u64::from(PEER_EPOCHS) * 20).div_ceil(1_000));
    // What is known goes on, and other peers bring theirs.
    world.say(&known, 2);
    let other = group(1_001);
    let put = other.put(1, &other.frame(world.now, 1));
    let (answers, _) = world.put_frames_from(NodeId([9; 32]), vec![put]);
    assert!(matches!(answers[0], PutAnswer::Stored(_)));
    // Who waits as told is let in.
    world.now += u64::from(seconds) * 1_000;
    world.keep_frame(&new, &frame);
    let again = group(1_002);
    let (answers, _) =
        world.put_frames_from(MEMBER, vec![again.put(1, &again.frame(world.now, 1))]);
    assert!(matches!(answers[0], PutAnswer::Refused(Refusal::Wait { .. })));
}
