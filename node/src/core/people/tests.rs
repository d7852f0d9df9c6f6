//! People meet, cross, part and block; what is refused changes nothing.

use super::rows::{ASK_EVERY_MS, Person, REQUESTS_MAX};
use crate::core::{
    fixture::{Letter, NOW, Peer, carry, friends},
    letters::sender::{Refusal, Sender, Taken},
};
use magpie_protocol::{
    address::Address,
    api::ErrorCode,
    bounded::Text,
    content::{Blocked, Deleted, FriendAnswer, FriendRequest, Payload},
    ids::DeviceId,
    record::{Avatar, Card, KeyPart, ListVersion},
    token::Token,
};
use serde_json::{Value, json};

fn node(peer: &Peer) -> Value {
    json!({ "nodeId": peer.address() })
}

fn ask(from: &mut Peer, to: &Peer) {
    from.ok(
        "contact",
        "addFriend",
        json!({ "nodeId": to.address(), "content": "hi", "remark": "" }),
    );
}

fn row_of(peer: &mut Peer, other: &Peer) -> Person {
    let other = other.address();
    peer.turn(|turn| turn.person(other)).unwrap()
}

#[test]
fn two_become_friends_and_show_each_other() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    let hello = json!({ "nodeId": bob.address(), "content": "你好", "remark": "Bob!" });
    alice.ok("contact", "addFriend", hello);
    assert!(!alice.is_friend(&bob) && !bob.is_friend(&alice));
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    assert_eq!(bob.event_names(), ["friendRequest"]);
    let list = bob.ok("contact", "getApplyList", json!({}));
    assert_eq!(list[0]["nodeId"], json!(alice.address()));
    assert_eq!(list[0]["applyRemark"], "你好");
    assert_eq!((&list[0]["applyState"], &list[0]["applyCount"]), (&json!(1), &json!(0)));
    assert_eq!(bob.ok("contact", "getApplyBridge", json!({})), json!({ "value": 1 }));
    bob.ok("contact", "clearApplyBridge", json!({}));
    assert_eq!(bob.ok("contact", "getApplyBridge", json!({})), json!({ "value": 0 }));

    bob.ok("contact", "agreeApplySync", node(&alice));
    assert!(bob.is_friend(&alice) && !alice.is_friend(&bob));
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    assert!(bob.is_friend(&alice) && alice.is_friend(&bob));
    assert_eq!(alice.event_names(), ["friendRequestAnswered", "contactChanged"]);
    assert_eq!(bob.event_names(), ["contactChanged"]);
    assert_eq!(bob.ok("contact", "getApplyList", json!({}))[0]["applyState"], 2);
    // Saying yes again changes nothing.
    bob.ok("contact", "agreeApplySync", node(&alice));
    assert!(bob.posted().is_empty());

    let (a_given, a_taken) = alice.tokens(bob.address());
    let (b_given, b_taken) = bob.tokens(alice.address());
    assert!(a_given.is_some() && a_given == b_taken && b_given.is_some() && b_given == a_taken);
    let rows = alice.ok("contact", "getContacts", json!({ "blockId": "1" }));
    let me = bob.ok("user", "getUserSingleInfo", json!({}));
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["c_nic"], me["u_nick"]);
    assert_eq!(rows[0]["c_pub_curve"], me["c_pub_curve"]);
    assert_eq!((&rows[0]["c_state"], &rows[0]["c_ps"]), (&json!(2), &json!("Bob!")));
    assert_eq!(rows[0], alice.ok("contact", "getContactByNoId", node(&bob)));
    let info = alice.ok("contact", "getUserInfo", node(&bob));
    assert_eq!((&info["nic"], &info["pubKey"]), (&me["u_nick"], &me["c_pub_key"]));
    let own = bob.ok("contact", "getUserInfo", node(&bob));
    assert_eq!((&own["nic"], &own["listVersion"]), (&me["u_nick"], &json!(1)));
    assert_eq!(alice.ok("user", "getVersion", json!({}))["contactVersion"], 1);
}

#[test]
fn requests_that_cross_make_both_friends_once() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    ask(&mut alice, &bob);
    ask(&mut bob, &alice);
    assert!(carry(&mut alice, &mut bob).iter().all(|taken| *taken == Taken::Kept));
    assert!(bob.is_friend(&alice) && alice.is_friend(&bob));
    assert_eq!(alice.event_names(), ["friendRequestAnswered", "contactChanged"]);
    assert_eq!(bob.event_names(), ["friendRequestAnswered", "contactChanged"]);
    let (given, taken) = alice.tokens(bob.address());
    assert_eq!(bob.tokens(alice.address()), (taken, given));
}

#[test]
fn asking_whoever_asked_is_a_yes() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    ask(&mut alice, &bob);
    carry(&mut alice, &mut bob);
    ask(&mut bob, &alice);
    assert!(bob.is_friend(&alice));
    carry(&mut alice, &mut bob);
    assert!(alice.is_friend(&bob));
}

#[test]
fn asking_again_counts_once_a_minute() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    ask(&mut alice, &bob);
    ask(&mut alice, &bob);
    let first = alice.posted();
    assert_eq!(first.len(), 1);
    assert_eq!(bob.receive(&first[0]), Taken::Kept);
    bob.events();
    // The same letter a second time is heard once, and so is another within the minute.
    assert_eq!(bob.receive(&first[0]), Taken::Kept);
    let Payload::FriendRequest(request) = &first[0].payload else { panic!() };
    let quick = FriendRequest { asked_ms: request.asked_ms + 1, ..(**request).clone() };
    let quick = Letter { payload: Payload::FriendRequest(Box::new(quick)), ..first[0].clone() };
    assert_eq!(bob.receive(&quick), Taken::Kept);
    assert_eq!(bob.event_names(), [""; 0]);
    alice.now = NOW + ASK_EVERY_MS;
    bob.now = alice.now;
    ask(&mut alice, &bob);
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    let list = bob.ok("contact", "getApplyList", json!({}));
    assert_eq!((list.as_array().unwrap().len(), &list[0]["applyCount"]), (1, &json!(1)));
    assert_eq!(bob.ok("contact", "getApplyBridge", json!({})), json!({ "value": 1 }));
}

#[test]
fn a_request_that_is_deleted_is_declined() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    ask(&mut alice, &bob);
    carry(&mut alice, &mut bob);
    bob.ok("contact", "deleteApply", node(&alice));
    assert_eq!(bob.ok("contact", "getApplyList", json!({})), json!([]));
    carry(&mut alice, &mut bob);
    assert_eq!(alice.event_names(), ["friendRequestAnswered"]);
    assert_eq!(alice.tokens(bob.address()).0, None);
    assert_eq!(bob.refused("contact", "agreeApplySync", node(&alice)), ErrorCode::ContactUnknown);
    // Bob changes his mind: it is his to ask now, and Alice's yes is one.
    ask(&mut bob, &alice);
    carry(&mut alice, &mut bob);
    alice.ok("contact", "agreeApplySync", node(&bob));
    carry(&mut alice, &mut bob);
    assert!(alice.is_friend(&bob) && bob.is_friend(&alice));
}

#[test]
fn calls_that_make_no_sense_are_refused_with_their_codes() {
    let (mut alice, mut bob) = friends();
    let stranger = Peer::new(3);
    let own = json!({ "nodeId": alice.address(), "content": "" });
    assert_eq!(alice.refused("contact", "addFriend", own.clone()), ErrorCode::BadParameter);
    assert_eq!(alice.refused("contact", "onBlack", own), ErrorCode::BadParameter);
    let again = json!({ "nodeId": bob.address(), "content": "" });
    assert_eq!(alice.refused("contact", "addFriend", again.clone()), ErrorCode::AlreadyFriends);
    assert_eq!(alice.refused("contact", "agreeApplySync", node(&bob)), ErrorCode::AlreadyFriends);
    for (bad, code) in [
        (json!(""), ErrorCode::EmptyText),
        (json!("nobody"), ErrorCode::BadParameter),
        (json!(7), ErrorCode::WrongType),
        (Value::Null, ErrorCode::Missing),
    ] {
        let params = json!({ "nodeId": bad, "content": "" });
        assert_eq!(alice.refused("contact", "addFriend", params), code, "{bad}");
    }
    let long = json!({ "nodeId": stranger.address(), "content": "x".repeat(513) });
    assert_eq!(alice.refused("contact", "addFriend", long), ErrorCode::BadParameter);
    for method in ["agreeApplySync", "deleteApply", "getContactByNoId", "deleteFriend"] {
        let found = alice.refused("contact", method, node(&stranger));
        assert_eq!(found, ErrorCode::ContactUnknown, "{method}");
    }
    let found = alice.refused("contact", "getUserInfo", node(&stranger));
    assert_eq!(found, ErrorCode::ContactUnknown);
    let remark = json!({ "nodeId": stranger.address(), "remake": "x" });
    assert_eq!(alice.refused("contact", "updateRemake", remark), ErrorCode::ContactUnknown);
    let vault = json!({ "blockId": "2" });
    assert_eq!(alice.refused("contact", "getContacts", vault), ErrorCode::VaultUnknown);
    let page = json!({ "page": 0 });
    assert_eq!(alice.refused("contact", "getBlacklist", page), ErrorCode::OutOfRange);
    assert!(alice.is_friend(&bob) && bob.is_friend(&alice));
    alice.ok("login", "exportLogout", json!({}));
    assert_eq!(alice.refused("contact", "getContacts", json!({})), ErrorCode::NotLoggedIn);
}

#[test]
fn deleting_a_friend_is_told_and_keeps_what_was_written() {
    let (mut alice, mut bob) = friends();
    alice.say(&bob, "before");
    carry(&mut alice, &mut bob);
    bob.events();
    alice.ok("contact", "deleteFriend", node(&bob));
    assert!(!alice.is_friend(&bob));
    assert_eq!(alice.tokens(bob.address()).0, None);
    carry(&mut alice, &mut bob);
    assert!(!bob.is_friend(&alice));
    assert_eq!(bob.event_names(), ["friendDeleted"]);
    assert_eq!(
        (alice.texts(&bob), bob.texts(&alice)),
        (vec!["before".into()], vec!["before".into()])
    );
    let code = bob.refused("chat", "sendTextMessage", alice.text("?"));
    assert_eq!(code, ErrorCode::NotFriend);
    assert_eq!(alice.ok("contact", "getContacts", json!({})), json!([]));
    // They meet again, within the minute.
    ask(&mut alice, &bob);
    carry(&mut alice, &mut bob);
    bob.ok("contact", "agreeApplySync", node(&alice));
    carry(&mut alice, &mut bob);
    assert!(alice.is_friend(&bob) && bob.is_friend(&alice));
}

#[test]
fn a_friend_who_lost_the_friendship_gets_it_back_by_asking() {
    let (mut alice, mut bob) = friends();
    alice.ok("contact", "deleteFriend", node(&bob));
    alice.posted();
    alice.now += ASK_EVERY_MS;
    bob.now = alice.now;
    ask(&mut alice, &bob);
    carry(&mut alice, &mut bob);
    assert!(alice.is_friend(&bob) && bob.is_friend(&alice));
    // What she said before that is out of date.
    let old = Deleted { at_ms: alice.now - 1 };
    let from = alice.sender();
    let late =
        Letter { from, to: bob.address(), payload: Payload::Deleted(Box::new(old)), about: None };
    assert_eq!(bob.receive(&late), Taken::Kept);
    assert!(bob.is_friend(&alice));
}

#[test]
fn who_is_blocked_is_not_heard_and_knows() {
    let (mut alice, mut bob) = friends();
    alice.ok("contact", "onBlack", node(&bob));
    assert_eq!(alice.event_names(), ["contactChanged"]);
    assert_eq!(alice.tokens(bob.address()).0, None);
    let early = bob.say(&alice, "on its way");
    assert_eq!(alice.refused("chat", "sendTextMessage", bob.text("?")), ErrorCode::Blocked);
    let taken = carry(&mut alice, &mut bob);
    assert_eq!(taken, [Taken::Kept, Taken::Refused(Refusal::Blocked)]);
    assert!(alice.texts(&bob).is_empty());
    assert_eq!(bob.message(&early)["msg_is_send"], 0);
    assert_eq!(bob.refused("chat", "sendTextMessage", alice.text("?")), ErrorCode::BlockedByPeer);
    assert_eq!(bob.ok("contact", "getContactByNoId", node(&alice))["c_be_black_state"], 1);
    let rows = alice.ok("contact", "getBlacklist", json!({ "page": 1, "size": 20, "keyword": "" }));
    assert_eq!(rows[0]["ndAdd"], json!(bob.address()));
    assert_eq!((&rows[0]["blackState"], &rows[0]["beBlackState"]), (&json!("yes"), &json!("no")));
    assert_eq!(alice.ok("user", "getVersion", json!({}))["blackVersion"], 1);

    alice.ok("contact", "deleteBlack", node(&bob));
    carry(&mut alice, &mut bob);
    let (given, taken) = alice.tokens(bob.address());
    assert!(given.is_some());
    assert_eq!(bob.tokens(alice.address()), (taken, given));
    assert_eq!(alice.ok("contact", "getBlacklist", json!({})), json!([]));
    bob.say(&alice, "again");
    carry(&mut alice, &mut bob);
    assert_eq!(alice.texts(&bob), ["again"]);
}

#[test]
fn a_stranger_who_is_blocked_cannot_ask() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    ask(&mut bob, &alice);
    carry(&mut alice, &mut bob);
    alice.ok("contact", "onBlack", node(&bob));
    assert_eq!(alice.ok("contact", "getApplyList", json!({})), json!([]));
    carry(&mut alice, &mut bob);
    let hello = json!({ "nodeId": alice.address(), "content": "" });
    assert_eq!(bob.refused("contact", "addFriend", hello), ErrorCode::BlockedByPeer);
    let hello = json!({ "nodeId": bob.address(), "content": "" });
    assert_eq!(alice.refused("contact", "addFriend", hello), ErrorCode::Blocked);
    alice.ok("contact", "deleteBlack", node(&bob));
    carry(&mut alice, &mut bob);
    bob.now += ASK_EVERY_MS;
    ask(&mut bob, &alice);
    carry(&mut alice, &mut bob);
    assert_eq!(alice.ok("contact", "getApplyList", json!({}))[0]["nodeId"], json!(bob.address()));
}

#[test]
fn the_blacklist_has_pages_and_a_keyword() {
    let mut alice = Peer::new(1);
    let others: Vec<Peer> = (10..15).map(Peer::new).collect();
    for other in &others {
        alice.now += 1;
        alice.ok("contact", "onBlack", node(other));
        alice.ok("contact", "onBlack", node(other));
    }
    let mut page = |params: Value| -> Vec<Value> {
        let rows = alice.ok("contact", "getBlacklist", params);
        rows.as_array().unwrap().iter().map(|row| row["ndAdd"].clone()).collect()
    };
    let newest: Vec<Value> = others.iter().rev().map(|other| json!(other.address())).collect();
    assert_eq!(page(json!({})), newest);
    assert_eq!(page(json!({ "page": 1, "size": 2 })), newest[..2]);
    assert_eq!(page(json!({ "page": 3, "size": 2 })), newest[4..]);
    assert_eq!(page(json!({ "page": 4, "size": 2 })), [Value::Null; 0]);
    let part = others[2].address().to_string()[5..20].to_lowercase();
    assert_eq!(page(json!({ "keyword": part })), newest[2..3]);
}

#[test]
fn a_new_profile_reaches_friends_alone() {
    let (mut alice, mut bob) = friends();
    alice.ok("user", "updateUserSingleInfo", json!({ "nickname": "爱丽丝", "pfpId": 9 }));
    alice.ok("user", "updateUserSingleInfo", json!({ "backUp": true }));
    let letters = alice.posted();
    assert_eq!(letters.len(), 1);
    assert_eq!(bob.receive(&letters[0]), Taken::Kept);
    assert_eq!(bob.event_names(), ["contactChanged"]);
    let row = bob.ok("contact", "getContactByNoId", node(&alice));
    assert_eq!((&row["c_nic"], &row["c_pfp_id"]), (&json!("爱丽丝"), &json!(9)));
    assert_eq!(row["c_version"], 2);
    assert_eq!(bob.receive(&letters[0]), Taken::Kept);
    assert_eq!(bob.event_names(), [""; 0]);
    let mut carol = Peer::new(3);
    assert_eq!(carol.receive(&letters[0]), Taken::Refused(Refusal::NotFriend));
    bob.ok("contact", "updateRemake", json!({ "nodeId": alice.address(), "remake": "a" }));
    assert_eq!(row_of(&mut bob, &alice).remark, "a");
}

#[test]
fn what_a_stranger_may_not_say_is_refused() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    let card = Box::new(bob.turn(|turn| turn.own_card()).unwrap());
    let token = Token::from_bytes([7; 16]);
    let from = bob.sender();
    let mut tell = |payload: Payload| {
        let letter = Letter { from, to: alice.address(), payload, about: None };
        alice.receive(&letter)
    };
    let refused = Taken::Refused(Refusal::NotFriend);
    let accepted = FriendAnswer::Accepted { card, token };
    assert_eq!(tell(Payload::FriendAnswer(Box::new(accepted))), refused);
    assert_eq!(tell(Payload::FriendAnswer(Box::new(FriendAnswer::Declined))), Taken::Kept);
    assert_eq!(tell(Payload::Blocked(Box::new(Blocked { on: true, at_ms: 1 }))), refused);
    assert_eq!(tell(Payload::Deleted(Box::new(Deleted { at_ms: 1 }))), Taken::Kept);
    let unknown = Payload::Unknown { number: 999, body: vec![1] };
    assert_eq!(tell(unknown), Taken::Refused(Refusal::Unserved));
    assert!(!row_of(&mut alice, &bob).is_known());
    assert_eq!(alice.event_names(), [""; 0]);
}

#[test]
fn a_card_of_another_account_or_term_is_refused() {
    let (mut alice, mut bob, mut mallory) = (Peer::new(1), Peer::new(2), Peer::new(3));
    ask(&mut bob, &alice);
    let letter = bob.posted().remove(0);
    // Mallory's session, Bob's card.
    let forged = Letter { from: mallory.sender(), ..letter.clone() };
    assert_eq!(alice.receive(&forged), Taken::Refused(Refusal::Malformed));
    let later = ListVersion { term: 1, version: 0 };
    let later = Sender { list_version: later, ..letter.from };
    let stale = Letter { from: later, ..letter.clone() };
    assert_eq!(alice.receive(&stale), Taken::Refused(Refusal::Malformed));
    assert_eq!(alice.ok("contact", "getApplyList", json!({})), json!([]));
    assert!(mallory.posted().is_empty());
    assert_eq!(alice.receive(&letter), Taken::Kept);
}

#[test]
fn requests_are_bounded_and_the_oldest_gives_way() {
    let mut alice = Peer::new(1);
    let mut first = None;
    for number in 0..=REQUESTS_MAX {
        let mut secret = [0; 32];
        secret[..4].copy_from_slice(&number.to_be_bytes());
        let key = ed25519_dalek::SigningKey::from_bytes(&secret);
        let account = Address::of(&key.verifying_key()).unwrap();
        let keys = KeyPart {
            account,
            term: 0,
            curve: magpie_protocol::keys::CurveKey([1; 32]),
            receive: magpie_protocol::keys::ReceiveKey([2; 32]),
            wallet: account,
        };
        let card = Card {
            nickname: Text::new("n").unwrap(),
            avatar: Avatar::default(),
            reverse_name: None,
            keys: keys.sign(&key).unwrap(),
        };
        let token = Token::from_bytes([3; 16]);
        let request = FriendRequest { greeting: Text::default(), card, token, asked_ms: 1 };
        let list_version = ListVersion { term: 0, version: 0 };
        let from = Sender { account, device: DeviceId([4; 32]), list_version };
        let payload = Payload::FriendRequest(Box::new(request));
        alice.now += 1;
        first.get_or_insert(account);
        let letter = Letter { from, to: alice.address(), payload, about: None };
        assert_eq!(alice.receive(&letter), Taken::Kept);
    }
    let counts = alice.turn(|turn| turn.people_counts()).unwrap();
    assert_eq!((counts.requests, counts.people), (REQUESTS_MAX, REQUESTS_MAX));
    assert_eq!(counts.unseen, REQUESTS_MAX);
    let first = first.unwrap();
    assert!(!alice.turn(|turn| turn.person(first)).unwrap().is_known());
    assert_eq!(alice.tokens(first), (None, None));
    alice.ok("contact", "clearApplyBridge", json!({}));
    assert_eq!(alice.ok("contact", "getApplyBridge", json!({})), json!({ "value": 0 }));
}
