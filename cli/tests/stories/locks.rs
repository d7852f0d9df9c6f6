//! Wrong passwords against a real node, across restarts.

use crate::node::{LOGIN, Place};
use serde_json::{Value, json};

#[test]
fn wrong_passwords_wait_and_a_kill_buys_no_further_try() {
    let place = Place::new();
    let node = place.start_signed_in();
    node.stop();
    let mut node = place.start(&[]);
    let wrong = json!({"password": "im-2222222222", "loginType": "text"});
    let seconds = |data: &Value| data["seconds"].as_u64().unwrap();
    for attempt in 1..=4 {
        assert_eq!(node.call("login", "exportLogin", wrong.clone()).0, 20010);
        if attempt == 2 {
            // The count is on the disk.
            node.kill();
            node = place.start(&[]);
        }
    }
    let (code, data) = node.call("login", "exportLogin", wrong.clone());
    assert_eq!((code, seconds(&data)), (20011, 30));
    node.kill();
    let node = place.start(&[]);
    let right = json!({"password": LOGIN, "loginType": "text"});
    for _ in 6..=9 {
        let (code, data) = node.call("login", "exportLogin", right.clone());
        assert_eq!(code, 20011, "not even the right one is tried");
        assert!((1..=30).contains(&seconds(&data)), "{data}");
    }
    let (code, data) = node.call("login", "exportLogin", wrong);
    assert_eq!(code, 20012);
    assert!((295..=300).contains(&seconds(&data)), "{data}");
    node.stop();
}
