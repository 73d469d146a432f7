"""Checks the combined signatures of a payment, from what a card answered in a reader.

Usage: signatures.py LOG MODULUS, the authority's, in hexadecimal; its exponent is 3.

Nothing of Persotwin is used: certificates and signatures are recovered with Python's own numbers and hashes (EMV Book 2).
"""

import hashlib
import re
import sys


def sha1(*parts):
    return hashlib.sha1(b"".join(parts)).digest()


def recovered(signature, modulus):
    """What was signed, without header, hash and trailer; and the hash."""
    block = pow(int.from_bytes(signature), 3, int.from_bytes(modulus)).to_bytes(len(modulus))
    assert len(signature) == len(modulus) and block[0] == 0x6A and block[-1] == 0xBC
    return block[1:-21], block[-21:-1]


def certified(certificate, remainder, maker, subject, data=b""):
    """The key in a certificate, behind a subject of so many bytes."""
    fields, digest = recovered(certificate, maker)
    assert digest == sha1(fields, remainder, b"\x03", data)
    return fields[1 + subject + 9 :] + remainder


log, authority = open(sys.argv[1]).read(), bytes.fromhex(sys.argv[2])


def value(tag):
    return bytes.fromhex(re.search(rf" {tag}=([0-9A-F]+)", log)[1])


def tlv(tag, value):
    return bytes.fromhex(tag) + bytes([len(value)]) + value


# The record that is signed, as the log shows it, object by object.
record = re.search(r"READ RECORD SFI 2 record 1 → 9000,((?: [0-9A-F]+=[0-9A-F]*)+)", log)[1]
record = b"".join(tlv(tag, bytes.fromhex(text)) for tag, text in (it.split("=") for it in record.split()))
issuer = certified(value("90"), value("92"), authority, 4)
card = certified(value("9F46"), value("9F48"), issuer, 10, record + value("82"))

told = bytes.fromhex(re.search(r"GET PROCESSING OPTIONS, 83..([0-9A-F]*) → 9000", log)[1])
answers = re.findall(r"GENERATE AC for (\w+).*?signed \(CDA\), (\w+) → 9000, 9F27=(\w+) 9F36=(\w+) 9F4B=(\w+) 9F10=(\w+)", log)
for kind, *values in answers:
    given, information, counter, signature, issuer_data = map(bytes.fromhex, values)
    fields, digest = recovered(signature, card)
    # The unpredictable number is the last that both lists ask for.
    assert digest == sha1(fields, given[-4:])
    dynamic = fields[3 : 3 + fields[2]]
    number, dynamic = dynamic[1 : 1 + dynamic[0]], dynamic[1 + dynamic[0] :]
    assert 2 <= len(number) <= 8 and dynamic[:1] == information
    told += given
    objects = tlv("9F27", information) + tlv("9F36", counter) + tlv("9F10", issuer_data)
    assert dynamic[9:29] == sha1(told, objects)
    print(f"{kind} signed")
