#!/usr/bin/env python3
"""Checks a packet that a node shows: its cut, its draws and who got what, by docs/draw.md.

    audit.py DETAIL [HEADERS]   DETAIL is the answer of redpacket.detail in JSON, HEADERS the answers of
                                ledger.header, one JSON object a line; prints what each claim got
    audit.py -                  reads objects {"detail": …, "headers": […]} from stdin, one a line, prints
                                "right" or what is wrong, one line for each

The beacons of the answer are proven, the shares cut and dealt again. Headers, best from another node, show
that the beacons are the chain's: those of the packet's own height, of each height with claims, and of each
beacon. It needs Python's standard library and recompute.py beside it, and shares no code with Magpie.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

import recompute  # noqa: E402

DRAWN = (2, 5)


class Wrong(Exception):
    """What is wrong with a packet."""


def need(holds, what):
    if not holds:
        raise Wrong(what)


def output_of(proof):
    """Returns the beacon that a proof speaks of, unproven."""
    gamma = recompute.decode(proof[:32])
    need(gamma is not None, "a malformed proof")
    return recompute.sha512(b"\x03\x03", recompute.encode(recompute.multiply(8, gamma)), b"\0")


def prove(chain, row):
    """Proves the beacon of a row."""
    height = row["height"]
    need(row["key"] is not None and row["previous"] is not None, f"nothing proves the beacon of {height}")
    alpha = recompute.alpha_of(chain, height, bytes.fromhex(row["previous"]))
    try:
        output = recompute.beacon_of(bytes.fromhex(row["key"]), alpha, bytes.fromhex(row["proof"]))
    except ValueError as error:
        raise Wrong(f"the beacon of {height}: {error}") from error
    need(output.hex() == row["output"], f"the beacon of {height} is {output.hex()}")


def beacons(detail, headers):
    """Returns the beacons by height, proven, and compared with each other and with the headers."""
    chain, rows = bytes.fromhex(detail["chain"]), {}
    for row in detail["beacons"] + [detail["beacon"]] * (detail["beacon"] is not None):
        height = row["height"]
        need(rows.setdefault(height, row) == row, f"two beacons of {height}")
    for height, row in sorted(rows.items()):
        prove(chain, row)
        before = rows.get(height - 1)
        need(before is None or before["output"] == row["previous"], f"{height} does not follow {height - 1}")
        need(height > 1 or row["previous"] == "00" * 64, "the first block follows no beacon")
        header = headers.get(height)
        if header is not None:
            told = [header["beacon"], header["proposer"], header["validators"]]
            need(told == [row["proof"], row["proposer"], row["validators"]], f"the header of {height} differs")
        header = headers.get(height - 1)
        if header is not None:
            output = output_of(bytes.fromhex(header["beacon"])).hex()
            need(output == row["previous"], f"the header of {height - 1} has another beacon")
    return rows


def check_claims(detail, headers):
    """Checks what the claims say by themselves, and returns them by height."""
    users, left, count = detail["users"], detail["left"], detail["count"]
    need(len(users) == count - left, f"{len(users)} claims, {count - left} are counted")
    need(len({user["receiveKey"] for user in users}) == len(users), "somebody claims twice")
    paid = sum(user["price"] for user in users)
    need(paid + detail["returned"] <= detail["total_price"], "more went out than was put in")
    waiting = any(user["paidHeight"] is None for user in users)
    if not waiting and (left == 0 or detail["returned"] > 0):
        need(paid + detail["returned"] == detail["total_price"], "less went out than was put in")
    claims = {}
    for user in users:
        height, at = user["height"], user["paidHeight"]
        need(detail["height"] <= height <= detail["asOfHeight"], f"a claim at {height}")
        need(at is None or height <= at <= detail["asOfHeight"], f"a claim of {height} paid at {at}")
        need(at is not None or user["price"] == 0 and user["slot"] is None, "an unpaid claim has a price")
        header = headers.get(height)
        if header is not None:
            need(header["time_ms"] < detail["expiresAt"], f"a claim at {height}, when the time was over")
        claims.setdefault(height, []).append(user)
    return dict(sorted(claims.items()))


def check_equal(detail, claims):
    """Checks equal shares: all alike, but that the last claim gets what does not divide."""
    need(not detail["draws"] and not detail["slots"], "equal shares are not drawn")
    total, count = detail["total_price"], detail["count"]
    share = total // count
    expected = [share] * (count - detail["left"])
    if detail["left"] == 0:
        expected[-1] = total - share * (count - 1)
    found = []
    for height, users in claims.items():
        need(all(user["paidHeight"] == height for user in users), f"claims of {height} paid later")
        # Nobody but the block says who of one height was the last.
        found += sorted((user["price"] for user in users), key=lambda price: price != share)
    need(found == expected, f"the shares are {found}, not {expected}")


def check_drawn(detail, claims, rows):
    """Cuts and deals again."""
    packet = bytes.fromhex(detail["redPacketId"])
    blocks = [{**row, "beacon": bytes.fromhex(row["output"])} for _, row in sorted(rows.items())]
    draws = {draw["height"]: draw for draw in detail["draws"]}
    done = [height for height, users in claims.items() if users[0]["paidHeight"] is not None]
    need(list(draws) == done, f"draws of {list(draws)}, claims are paid of {done}")
    need(done == list(claims)[:len(done)], "a higher height is drawn before a lower one")
    row = detail["beacon"]
    if row is None:
        need(not done and not detail["slots"], "shares without a cut")
        return
    need(row["height"] == detail["height"] + 1, f"cut by {row['height']}, opened at {detail['height']}")
    shares = recompute.cut(bytes.fromhex(row["output"]), packet, detail["total_price"], detail["count"])
    need(shares == detail["slots"], f"the cut is {shares}")
    left, last = list(range(detail["count"])), 0
    for height in done:
        try:
            seed, ready = recompute.fold(height, blocks)
        except ValueError as error:
            raise Wrong(str(error)) from error
        need(all(next in rows for next in range(height + 1, ready + 1)), f"the fold of {height} has a gap")
        told = (draws[height]["seed"], draws[height]["ready"])
        need((seed.hex(), ready) == told, f"the seed of {height} is {seed.hex()} at {ready}")
        users = {user["receiveKey"]: user for user in claims[height]}
        at = {user["paidHeight"] for user in users.values()}
        need(len(at) == 1 and min(at) >= max(ready, last), f"the claims of {height} are drawn out of turn")
        last = min(at)
        for drawn in recompute.deal(seed, packet, shares, left, list(users)):
            user = users[drawn["claimer"]]
            told = {"claimer": drawn["claimer"], "slot": user["slot"], "amount": user["price"]}
            need(told == drawn, f"{drawn['claimer']} draws {drawn['amount']} of slot {drawn['slot']}")


def audit(detail, headers):
    """Checks an answer, or raises Wrong."""
    try:
        check(detail, headers)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Wrong(f"a malformed answer: {error!r}") from error


def check(detail, headers):
    headers = {header["height"]: header["header"] for header in headers}
    for height, header in headers.items():
        of = (header["chain"], header["height"])
        need(of == (detail["chain"], height), f"the header of {height} is of another chain or height")
    claims = check_claims(detail, headers)
    if detail["kind"] in DRAWN:
        check_drawn(detail, claims, beacons(detail, headers))
    else:
        check_equal(detail, claims)


def data(text):
    """Returns an answer's data, with or without what the API puts around it."""
    answer = json.loads(text)
    return answer.get("data", answer)


def main(arguments):
    if arguments == ["-"]:
        for line in sys.stdin:
            given = json.loads(line)
            try:
                audit(given["detail"], given["headers"])
                print("right", flush=True)
            except Wrong as wrong:
                print(wrong, flush=True)
    elif len(arguments) in (1, 2):
        detail, *headers = [pathlib.Path(path).read_text("utf-8") for path in arguments]
        detail, headers = data(detail), [data(line) for text in headers for line in text.splitlines()]
        try:
            audit(detail, headers)
        except Wrong as wrong:
            sys.exit(f"wrong: {wrong}")
        for user in detail["users"]:
            slot = "" if user["slot"] is None else f" of slot {user['slot']}"
            paid = f"{user['price']} units{slot}" if user["paidHeight"] else "waits"
            print(f"{user['receiveKey']} at {user['height']}: {paid}")
        print(f"{len(detail['users'])} of {detail['count']} shares are right, with {len(headers)} headers")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
