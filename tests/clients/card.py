"""Recomputes what is on a produced card with psec and pyemv, and says everything that does not agree.

Usage: card.py FILE.card.json [PATTERN]    Exit code 1 if anything differs.

PATTERN is the product's pattern of discretionary data on track 2, unless it is the built-in one.
"""

import json
import sys

from psec import cvv, des
from pyemv import kd, tlv

# The test master keys of the built-in tenant, index 01.
CVK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
MASTER_KEYS = {
    "AC": bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"),
    "SMI": bytes.fromhex("1123456789ABCDEFFEDCBA9876543210"),
    "SMC": bytes.fromhex("2123456789ABCDEFFEDCBA9876543210"),
}
SERVICE_CODE = "201"
TRACK1_PATTERN = "000000|cvv|000000"
TRACK2_PATTERN = sys.argv[2] if len(sys.argv) > 2 else "0000|cvv|000000"

differences = []


def same(what, found, expected):
    if found != expected:
        differences.append(what)


def filled(pattern, value):
    return pattern.replace("cvv", value).replace("|", "")


def records(groupings):
    """The data of all records by tag; records are the groupings from 0101 to 1EFF."""
    data = {}
    for name, content in groupings.items():
        if name < "2000":
            data.update(tlv.decode(bytes.fromhex(content), flatten=True))
    return data


def read_track(what, track, width, base):
    """The text of a track from its bits: least significant bit first, odd parity, a check character at the end."""
    bits = [int(bit) for bit in track["bits"]]
    characters = [bits[at : at + width] for at in range(0, len(bits) - width + 1, width)]
    same(f"{what}: parity", {sum(character) % 2 for character in characters}, {1})
    values = [sum(bit << at for at, bit in enumerate(character[:-1])) for character in characters]
    end = values.index(ord("?") - base)
    check = 0
    for value in values[: end + 1]:
        check ^= value
    same(f"{what}: check character", values[end + 1 :], [check])
    text = "".join(chr(base + value) for value in values[: end + 1])
    same(f"{what}: text", text, track["text"])
    return text


def check_stripe(stripe, pan, expiry):
    expected = cvv.generate_cvv(CVK, pan, expiry, SERVICE_CODE)
    one = read_track("track 1", stripe["track1"], 7, 0x20)
    number, _, rest = one[2:-1].split("^")
    same("track 1: number", (one[:2], number), ("%B", pan))
    same("track 1: expiry and service code", rest[:7], expiry + SERVICE_CODE)
    same("track 1: CVV1", rest[7:], filled(TRACK1_PATTERN, expected))
    two = read_track("track 2", stripe["track2"], 5, 0x30)
    number, rest = two[1:-1].split("=")
    same("track 2: number", number, pan)
    same("track 2: expiry and service code", rest[:7], expiry + SERVICE_CODE)
    same("track 2: CVV1", rest[7:], filled(TRACK2_PATTERN, expected))


def check_chip(data, groupings, pan, psn, expiry):
    expected = cvv.generate_cvv(CVK, pan, expiry, "999")
    equivalent = data["57"].hex().upper().rstrip("F")
    same("tag 57: iCVV", equivalent, f"{pan}D{expiry}{SERVICE_CODE}{filled(TRACK2_PATTERN, expected)}")
    same("tag 9F1F: iCVV", data["9F1F"].decode(), filled(TRACK1_PATTERN, expected))
    keys = [kd.derive_icc_mk_a(master, pan, psn) for master in MASTER_KEYS.values()]
    found = bytes.fromhex(groupings["8000"])
    for at, (name, key) in enumerate(zip(MASTER_KEYS, keys)):
        same(f"grouping 8000: key {name}", found[16 * at : 16 * at + 16], key)
    checks = bytes.fromhex(groupings["9000"])
    for at, (name, key) in enumerate(zip(MASTER_KEYS, keys)):
        same(f"grouping 9000: check value {name}", checks[3 * at : 3 * at + 3], des.generate_kcv(key, 3))
    same("grouping 8000: length", len(found), 48)
    same("grouping 9000: length", len(checks), 9)


with open(sys.argv[1]) as file:
    card = json.load(file)
(groupings,) = [one["groupings"] for one in card["chip"]["applications"] if one["groupings"]]
data = records(groupings)
pan = data["5A"].hex().upper().rstrip("F")
psn = data["5F34"].hex()
expiry = data["5F24"].hex()[:4]
check_stripe(card["stripe"], pan, expiry)
check_chip(data, groupings, pan, psn, expiry)
back = card["back"]["layout"]
same("back: CVV2", back["cvv2"], cvv.generate_cvv(CVK, pan, expiry, "000"))
same("back: number", back["pan"].replace(" ", ""), pan)
same("back: expiry", back["expiry"], f"{expiry[2:]}/{expiry[:2]}")
if differences:
    sys.exit("\n".join(differences))
print(f"a card of {len(pan)} digits: all agrees")
