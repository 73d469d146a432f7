"""Checks a payment as an issuer would, with pyemv and the test master keys, and says everything that does not agree.

Usage: authorisation.py < payment.json    Exit code 1 if anything differs.

The payment is what left the terminal: {"pan", "psn", "request": {tags of the first cryptogram}, "answer": {"8A", "91"}, "approval":
{tags of the second}}, the values of tags in hexadecimal.
"""

import json
import sys

from pyemv import cvn

# The test master keys of the built-in tenant, index 01.
MASTER_KEYS = {
    "iss_mk_ac": bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"),
    "iss_mk_smi": bytes.fromhex("1123456789ABCDEFFEDCBA9876543210"),
    "iss_mk_smc": bytes.fromhex("2123456789ABCDEFFEDCBA9876543210"),
}
TERMINAL = ["9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36"]

differences = []


def same(what, found, expected):
    if found != expected:
        differences.append(what)


def cryptogram(card, version, tags):
    values = {f"tag_{tag.lower()}": tags[tag] for tag in TERMINAL}
    if version == 10:
        return card.generate_ac(**values, cvr=tags["9F10"][3:])
    return card.generate_ac(**values, tag_9f10=tags["9F10"])


def answer(card, version, request, told):
    """Tag 91, as the issuer makes it for this response code."""
    if version == 10:
        return card.generate_arpc(tag_9f26=request["9F26"], arpc_rc=told["8A"]) + told["8A"]
    update = told["91"][4:]
    return card.generate_arpc(tag_9f26=request["9F26"], tag_9f36=request["9F36"], csu=update) + update


def tags(values):
    return {tag: bytes.fromhex(value) for tag, value in values.items()}


payment = json.load(sys.stdin)
request, approval, told = (tags(payment[part]) for part in ("request", "approval", "answer"))
version = request["9F10"][2]
kind = {10: cvn.VisaCVN10, 18: cvn.VisaCVN18}[version]
card = kind(**MASTER_KEYS, pan=payment["pan"], psn=payment["psn"])
same("request: key index", request["9F10"][1], 1)
same("request: type", request["9F27"][0] & 0xC0, 0x80)
same("request: cryptogram", cryptogram(card, version, request), request["9F26"])
same("answer", answer(card, version, request, told), told["91"])
same("approval: type", approval["9F27"][0] & 0xC0, 0x40)
same("approval: counter", approval["9F36"], request["9F36"])
same("approval: cryptogram", cryptogram(card, version, approval), approval["9F26"])
if differences:
    sys.exit("\n".join(differences))
print(f"a payment with cryptogram version {version}: all agrees")
