"""Check an export of an mdfm book (docs/export.md) with nothing but Python: python verify_export.py FILE

It checks that every seal matches its entry, that every entry names the hash of the one before it, has two
people and adds up to zero, and that every evidence file matches its SHA-256. Exit code 0, or 1 with the line.
"""

import base64
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path


def types(names):
    """The type of each of these fields, in the order in which they are sealed."""
    return {name: int if name in NUMBERS else str for name in names.split()}


NUMBERS = ("seq", "version", "reverses", "line_count", "amount", "usd")
ENTRY = types("seq effective_on recorded_at kind version payload made_by approved_by key input_hash")
ENTRY |= types("reverses line_count prev hash")
LINE = types("account term agreement activity grant_code bank_account donor currency amount usd")


def require(holds, what):
    """Raise ValueError unless a condition holds."""
    if not holds:
        raise ValueError(what)


def fields(record, wanted):
    """The record, if it has exactly these fields of these types."""
    require({name: type(record[name]) for name in record} == wanted, "its fields are not those of the format")
    return record


def netstrings(*values):
    """Each value as its length in bytes, a colon, its bytes and a comma."""
    return b"".join(b"%d:%b," % (len(text), text) for text in (str(value).encode() for value in values))


def check_entry(entry, lines, before, files):
    """Check an entry: its place in the chain, seal, event, evidence, people and sums."""
    require((entry["seq"], entry["prev"]) == (before[0] + 1, before[1]), "it is not the next entry")
    seal = hashlib.sha256(netstrings("mdfm-entry-1", *(entry[name] for name in ENTRY if name != "hash")))
    for number, line in enumerate(lines, start=1):
        seal.update(netstrings(number, *(line[name] for name in LINE)))
    require(seal.hexdigest() == entry["hash"], "its content does not match its hash")
    event = hashlib.sha256(netstrings(entry["kind"], entry["version"], entry["payload"]))
    require(event.hexdigest() == entry["input_hash"], "its event does not match its input hash")
    for file in json.loads(entry["payload"]).get("evidence", ()):
        require(file["sha256"] in files, "it names evidence that is not in the export")
        files[file["sha256"]] = True
    require(entry["line_count"] == len(lines) != 1, "it does not have the lines that were sealed")
    two_people = entry["approved_by"] != entry["made_by"] and (entry["approved_by"] or not lines)
    require(two_people, "it was not approved by a second person")
    sums = Counter()
    for line in lines:
        memo = line["account"].startswith("9")  # memo accounts balance among themselves
        sums[line["term"], memo, line["currency"]] += line["amount"]
        sums[line["term"], memo, "value in USD"] += line["usd"]
        sums["currency clearing"] += line["usd"] if line["account"] == "1900" else 0
    require(not any(sums.values()), "its lines do not add up to zero")


def verify(export):
    """Check an export line by line; returns the number and hash of its last entry."""
    head, promised, ended, files = (0, "0" * 64), None, False, {}
    for number, raw in enumerate(export, start=1):
        try:
            record = json.loads(raw)
            text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
            require(raw == text.encode() and not ended, "it is not canonical JSON, or stands after the end")
            if promised is None:
                promised = record["head"]
                form = {"format": "mdfm-export-1", "encoding": "mdfm-entry-1", "head": promised}
                require(record == form, "it is not a header known here")
            elif "evidence" in record:
                content = base64.b64decode(fields(record, types("evidence content"))["content"])
                name, again = hashlib.sha256(content).hexdigest(), base64.b64encode(content).decode()
                require(record == {"evidence": name, "content": again}, "the file is not what its name says")
                require(name not in files, "the file is here for the second time")
                files[name] = False  # until an entry names it
            elif "entry" in record:
                entry = fields(fields(record, {"entry": dict, "lines": list})["entry"], ENTRY)
                check_entry(entry, [fields(line, LINE) for line in record["lines"]], head, files)
                head = (entry["seq"], entry["hash"])
            else:
                require(record == {"entries": head[0], "head": head[1]}, "it is not the trailer of all this")
                ended = True
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            sys.exit(f"line {number}: {error}")
    whole = ended and promised == {"seq": head[0], "hash": head[1]} and all(files.values())
    return head if whole else sys.exit("the export is cut off, or has evidence that no entry names")


if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb") as file:
        sys.stdout.write("sound: {} entries, head {}\n".format(*verify(file)))
