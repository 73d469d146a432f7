"""Reads a card through PC/SC as a terminal does, and prints what it found as JSON: ATR, names, counter, records.

Usage: pcsc.py, with a card in the first reader.
"""

import json

from smartcard.System import readers

PSE = b"1PAY.SYS.DDF01"

card = readers()[0].createConnection()
card.connect()


def send(command, *, le=True):
    """The answer to a command; what waits for GET RESPONSE, and what wants another length, is fetched."""
    data, sw1, sw2 = card.transmit(list(command) + ([0] if le else []))
    if sw1 == 0x6C:
        data, sw1, sw2 = card.transmit(list(command) + [sw2])
    while sw1 == 0x61:
        more, sw1, sw2 = card.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
        data += more
    return bytes(data), f"{sw1:02X}{sw2:02X}"


def must(command, **how):
    data, status = send(command, **how)
    assert status == "9000", f"{command.hex()}: {status}"
    return data


def objects(data):
    """The data objects of one level, by tag."""
    found, at = {}, 0
    while at < len(data):
        end = at + 1
        if data[at] & 0x1F == 0x1F:
            end += 1
            while data[end - 1] & 0x80:
                end += 1
        tag, length = data[at:end].hex().upper(), data[end]
        end += 1
        if length > 0x80:
            size = length - 0x80
            length, end = int.from_bytes(data[end : end + size], "big"), end + size
        found[tag], at = data[end : end + length], end + length
    return found


def select(name, **how):
    return objects(must(bytes([0x00, 0xA4, 0x04, 0x00, len(name)]) + name, **how))["6F"]


def read_record(sfi, record):
    return must(bytes([0x00, 0xB2, record, sfi << 3 | 4]))


directory = objects(select(PSE))
sfi = objects(directory["A5"])["88"][0]
entry = objects(objects(read_record(sfi, 1))["70"])["61"]
aid = objects(entry)["4F"]
# Both ways in which readers of the two protocols send a command with data and an answer.
assert select(aid) == select(aid, le=False)
answer = must(bytes.fromhex("80A80000048302" + "0840"))
locator = objects(objects(answer)["77"])["94"]
records = {}
for at in range(0, len(locator), 4):
    sfi, first, last = locator[at] >> 3, locator[at + 1], locator[at + 2]
    for record in range(first, last + 1):
        records[f"{sfi:02X}{record:02X}"] = read_record(sfi, record).hex().upper()
beyond = send(bytes([0x00, 0xB2, 0x7F, sfi << 3 | 4]))[1]
counter = objects(must(bytes.fromhex("80CA9F36")))["9F36"]
print(
    json.dumps(
        {
            "atr": bytes(card.getATR()).hex().upper(),
            "aid": aid.hex().upper(),
            "records": records,
            "beyond": beyond,
            "counter": int.from_bytes(counter, "big"),
        }
    )
)
