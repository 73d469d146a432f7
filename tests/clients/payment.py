"""Verifies with pyemv the cryptograms of a payment, from the test master key and what the reader heard.

Usage: payment.py LOG    LOG holds the lines of `card insert --reveal`. Exit code 1 if one is not the card's.
"""

import re
import sys

from pyemv import ac, kd

# The test master key of the built-in tenant for cryptograms, index 01.
MASTER_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")

with open(sys.argv[1], encoding="utf-8") as file:
    lines = file.read().splitlines()


def answers(beginning):
    """The data objects of each good answer to commands that begin like this."""
    for line in lines:
        command, _, answer = line.partition(" → 9000, ")
        if answer and command.startswith(beginning):
            yield command, dict(re.findall(r"([0-9A-F]{2,6})=([0-9A-F]*)", answer))


def value(beginning, tag):
    return [objects[tag] for _, objects in answers(beginning) if tag in objects][-1]


pan = value("READ RECORD", "5A")
sequence = value("READ RECORD", "5F34")
profile = bytes.fromhex(value("GET PROCESSING OPTIONS", "82"))
key = kd.derive_icc_mk_a(MASTER_KEY, pan, sequence)


def expected(data, objects):
    """The cryptogram of one answer; the minimum set of data, which has no response code, for both."""
    counter, told = (bytes.fromhex(objects[tag]) for tag in ("9F36", "9F10"))
    if told[2] == 10:
        return ac.generate_ac(key, data + profile + counter + told[3:7], ac.PaddingType.VISA)
    if told[2] == 18:
        session = kd.derive_common_sk(key, counter + bytes(6))
        return ac.generate_ac(session, data + profile + counter + told, ac.PaddingType.EMV)
    sys.exit(f"cryptogram version {told[2]} is unknown here")


for kind, identity, before in (("ARQC", "80", 0), ("TC", "40", 2)):
    ((command, objects),) = list(answers(f"GENERATE AC for {kind}"))
    data = bytes.fromhex(command.rpartition(", ")[2])[before:]
    if objects["9F27"] != identity:
        sys.exit(f"the card does not answer with a {kind}")
    if objects["9F26"] != expected(data, objects).hex().upper():
        sys.exit(f"the {kind} is not the one that the issuer's key gives")
    print(f"{kind} verified")
