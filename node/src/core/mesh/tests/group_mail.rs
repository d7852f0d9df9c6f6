use super::{
    super::{
        bounds::FORGOTTEN_PER_STEP,
        frames::rows::{EPOCHS, GROUP_TOTALS},
        rows::TOTALS,
    },
    groups::{MEMBER, forged, group, id_of, refused},
    people::PLAINTEXT,
    world::{KEPT, World},
};
use crate::core::{
    Effect, Input,
    net::{Fault, NetCommand, Protocol},
};
use magpie_protocol::{
    address::NodeId,
    bounded::{Blob, List},
    codec::{decode, encode},
    group::{FRAME_PAYLOAD, Frame},
    ids::DeviceId,
    limits::{FETCH_SLACK_MS, FRAME_AHEAD_MS, FRAME_COARSE_MS, MAIL_ENVELOPES},
    mail::{Answer, FetchFrames, PutAnswer, PutFrame, Refusal, Request},
};

#[test]
fn a_frame_is_stored_receipted_and_fetched_by_who_has_the_key() {
    let mut world = World::new();
    let (ours, theirs) = (group(1), group(2));
    let frame = ours.frame(world.now, 1);
    let receipt = world.keep_frame(&ours, &frame);
    world.check(&receipt, ours.stored(&frame));
    assert_eq!(receipt.body.stored_ms, world.now);
    assert_eq!(receipt.body.expiry_ms, world.now + KEPT);
    assert_eq!(world.frames_of(&ours), std::slice::from_ref(&frame));
    assert!(world.frames_of(&theirs).is_empty());
    let opened = Frame::from_bytes(&frame).unwrap().verify().unwrap();
    assert_eq!(&**ours.keys.open(&opened).unwrap(), PLAINTEXT);
}

#[test]
fn the_same_frame_again_is_stored_once_and_receipted_alike() {
    let mut world = World::new();
    let group = group(1);
    let frame = group.frame(world.now, 1);
    let (answers, _) =
        world.put_frames_from(MEMBER, vec![group.put(1, &frame), group.put(1, &frame)]);
    let PutAnswer::Stored(first) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!(answers[0], answers[1]);
    let rows = world.rows();
    // Even when it could not come in any more, and whoever brings it.
    world.now += KEPT - 1;
    let (again, more) = world.put_frames_from(NodeId([9; 32]), vec![group.put(2, &frame)]);
    assert_eq!(again, [PutAnswer::Stored(first.clone())]);
    assert_eq!((world.rows(), more), (rows, vec![]));
    assert_eq!(world.frames_of(&group), [frame]);
}

#[test]
fn each_reason_to_refuse_is_told_and_changes_nothing() {
    let mut world = World::new();
    let group = group(1);
    let rows = world.rows();
    let start = world.now - world.now % FRAME_COARSE_MS;
    let put = |frame: &[u8]| group.put(1, frame);
    let junk = PutFrame { frame: Blob::new(vec![1; 99]).unwrap(), sender: [1; 32] };
    let newer = PutFrame { frame: Blob::new(vec![2; 99]).unwrap(), sender: [1; 32] };
    let old = group.frame(start - KEPT - FRAME_COARSE_MS, 1);
    let ahead = group.frame(start + FRAME_AHEAD_MS + FRAME_COARSE_MS, 1);
    let mut fine = Frame::from_bytes(&group.frame(start, 1)).unwrap();
    fine.body.time_ms += 1;
    for (put, refusal) in [
        (junk, Refusal::Malformed),
        (newer, Refusal::Malformed),
        (put(&encode(&fine).unwrap()), Refusal::Malformed),
        (put(&old), Refusal::Expiry),
        (put(&ahead), Refusal::Expiry),
    ] {
        // None of these is a fault: it may be somebody's old bytes, or a wrong clock.
        let answer = world.put_frames_from(MEMBER, vec![put]);
        assert_eq!(answer, (vec![refused(refusal)], vec![]));
    }
    assert_eq!(world.rows(), rows);
    // The limits themselves come in.
    world.now = start;
    world.keep_frame(&group, &group.frame(start - KEPT, 2));
    world.keep_frame(&group, &group.frame(start + FRAME_AHEAD_MS, 3));
}

#[test]
fn a_forged_frame_is_a_fault_and_ends_the_checks_of_its_request() {
    let mut world = World::new();
    let group = group(1);
    let (good, late) = (group.frame(world.now, 1), group.frame(world.now, 2));
    let puts = [&good, &forged(&group, world.now), &late].map(|frame| group.put(1, frame));
    let (answers, more) = world.put_frames_from(MEMBER, puts.to_vec());
    assert!(matches!(answers[0], PutAnswer::Stored(_)));
    assert_eq!(answers[1..], [refused(Refusal::Malformed), refused(Refusal::Malformed)]);
    let fault = NetCommand::Misbehaved { peer: MEMBER, fault: Fault::Forged };
    assert_eq!(more.iter().filter(|command| **command == fault).count(), 1);
    assert_eq!(world.frames_of(&group), [good]);
    // A frame of another epoch's key is forged as well.
    let other = super::groups::group(2);
    let mut frame = Frame::from_bytes(&late).unwrap();
    frame.body.key = other.keys.key();
    let put = other.put(1, &encode(&frame).unwrap());
    let (answers, more) = world.put_frames_from(MEMBER, vec![put]);
    assert_eq!((answers, more), (vec![refused(Refusal::Malformed)], vec![fault]));
    assert!(world.frames_of(&other).is_empty());
}

#[test]
fn a_fetch_is_good_for_who_signed_it_for_some_minutes() {
    let mut world = World::new();
    let (ours, theirs) = (group(1), group(2));
    world.say(&ours, 1);
    let now = world.now;
    let sign = |time_ms| FetchFrames::sign(&ours.keys, MEMBER, 0, 9, time_ms).unwrap();
    let ask =
        |world: &mut World, from, fetch| world.mail_and_more(from, &Request::FetchFrames(fetch));
    let stranger = NodeId([79; 32]);
    let foreign = FetchFrames::sign(&theirs.keys, MEMBER, 0, 9, now).unwrap();
    let foreign = FetchFrames { epoch: ours.keys.key(), ..foreign };
    for (from, fetch) in [(stranger, sign(now)), (MEMBER, foreign)] {
        let (answer, more) = ask(&mut world, from, fetch);
        assert_eq!(answer, Answer::Refused(Refusal::Malformed));
        assert_eq!(more, [NetCommand::Misbehaved { peer: from, fault: Fault::Forged }]);
    }
    // A wrong clock is refused and no fault.
    for time_ms in [now - FETCH_SLACK_MS - 1, now + FETCH_SLACK_MS + 1] {
        let answer = ask(&mut world, MEMBER, sign(time_ms));
        assert_eq!(answer, (Answer::Refused(Refusal::Expiry), vec![]));
    }
    for time_ms in [now - FETCH_SLACK_MS, now + FETCH_SLACK_MS] {
        let (answer, _) = ask(&mut world, MEMBER, sign(time_ms));
        assert!(matches!(answer, Answer::Frames(frames) if frames.frames.len() == 1));
    }
}

#[test]
fn frames_come_oldest_first_by_cursor_and_more_is_told() {
    let mut world = World::new();
    let (group, other) = (group(1), group(2));
    let said: Vec<_> = (0..7).map(|seed| world.say(&group, seed)).collect();
    world.say(&other, 1);
    let page = |world: &mut World, after, limit| {
        let page = world.fetch_frames(&group, after, limit);
        let frames: Vec<_> = page.frames.into_iter().map(Blob::into_vec).collect();
        (frames, page.next, page.more)
    };
    let (frames, next, more) = page(&mut world, 0, 3);
    assert_eq!((frames, more), (said[..3].to_vec(), true));
    let (frames, next, more) = page(&mut world, next, 4);
    assert_eq!((frames, more), (said[3..].to_vec(), false));
    assert_eq!(page(&mut world, next, 9), (vec![], next, false));
    assert_eq!(page(&mut world, 0, 0), (vec![], 0, true));
    assert_eq!(page(&mut world, u64::MAX, 9), (vec![], u64::MAX, false));
    // What comes later stands after every cursor.
    let later = world.say(&group, 8);
    assert_eq!(page(&mut world, next, 9).0, [later]);
}

#[test]
fn an_answer_is_bounded_in_number_and_in_bytes() {
    let mut world = World::new();
    let (many, large) = (group(1), group(2));
    for seed in 0..MAIL_ENVELOPES as u64 + 3 {
        world.say(&many, seed);
        world.now += 100;
    }
    let page = world.fetch_frames(&many, 0, u16::MAX);
    assert_eq!((page.frames.len(), page.more), (MAIL_ENVELOPES, true));
    assert_eq!(world.fetch_frames(&many, page.next, u16::MAX).frames.len(), 3);
    for seed in 0..20 {
        let frame = large.large_frame(world.now, seed, FRAME_PAYLOAD - PLAINTEXT.len());
        world.keep_frame(&large, &frame);
        world.now += 1_000;
    }
    let page = world.fetch_frames(&large, 0, u16::MAX);
    assert!((15..20).contains(&page.frames.len()) && page.more, "{}", page.frames.len());
    assert_eq!(world.frames_of(&large).len(), 20);
}

#[test]
fn what_expired_is_forgotten_a_piece_at_a_time_and_numbers_go_on() {
    let mut world = World::new();
    let group = group(1);
    let empty = TOTALS.get(&world.store, &()).unwrap().unwrap_or_default();
    let many = FORGOTTEN_PER_STEP as u64 + 5;
    for seed in 0..many {
        world.say(&group, seed);
        world.now += 20;
    }
    let cursor = world.fetch_frames(&group, 0, u16::MAX).next;
    let first = world.core.wake_at().unwrap();
    assert_eq!(first, super::people::START + KEPT);
    world.now = first - 1;
    world.ticks();
    assert_eq!(world.rows_of(0x2f) as u64, many);
    world.now = first;
    world.ticks();
    assert_eq!(world.rows_of(0x2f) as u64, many - 1);
    world.now += KEPT;
    world.run(Input::Tick);
    assert_eq!(world.rows_of(0x2f) as u64, many - 1 - FORGOTTEN_PER_STEP as u64);
    world.ticks();
    for tag in 0x2e..=0x32 {
        assert_eq!(world.rows_of(tag), 0, "{tag:x}");
    }
    // Every byte that was counted in was counted out.
    assert_eq!(TOTALS.get(&world.store, &()).unwrap(), Some(empty));
    assert_eq!(GROUP_TOTALS.get(&world.store, &()).unwrap(), Some(Default::default()));
    assert_eq!(world.core.wake_at(), None);
    // The cursor from before still stands before what comes.
    let new = world.say(&group, 1_000);
    let page = world.fetch_frames(&group, cursor, 9);
    assert_eq!(page.frames.into_iter().map(Blob::into_vec).collect::<Vec<_>>(), [new]);
}

#[test]
fn a_receipt_leaves_with_the_batch_and_all_is_there_after_a_crash() {
    let mut world = World::new();
    let group = group(1);
    let frame = group.frame(world.now, 1);
    let request = Request::PutFrames(List::new(vec![group.put(1, &frame)]).unwrap());
    let input = world.inbound(MEMBER, Protocol::Mail, encode(&request).unwrap());
    let outcome = world.step(input);
    let answered = outcome.effects.iter().any(|effect| {
        let Effect::Net(NetCommand::Respond { bytes, .. }) = effect else { return false };
        matches!(decode(bytes), Ok(Answer::Put(a)) if matches!(a[0], PutAnswer::Stored(_)))
    });
    let kept = outcome.batch.iter().any(|(key, value)| {
        key[0] == 0x2f && value.is_some_and(|v| v.windows(frame.len()).any(|w| w == frame))
    });
    let named =
        outcome.batch.iter().any(|(key, _)| key[0] == 0x30 && key.ends_with(&id_of(&frame).0));
    assert!(answered && kept && named);
    // The power fails before the commit: no receipt went out, and nothing is there.
    world.store.push(outcome.batch);
    world.crash();
    assert!(world.frames_of(&group).is_empty());
    // After the commit it is there, whatever fails.
    let receipt = world.keep_frame(&group, &frame);
    world.crash();
    assert_eq!(world.frames_of(&group), std::slice::from_ref(&frame));
    assert_eq!(world.core.wake_at(), Some(world.now + KEPT));
    world.now += 1_000;
    assert_eq!(world.keep_frame(&group, &frame), receipt);
    assert_eq!(EPOCHS.get(&world.store, &group.at()).unwrap().unwrap().frames, 1);
}

#[test]
fn nothing_on_disk_names_the_sender_or_shows_what_was_said() {
    let mut world = World::new();
    let group = group(1);
    for seed in 0..4 {
        world.say(&group, seed);
    }
    let rows = world.rows();
    let secrets: [(&str, &[u8]); 3] = [
        ("plaintext", PLAINTEXT),
        ("sender's device", &DeviceId([1; 32]).0),
        // Who handed the frame over, and fetched.
        ("peer", &MEMBER.0),
    ];
    for (what, secret) in secrets {
        let shown = rows.iter().any(|(key, value)| {
            [key, value].into_iter().any(|part| part.windows(secret.len()).any(|w| w == secret))
        });
        assert!(!shown, "a row shows the {what}");
    }
    // The scan finds what is there.
    assert!(rows.iter().any(|(key, _)| key.windows(32).any(|w| w == group.at())));
}
