//! The draw as `docs/draw.md` writes it, against the script that follows the page without our code.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use magpie_protocol::{
    beacon::{Beacon, Contribution, Input, Proof, SecretKey, fold, prove, verify},
    draw::{Shares, Taken, deal},
    ids::NetworkId,
    keys::{ConsensusKey, ReceiveKey},
    ledger::ValidatorsHash,
};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::{Value, json};

/// Random draws that the script makes again.
const DRAWS: u64 = 14;

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests crate stands in the workspace").to_owned()
}

fn page() -> String {
    fs::read_to_string(root().join("docs/draw.md")).expect("the page can be read")
}

/// Returns the input and the output that stand on the page.
fn vector(page: &str) -> [Value; 2] {
    let blocks: Vec<_> = page.split("```json\n").skip(1).collect();
    assert_eq!(blocks.len(), 2, "an input and an output");
    [0, 1].map(|at| {
        let (json, _) = blocks[at].split_once("```").expect("a block ends");
        serde_json::from_str(json).expect("a block is JSON")
    })
}

/// Whom an input's chain has, and what is put into its packet.
pub(super) struct Draw<'a> {
    pub(super) seed: u64,
    pub(super) height: u64,
    /// The voting powers at first.
    pub(super) powers: &'a [u64],
    /// Those from the third block on, if the set changes there.
    pub(super) later: Option<&'a [u64]>,
    pub(super) blocks: usize,
    pub(super) total: u64,
    pub(super) count: u32,
    pub(super) claims: [usize; 2],
}

/// Makes an input: a chain from `height` on, and a packet that is claimed there.
pub(super) fn input(draw: &Draw<'_>) -> Value {
    let Draw { seed, height, powers, later, total, count, claims, .. } = *draw;
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut bytes = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let (chain, packet) = (NetworkId(bytes()), hex::encode(bytes()));
    let keys: Vec<_> =
        powers.iter().map(|_| (ConsensusKey(bytes()), SecretKey::from_bytes(bytes()))).collect();
    let first = Beacon(std::array::from_fn(|at| u8::try_from(at).expect("one of 64")));
    let mut previous = first;
    let mut blocks = Vec::new();
    // One proposer comes twice, as after a failed round.
    for (height, turn) in (height..).zip([0, 1, 1, 2, 3, 4, 5, 6]).take(draw.blocks) {
        let at = turn % keys.len();
        let (proposer, secret) = &keys[at];
        let (powers, set) = match later {
            Some(later) if blocks.len() >= 2 => (later, 0x22),
            _ => (powers, 0x11),
        };
        let (beacon, proof) = prove(secret, &Input { chain, height, previous }).unwrap();
        blocks.push(json!({
            "height": height, "proposer": proposer.to_string(), "power": powers[at],
            "total": powers.iter().sum::<u64>(), "validators": hex::encode([set; 32]),
            "key": secret.public().to_string(), "proof": proof.to_string(),
        }));
        previous = beacon;
    }
    let claims: Vec<_> = (height..)
        .zip(claims)
        .map(|(height, claims)| {
            let claimers: Vec<_> = (0..claims).map(|_| ReceiveKey(bytes()).to_string()).collect();
            json!({ "height": height, "claimers": claimers })
        })
        .collect();
    json!({
        "chain": chain.to_string(), "packet": packet, "total": total, "count": count,
        "opened": height - 1, "previous": first.to_string(), "blocks": blocks, "claims": claims,
    })
}

/// The draw on the page.
pub(super) const EXAMPLE: Draw<'_> = Draw {
    seed: 1,
    height: 250,
    powers: &[1; 4],
    later: None,
    blocks: 5,
    total: 10_000,
    count: 5,
    claims: [2, 2],
};

pub(super) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub(super) fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

pub(super) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

/// Returns what our code makes of an input.
pub(super) fn output(given: &Value) -> Value {
    let chain = text(&given["chain"]).parse().unwrap();
    let packet = *text(&given["packet"]).parse::<NetworkId>().unwrap().as_bytes();
    let mut previous: Beacon = text(&given["previous"]).parse().unwrap();
    let (mut alphas, mut after) = (Vec::new(), Vec::new());
    for block in list(&given["blocks"]) {
        let height = number(&block["height"]);
        let input = Input { chain, height, previous };
        let proof: Proof = text(&block["proof"]).parse().unwrap();
        previous = verify(&text(&block["key"]).parse().unwrap(), &input, &proof).unwrap();
        alphas.push(hex::encode(input.alpha().unwrap()));
        after.push(Contribution {
            height,
            proposer: text(&block["proposer"]).parse().unwrap(),
            power: number(&block["power"]),
            total: number(&block["total"]),
            validators: text(&block["validators"]).parse::<ValidatorsHash>().unwrap(),
            beacon: previous,
        });
    }
    let above = |height| after.iter().copied().filter(move |next| next.height > height);
    let first = above(number(&given["opened"])).next().expect("a block after the packet's");
    let count = u32::try_from(number(&given["count"])).unwrap();
    let shares = Shares::draw(&first.beacon, &packet, number(&given["total"]), count).unwrap();
    let mut taken = Taken::none(count).unwrap();
    let mut deals = Vec::new();
    for claims in list(&given["claims"]) {
        let height = number(&claims["height"]);
        let folded = fold(height, above(height)).unwrap().expect("enough proposers");
        let claimers: Vec<ReceiveKey> =
            list(&claims["claimers"]).iter().map(|key| text(key).parse().unwrap()).collect();
        let dealt = deal(&folded.seed, &packet, &shares, &taken, &claimers).unwrap();
        taken = dealt.taken;
        let drawn: Vec<_> = dealt.drawn.iter().map(|drawn| {
            json!({ "claimer": drawn.claimer.to_string(), "slot": drawn.slot, "amount": drawn.amount })
        }).collect();
        deals.push(json!({
            "height": height, "ready": folded.ready, "seed": folded.seed.to_string(), "drawn": drawn,
        }));
    }
    let beacons: Vec<_> = after.iter().map(|next| next.beacon.to_string()).collect();
    json!({ "alphas": alphas, "beacons": beacons, "shares": shares.amounts(), "deals": deals })
}

fn script(argument: &str, stdin: &str) -> Option<Output> {
    run("recompute.py", argument, stdin)
}

/// Runs a script, or returns nothing where there is no Python and `MAGPIE_NO_PYTHON` allows it.
pub(super) fn run(name: &str, argument: &str, stdin: &str) -> Option<Output> {
    let mut command = Command::new("python3");
    command.arg("-B").arg(root().join("tests/draw").join(name)).arg(argument);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        // Without Python the page would be checked by our own code alone, and nobody would notice.
        Err(error)
            if error.kind() == ErrorKind::NotFound
                && std::env::var_os("MAGPIE_NO_PYTHON").is_some() =>
        {
            println!("no python3 here: the script was not run");
            return None;
        }
        Err(error) => panic!("python3 does not start: {error}"),
    };
    let mut pipe = child.stdin.take().expect("stdin is a pipe");
    // A script that refuses its argument does not read on; what it says then is in the output.
    let written = pipe.write_all(stdin.as_bytes());
    assert!(stdin.is_empty() || written.is_ok(), "{written:?}");
    drop(pipe);
    Some(child.wait_with_output().expect("python3 ends"))
}

#[test]
fn the_page_has_the_draw_as_it_is() {
    let [given, expected] = vector(&page());
    let made = input(&EXAMPLE);
    assert_eq!(given, made, "\n{}\n", serde_json::to_string_pretty(&made).unwrap());
    let found = output(&given);
    assert_eq!(found, expected, "\n{}\n", serde_json::to_string_pretty(&found).unwrap());
}

#[test]
fn power_decides_when_a_fold_is_ready_and_a_new_set_counts_anew() {
    let unequal = input(&Draw { seed: 101, powers: &[6, 1, 1, 4], blocks: 6, ..EXAMPLE });
    let later = Some(&[1, 1, 1, 1][..]);
    let powers = &[500, 1_000, 1_000, 1_500];
    let change = input(&Draw { seed: 102, powers, later, blocks: 6, ..EXAMPLE });
    let ready = |given: &Value| {
        let deals = &output(given)["deals"];
        [number(&deals[0]["ready"]), number(&deals[1]["ready"])]
    };
    // Of 12, the proposers of 251 and 253 have 2; that of 254 has 4.
    assert_eq!(ready(&unequal), [254, 254]);
    // The proposer of 251 has a quarter of a set that is gone, and one of 4 of the next.
    assert_eq!(ready(&change), [253, 253]);
    let made = json!({
        "unequal powers": { "expected": output(&unequal), "given": unequal },
        "a set that changes": { "expected": output(&change), "given": change },
    });
    let path = root().join("tests/draw/vectors.json");
    if std::env::var("MAGPIE_GOLDEN").as_deref() == Ok("write") && !path.exists() {
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        fs::write(&path, text).expect("the vectors can be written");
    }
    let stored = fs::read_to_string(&path).expect("the vectors can be read");
    assert_eq!(serde_json::from_str::<Value>(&stored).expect("the vectors are JSON"), made);
}

#[test]
fn the_script_comes_to_the_same_draws() {
    // Heights on both sides of a varint's steps, sets of 1 to 7 with equal and unequal powers, some
    // of which change, totals from one unit a share up.
    let heights = [1, 247, 65_532, u64::from(u32::MAX) - 3, u64::MAX - 20];
    let inputs: Vec<_> = (0..DRAWS)
        .map(|draw| {
            let height = heights[usize::try_from(draw).unwrap() % heights.len()];
            let validators = usize::try_from(draw % 7 + 1).unwrap();
            let powers: Vec<u64> =
                if draw < 7 { vec![1; validators] } else { (1..).take(validators).collect() };
            // More for who comes late.
            let later: Vec<u64> = powers.iter().map(|power| power * power * 1_000).collect();
            let count = [1, 7, 1_000, 40][usize::try_from(draw % 4).unwrap()];
            let total =
                [u64::from(count), 123_456_789, u64::MAX][usize::try_from(draw % 3).unwrap()];
            let claims = count.min(30) as usize;
            input(&Draw {
                seed: draw + 2,
                height,
                powers: &powers,
                later: draw.is_multiple_of(3).then_some(&later[..]),
                blocks: 8,
                total,
                count,
                claims: [claims / 2, claims - claims / 2],
            })
        })
        .collect();
    let ours: Vec<_> = inputs.iter().map(output).collect();
    let lines: String = inputs.iter().map(|input| format!("{input}\n")).collect();
    let Some(ran) = script("-", &lines) else { return };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let theirs: Vec<Value> = String::from_utf8(ran.stdout)
        .expect("the script prints UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("the script prints JSON"))
        .collect();
    assert_eq!(theirs.len(), ours.len());
    for (draw, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        assert_eq!(theirs, ours, "draw {draw}");
    }
}

#[test]
fn the_script_refuses_a_page_that_is_not_true() {
    let page = page();
    let [given, expected] = vector(&page);
    let amount = &expected["deals"][0]["drawn"][0]["amount"];
    let (text_before, output_before) = page.rsplit_once("```json").expect("an output");
    let claimed = format!("\"amount\": {amount}");
    let lied = output_before.replacen(&claimed, "\"amount\": 1", 1);
    assert_ne!(lied, output_before, "the amount stands on the page");
    let proof = text(&given["blocks"][0]["proof"]);
    let forged = page.replacen(proof, &proof.replacen(&proof[70..80], "0000000000", 1), 1);
    assert_ne!(forged, page);
    for (name, wrong) in [("lied", format!("{text_before}```json{lied}")), ("forged", forged)] {
        let path =
            std::env::temp_dir().join(format!("magpie-draw-{name}-{}.md", std::process::id()));
        fs::write(&path, wrong).expect("a temporary file can be written");
        let ran = script(path.to_str().expect("a path in UTF-8"), "");
        fs::remove_file(&path).expect("the temporary file can be removed");
        let Some(ran) = ran else { return };
        assert!(!ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stdout));
    }
    let ran = script(root().join("docs/draw.md").to_str().expect("a path in UTF-8"), "");
    assert!(ran.is_none_or(|ran| ran.status.success()));
}
