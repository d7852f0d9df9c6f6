//! Groups of peers in one test, without a transport between them.

use super::rows::{FRAMES, HOLDERS, PARCELS};
use crate::core::{fixture::Peer, ratchet::GroupInbound, turn::Turn};
use magpie_protocol::{
    bounded::Text,
    codec::decode,
    content::Message,
    group::{
        Action, Frame, NewMember, Parcel, Said, SetAvatar, SetConfig, SetNickname, Spoken, Switch,
    },
    ids::GroupId,
    record::Avatar,
};
use magpie_storage::{engine::Order, table::Keys};

/// Makes a group of two peers that the first owns, who is called "boss" in it.
pub(crate) fn group_of(owner: &mut Peer, other: &mut Peer) -> GroupId {
    let member = other.turn(|turn| NewMember {
        keys: turn.open().unwrap().account.key_part.clone(),
        devices: turn.own_list().unwrap().list().clone(),
    });
    let group = owner.turn(|turn| turn.make_group(Text::new("家").unwrap(), vec![member])).unwrap();
    let avatar = Avatar { id: 7, url: Text::new("avatar").unwrap(), hash: None };
    let actions: Vec<Action> = vec![
        SetAvatar { avatar }.into(),
        SetNickname { nickname: Some(Text::new("boss").unwrap()) }.into(),
        SetConfig { switch: Switch::MembersProtected(true) }.into(),
    ];
    owner.turn(|turn| turn.act_all(group, actions)).unwrap();
    bring_operations(owner, other, group);
    owner.turn(|turn| {
        spoken(turn, group);
    });
    for peer in [owner, other] {
        peer.events();
        peer.posted();
    }
    group
}

/// Brings all operations that one has to the other.
pub(crate) fn bring_operations(from: &mut Peer, to: &mut Peer, group: GroupId) {
    let operations: Vec<_> = from.turn(|turn| {
        let kept = &turn.open().unwrap().groups.kept[&group];
        let mut all: Vec<_> = kept.graph.operations().cloned().collect();
        all.sort_by_key(|it| (it.operation().depth, it.id()));
        all
    });
    to.turn(|turn| {
        if !turn.open().unwrap().groups.kept.contains_key(&group) {
            turn.begin_group(group).unwrap();
        }
        turn.enter_operations(group, operations).unwrap();
    });
}

/// Takes what was said to a group out of what is on its way to it.
pub(crate) fn spoken(turn: &mut Turn<'_>, group: GroupId) -> Vec<Message> {
    let rows = turn.rows().unwrap();
    let all = Keys::all();
    let parcels = PARCELS.scan(&turn.tx, &rows, &(), &all, Order::Ascending, 100).unwrap();
    let mut found = Vec::new();
    for (key, row) in parcels {
        turn.delete(&PARCELS, &(), &key).unwrap();
        found.push(Parcel::from_bytes(&row.parcel).unwrap());
    }
    let frames = FRAMES.scan(&turn.tx, &rows, &(), &Keys::all(), Order::Ascending, 100).unwrap();
    for (number, row) in frames {
        turn.delete(&FRAMES, &(), &number).unwrap();
        let keys = turn.open().unwrap().groups.epochs[&(row.epoch, group)].keys.clone();
        let frame = Frame::from_bytes(&row.frame).unwrap().verify().unwrap();
        found.push(Parcel::from_bytes(&keys.open(&frame).unwrap()).unwrap());
    }
    let mut messages = Vec::new();
    for parcel in found {
        if let Parcel::Said(said) = parcel
            && let Spoken::Message { message, .. } = read(turn, group, &said)
        {
            messages.push(*message);
        }
    }
    messages
}

/// Reads what this device said with the key that it gave others.
fn read(turn: &mut Turn<'_>, group: GroupId, said: &Said) -> Spoken {
    let rows = turn.rows().unwrap();
    let holders =
        HOLDERS.scan(&turn.tx, &rows, &group, &Keys::all(), Order::Ascending, 100).unwrap();
    let holder = holders.into_iter().find(|((session, _), _)| *session == said.session).unwrap().1;
    let mut session = GroupInbound::new(holder.key.expose()).unwrap();
    decode(&session.decrypt(&said.message).unwrap().plaintext).unwrap()
}
