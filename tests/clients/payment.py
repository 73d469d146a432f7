"""Verifies with pyemv the cryptogram of a payment, from the test master key and what the reader heard.

Usage: payment.py LOG    LOG holds the lines of `card insert --reveal`. Exit code 1 if the cryptogram is not the card's.
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
((command, objects),) = list(answers("GENERATE AC for ARQC"))
sent = bytes.fromhex(command.rpartition(", ")[2])
counter, told = (bytes.fromhex(objects[tag]) for tag in ("9F36", "9F10"))
assert objects["9F27"] == "80", "the card answers with an ARQC"
key = kd.derive_icc_mk_a(MASTER_KEY, pan, sequence)
version = told[2]
if version == 10:
    expected = ac.generate_ac(key, sent + profile + counter + told[3:7], ac.PaddingType.VISA)
elif version == 18:
    session = kd.derive_common_sk(key, counter)
    expected = ac.generate_ac(session, sent + profile + counter + told, ac.PaddingType.EMV)
else:
    sys.exit(f"cryptogram version {version} is unknown here")
if expected.hex().upper() != objects["9F26"]:
    sys.exit("the cryptogram is not the one that the issuer's key gives")
print(f"a cryptogram of version {version}: verified")
