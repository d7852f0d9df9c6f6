#!/usr/bin/env python3
"""Recomputes draws by docs/draw.md, with Python's standard library alone.

    recompute.py             checks the vector that stands in docs/draw.md, and those of vectors.json
    recompute.py FILE        checks the vector in another Markdown file
    recompute.py -           reads inputs from stdin, one JSON object a line, prints the outputs

It shares no code with Magpie: whoever does not believe the Rust reads this instead.
"""

import hashlib
import json
import pathlib
import re
import sys

# -- the curve: edwards25519, RFC 8032 -------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)


def add(a, b):
    """Adds two points in extended coordinates."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def multiply(scalar, point):
    out = ZERO
    while scalar:
        if scalar & 1:
            out = add(out, point)
        point = add(point, point)
        scalar >>= 1
    return out


def negate(point):
    return -point[0] % P, point[1], point[2], -point[3] % P


def encode(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """Returns the point of 32 bytes, or None if they are not the one spelling of a point."""
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


# -- beacons: RFC 9381, ECVRF-EDWARDS25519-SHA512-TAI ----------------------------------------------


def sha512(*parts):
    return hashlib.sha512(b"".join(parts)).digest()


def varint(number):
    if number < 251:
        return bytes([number])
    for mark, size in ((251, 2), (252, 4), (253, 8)):
        if number < 1 << 8 * size:
            return bytes([mark]) + number.to_bytes(size, "little")
    raise ValueError(f"{number} does not fit 64 bits")


def alpha_of(chain, height, previous):
    return b"magpie/1/beacon-input\0\x01" + chain + varint(height) + previous


def beacon_of(key, alpha, proof):
    """Returns the beacon that the proof proves, or raises ValueError."""
    public, gamma = decode(key), decode(proof[:32])
    c, s = int.from_bytes(proof[32:48], "little"), int.from_bytes(proof[48:], "little")
    if len(proof) != 80 or public is None or gamma is None or s >= Q:
        raise ValueError("a malformed key or proof")
    if encode(multiply(8, public)) == encode(ZERO) or encode(multiply(Q, public)) != encode(ZERO):
        raise ValueError("a key outside the prime-order group")
    for attempt in range(256):
        h = decode(sha512(b"\x03\x01", key, alpha, bytes([attempt]), b"\0")[:32])
        if h is not None and encode(multiply(8, h)) != encode(ZERO):
            break
    else:
        raise ValueError("the input falls on no point")
    h = multiply(8, h)
    u = add(multiply(s, BASE), negate(multiply(c, public)))
    v = add(multiply(s, h), negate(multiply(c, gamma)))
    challenge = sha512(b"\x03\x02", *map(encode, (public, h, gamma, u, v)), b"\0")[:16]
    if challenge != proof[32:48]:
        raise ValueError("a proof that does not hold")
    return sha512(b"\x03\x03", encode(multiply(8, gamma)), b"\0")


# -- the draw --------------------------------------------------------------------------------------


def fold(height, blocks):
    """Returns the seed for the claims of a height and the height at which it is ready."""
    counted, validators, powers = {}, None, {}
    for block in (block for block in blocks if block["height"] > height):
        counted.setdefault(block["proposer"], block)
        if block["validators"] != validators:
            validators, powers = block["validators"], {}
        powers[block["proposer"]] = block["power"]
        if 3 * sum(powers.values()) >= block["total"] or block["height"] == height + 1024:
            break
    else:
        raise ValueError(f"the fold of height {height} is not ready")
    data = b"magpie/1/beacon-fold\0" + height.to_bytes(8, "big") + len(counted).to_bytes(8, "big")
    for entry in counted.values():
        data += entry["height"].to_bytes(8, "big") + bytes.fromhex(entry["proposer"])
        data += entry["beacon"]
    return hashlib.sha256(data).digest(), block["height"]


def below(bound, data):
    """Returns a number under the bound, from the first word that is in a complete run of it."""
    for attempt in range(128):
        word = hashlib.sha256(data + attempt.to_bytes(4, "big")).digest()[:8]
        word = int.from_bytes(word, "big")
        if word < 2**64 - 2**64 % bound:
            break
    return word % bound


def cut(beacon, packet, total, count):
    """Cuts the total into shares."""
    shares = []
    for slot in range(count - 1):
        most = 2 * total // (count - slot) - 1
        data = b"magpie/1/draw-shares\0" + beacon + packet + slot.to_bytes(4, "big")
        shares.append(1 + below(most, data))
        total -= shares[-1]
    return shares + [total]


def deal(seed, packet, shares, left, claimers):
    """Gives each claimer one of the slots left, and takes them out of `left`."""
    drawn = []
    for claimer in sorted(map(bytes.fromhex, claimers)):
        slot = left.pop(below(len(left), b"magpie/1/draw-claim\0" + seed + packet + claimer))
        drawn.append({"claimer": claimer.hex(), "slot": slot, "amount": shares[slot]})
    return drawn


def recompute(given):
    """Returns the output of one vector's input."""
    chain, packet = bytes.fromhex(given["chain"]), bytes.fromhex(given["packet"])
    previous, alphas, blocks = bytes.fromhex(given["previous"]), [], []
    for block in given["blocks"]:
        alphas.append(alpha_of(chain, block["height"], previous))
        key, proof = bytes.fromhex(block["key"]), bytes.fromhex(block["proof"])
        previous = beacon_of(key, alphas[-1], proof)
        blocks.append({**block, "beacon": previous})
    first = next(block for block in blocks if block["height"] > given["opened"])
    shares = cut(first["beacon"], packet, given["total"], given["count"])
    left, deals = list(range(given["count"])), []
    for claims in given["claims"]:
        seed, ready = fold(claims["height"], blocks)
        drawn = deal(seed, packet, shares, left, claims["claimers"])
        deals.append({"height": claims["height"], "ready": ready, "seed": seed.hex(), "drawn": drawn})
    return {
        "alphas": [alpha.hex() for alpha in alphas],
        "beacons": [block["beacon"].hex() for block in blocks],
        "shares": shares,
        "deals": deals,
    }


def check(path):
    """Recomputes the vector of a Markdown file and ends with an error if it does not agree."""
    found = re.findall(r"^```json\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S)
    if len(found) != 2:
        sys.exit(f"{path}: {len(found)} JSON blocks, expected an input and an output")
    compare(path.name, *map(json.loads, found))


def compare(path, given, expected):
    try:
        output = recompute(given)
    except ValueError as error:
        sys.exit(f"{path}: {error}")
    wrong = [name for name in output.keys() | expected.keys() if output.get(name) != expected.get(name)]
    for name in sorted(wrong):
        print(f"{path}: {name} is {json.dumps(output.get(name))}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"{path}: {len(output['beacons'])} beacons, {len(output['shares'])} shares and "
          f"{sum(len(deal['drawn']) for deal in output['deals'])} claims agree")


def main(arguments):
    if arguments == ["-"]:
        for line in sys.stdin:
            print(json.dumps(recompute(json.loads(line))), flush=True)
    elif len(arguments) <= 1:
        script = pathlib.Path(__file__).resolve()
        check(pathlib.Path(arguments[0]) if arguments else script.parents[2] / "docs" / "draw.md")
        for name, vector in json.loads(script.with_name("vectors.json").read_text("utf-8")).items():
            compare(name, vector["given"], vector["expected"])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
