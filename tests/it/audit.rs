//! The script that checks what `redpacket.detail` shows, against answers that are right and that lie.

use super::draw::{Draw, EXAMPLE, input, list, number, output, run, text};
use magpie_protocol::beacon::Proof;
use serde_json::{Value, json};

/// The answers of a node about a packet that is claimed as `given` says: what `redpacket.detail`
/// shows, and the headers of `ledger.header` that have to do with it.
fn answers(given: &Value) -> Value {
    let made = output(given);
    let opened = number(&given["opened"]);
    let mut rows = Vec::new();
    let mut previous = given["previous"].clone();
    for (block, beacon) in list(&given["blocks"]).iter().zip(list(&made["beacons"])) {
        let mut row = block.clone();
        (row["previous"], row["output"]) = (previous, beacon.clone());
        previous = beacon.clone();
        rows.push(row);
    }
    let headers: Vec<_> = rows.iter().map(|row| header(given, row)).collect();
    let (mut draws, mut users, mut folded) = (Vec::new(), Vec::new(), Vec::new());
    for deal in list(&made["deals"]) {
        let (height, ready) = (number(&deal["height"]), number(&deal["ready"]));
        draws.push(json!({ "height": height, "ready": ready, "seed": deal["seed"] }));
        for drawn in list(&deal["drawn"]) {
            users.push(json!({
                "receiveKey": drawn["claimer"], "price": drawn["amount"], "slot": drawn["slot"],
                "height": height, "paidHeight": ready,
            }));
        }
        folded.extend(height + 1..=ready);
    }
    let beacons: Vec<_> =
        rows.iter().filter(|row| folded.contains(&number(&row["height"]))).collect();
    let detail = json!({
        "redPacketId": given["packet"], "total_price": given["total"], "count": given["count"],
        "users": users, "kind": 2, "expiresAt": 2_000, "returned": 0, "height": opened,
        "left": number(&given["count"]) - users.len() as u64, "slots": made["shares"],
        "beacon": rows[0], "draws": draws, "beacons": beacons, "chain": given["chain"],
        "asOfHeight": opened + 9,
    });
    json!({ "detail": detail, "headers": headers })
}

fn header(given: &Value, row: &Value) -> Value {
    let header = json!({
        "chain": given["chain"], "height": row["height"], "proposer": row["proposer"],
        "validators": row["validators"], "beacon": row["proof"], "time_ms": 1_000,
    });
    json!({ "height": row["height"], "header": header })
}

/// An answer about equal shares, all of which are taken, two in the last block.
fn equal() -> Value {
    let user = |key: u8, height: u64, price: u64| {
        let key = hex::encode([key; 32]);
        json!({
            "receiveKey": key, "price": price, "slot": null, "height": height, "paidHeight": height,
        })
    };
    let users = [user(1, 8, 333), user(2, 9, 335), user(3, 9, 333)];
    let detail = json!({
        "redPacketId": hex::encode([5; 32]), "total_price": 1_001, "count": 3, "users": users,
        "kind": 1, "expiresAt": 2_000, "returned": 0, "height": 7, "left": 0, "slots": [],
        "beacon": null, "draws": [], "beacons": [], "chain": hex::encode([6; 32]), "asOfHeight": 9,
    });
    json!({ "detail": detail, "headers": [] })
}

/// Returns what the script says of each answer, or nothing without Python.
fn said(answers: &[Value]) -> Option<Vec<String>> {
    let lines: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    let ran = run("audit.py", "-", &lines)?;
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let said = String::from_utf8(ran.stdout).expect("the script prints UTF-8");
    let said: Vec<_> = said.lines().map(str::to_owned).collect();
    assert_eq!(said.len(), answers.len());
    Some(said)
}

#[test]
fn answers_that_are_right_are_found_right() {
    let heights = [2, 247, u64::from(u32::MAX) - 3];
    let mut all = vec![equal()];
    for (seed, height) in (40..).zip(heights) {
        for (powers, count) in [(&[1_u64; 4][..], 5), (&[1; 1], 1_000), (&[6, 1, 1, 4], 12)] {
            let draw = Draw { seed, height, powers, blocks: 6, total: 123_456, count, ..EXAMPLE };
            all.push(answers(&input(&draw)));
        }
    }
    // Without headers the answer alone is checked.
    let mut alone = all[1].clone();
    alone["headers"] = json!([]);
    all.push(alone);
    // A claim whose draw is not made.
    let mut waits = all[1].clone();
    let last = number(&waits["detail"]["draws"][1]["height"]);
    waits["detail"]["draws"].as_array_mut().expect("a list").pop();
    for user in waits["detail"]["users"].as_array_mut().expect("a list") {
        if number(&user["height"]) == last {
            (user["price"], user["slot"], user["paidHeight"]) =
                (json!(0), json!(null), json!(null));
        }
    }
    all.push(waits);
    let Some(said) = said(&all) else { return };
    assert!(said.iter().all(|said| said == "right"), "{said:#?}");
}

#[test]
fn answers_that_lie_are_not() {
    let honest = answers(&input(&EXAMPLE));
    let mut lies = Vec::new();
    let mut lie = |lie: &dyn Fn(&mut Value)| {
        let mut answer = honest.clone();
        lie(&mut answer);
        assert_ne!(answer, honest);
        lies.push(answer);
    };
    let swap = |answer: &mut Value, name: &str, a: usize, b: usize| {
        let users = &mut answer["detail"]["users"];
        let kept = users[a][name].clone();
        users[a][name] = users[b][name].clone();
        users[b][name] = kept;
    };
    // Two shares swapped, a unit moved, a slot renamed.
    lie(&|answer| ["price", "slot"].iter().for_each(|name| swap(answer, name, 0, 1)));
    lie(&|answer| ["price", "slot"].iter().for_each(|name| swap(answer, name, 1, 2)));
    lie(&|answer| {
        let users = &mut answer["detail"]["users"];
        users[0]["price"] = json!(number(&users[0]["price"]) + 1);
        users[1]["price"] = json!(number(&users[1]["price"]) - 1);
    });
    lie(&|answer| answer["detail"]["users"][3]["slot"] = json!(0));
    // A claim dropped, and dropped well.
    lie(&|answer| drop(answer["detail"]["users"].as_array_mut().expect("a list").remove(0)));
    lie(&|answer| {
        answer["detail"]["users"].as_array_mut().expect("a list").remove(0);
        answer["detail"]["left"] = json!(2);
    });
    // A claim moved to another height, and a draw before its time.
    lie(&|answer| answer["detail"]["users"][0]["height"] = json!(251));
    lie(&|answer| answer["detail"]["users"][0]["paidHeight"] = json!(252));
    // Another cut, by the slots and by the beacon.
    lie(&|answer| {
        let slots = answer["detail"]["slots"].as_array_mut().expect("a list");
        slots.swap(0, 1);
    });
    lie(&|answer| answer["detail"]["beacon"] = answer["detail"]["beacons"][1].clone());
    // Another seed, ready at another height, from beacons that are missing or not proven.
    lie(&|answer| answer["detail"]["draws"][0]["seed"] = json!(hex::encode([7; 32])));
    lie(&|answer| answer["detail"]["draws"][0]["ready"] = json!(252));
    lie(&|answer| drop(answer["detail"]["beacons"].as_array_mut().expect("a list").remove(1)));
    lie(&|answer| answer["detail"]["beacons"][0]["output"] = json!(hex::encode([7; 64])));
    lie(&|answer| answer["detail"]["beacons"][0]["key"] = json!(null));
    lie(&|answer| {
        let proof = text(&answer["detail"]["beacons"][0]["proof"]).parse::<Proof>().unwrap();
        let mut bytes = proof.0;
        bytes[79] ^= 1;
        answer["detail"]["beacons"][0]["proof"] = json!(hex::encode(bytes));
    });
    // Headers of another chain, of another proposer, with another beacon, of a later time.
    lie(&|answer| answer["headers"][1]["header"]["chain"] = json!(hex::encode([7; 32])));
    lie(&|answer| answer["headers"][1]["header"]["proposer"] = json!(hex::encode([7; 32])));
    lie(&|answer| {
        answer["headers"][1]["header"]["beacon"] = answer["headers"][2]["header"]["beacon"].clone();
    });
    lie(&|answer| answer["headers"][1]["header"]["time_ms"] = json!(2_000));
    // More money than there was, and nonsense.
    lie(&|answer| answer["detail"]["returned"] = json!(10_000));
    lie(&|answer| answer["detail"]["users"] = json!("nobody"));
    let mut odd = equal();
    odd["detail"]["users"][0]["price"] = json!(334);
    odd["detail"]["users"][2]["price"] = json!(332);
    lies.push(odd);
    let mut kept = equal();
    kept["detail"]["users"][1]["price"] = json!(333);
    lies.push(kept);
    lies.insert(0, honest);
    let Some(said) = said(&lies) else { return };
    for (lie, said) in said.iter().enumerate() {
        assert_eq!(said == "right", lie == 0, "lie {lie}: {said}");
        assert!(!said.starts_with("a malformed"), "lie {lie}: {said}");
    }
}
