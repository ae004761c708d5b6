"""Judge an export of an mdfm book with nothing but Python: python verify_export.py FILE [export-rules.json]

It checks what docs/export.md, docs/sealing.md and docs/judging-entries.md promise. The rules come from the
header of the file, which a forger could weaken: give the published ones, and it must be as strict as those.
Exit code 0, 1 with one sentence that names the line, or 2 if a file cannot be read.
"""

import base64
import hashlib
import json
import re
import sys
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from unicodedata import category, normalize

LARGEST, DEEPEST, LONGEST = 2**63 - 1, 32, 36 * 1024 * 1024
LIMITS = {"depth": DEEPEST, "line": LONGEST, "number": LARGEST}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}\+00:00")
PERIOD = re.compile(r"[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?")
SHA256, CURRENCY = re.compile(r"[0-9a-f]{64}"), re.compile(r"[A-Z]{3}")
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols in name, of which nothing is printed
NUMBERS = {"seq", "version", "reverses", "line_count", "amount", "usd", "id", "entry", "batch"}


def types(names):
    """The type of each of these fields, in the order in which they are sealed."""
    return {name: int if name in NUMBERS else str for name in names.split()}


ENTRY = types("seq effective_on recorded_at kind version payload made_by approved_by key input_hash")
ENTRY |= types("reverses line_count prev hash")
PLACE = types("account term agreement activity grant_code bank_account donor currency")
LINE = PLACE | types("amount usd")
PROPOSAL = types("id kind version payload made_by made_at status decided_by entry batch")
KIND = types("kind version") | {"second_person": bool, "reversible": bool}
ACCOUNT = types("code name class side allotment") | {"requires": list, "dollars_only": bool}
ALLOTMENT = {"allocated": 0, "used": 1, "committed": 2}
CONTACT, LETTER = types("donor name role email phone address"), types("sha256 donor contact content")


class Wrong(Exception):
    """What is wrong with a line."""


def require(holds, what):
    """Raise Wrong unless a condition holds."""
    if not holds:
        raise Wrong(what)


def whole(digits):
    """A number of JSON, if it is whole and within the limits."""
    require(digits.lstrip("-").isdigit(), "a number is not a whole number")
    require(len(digits) <= 20 and abs(int(digits)) <= LARGEST, "a number is too large")
    return int(digits)


DECODER = json.JSONDecoder(parse_int=whole, parse_float=whole, parse_constant=whole)
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(text, what="it"):
    """The object that a text is in canonical JSON."""
    try:
        value = DECODER.decode(text)
        canonical = ENCODER.encode(value)
    except (ValueError, RecursionError, MemoryError):
        raise Wrong(f"{what} is not JSON") from None
    require(isinstance(value, dict) and canonical == text, f"{what} is not an object in canonical JSON")
    return value


def depth(value):
    """How many arrays and objects are nested."""
    levels, inside = 0, [value]
    while inside:
        levels += 1
        parts = [part for each in inside for part in (each.values() if isinstance(each, dict) else each)]
        inside = [part for part in parts if isinstance(part, (dict, list))]
    return levels


def fields(record, wanted):
    """The record, if it has exactly these fields of these types."""
    have = isinstance(record, dict) and {name: type(value) for name, value in record.items()}
    require(have == wanted, "its fields are not those of the format")
    return record


def netstrings(*values):
    """Each value as its length in bytes, a colon, its bytes and a comma."""
    texts = [str(value) for value in values]
    joined = "".join([f"{len(text)}:{text}," for text in texts])
    if joined.isascii():  # a character is a byte
        return joined.encode()
    return b"".join([b"%d:%b," % (len(text), text) for text in map(str.encode, texts)])


def is_form(form, read_as, text):
    """Whether a value is a text in this form that can be read as a day or a time, as 30 February cannot."""
    try:
        return isinstance(text, str) and bool(form.fullmatch(text) and read_as(text))
    except ValueError:
        return False


def is_file(content, sha256):
    """Whether a text is the base64 of the file with this SHA-256."""
    try:
        file = base64.b64decode(content, validate=True)
    except ValueError:
        return False
    return (hashlib.sha256(file).hexdigest(), base64.b64encode(file).decode()) == (sha256, content)


def is_unseen(char):
    """Whether nothing of a character is printed, white space apart."""
    return category(char)[0] == "C" or char in FILLERS


@lru_cache(10_000)
def folded(name):
    """A name without what its spellings may differ by: case, form, marks, white space, unseen characters."""
    name = normalize("NFKD", normalize("NFKD", name).casefold())
    unseen = [char for char in set(name) if is_unseen(char) or category(char) in ("Mn", "Me")]
    return " ".join(name.translate({ord(char): None for char in unseen if not char.isspace()}).split())


def require_names(*names):
    """Refuse a name of which nothing can be seen, or that has a character which nobody sees."""
    seen = all(folded(name) and not any(map(is_unseen, name)) for name in names if name)
    require(seen, "a name has what nobody can see, or nothing else")


class Rules:
    """The kinds of events and the chart of accounts."""

    def __init__(self, rules):
        fields(rules, {"chart": list, "kinds": list, "limits": dict})
        self.kinds = {(fields(each, KIND)["kind"], each["version"]): each for each in rules["kinds"]}
        self.chart = {fields(each, ACCOUNT)["code"]: each for each in rules["chart"]}
        for account in self.chart.values():
            sides, allotments = ("debit", "credit", "either"), ("", *ALLOTMENT)
            known = account["side"] in sides and account["allotment"] in allotments
            require(known and all(name in [*PLACE] for name in account["requires"]), "there is no such rule")
        once = len(self.kinds) == len(rules["kinds"]) and len(self.chart) == len(rules["chart"])
        require(once, "a kind or an account stands twice in the rules")
        require(rules["limits"] == LIMITS, "the limits are not those of the format")
        self.sha256 = hashlib.sha256(ENCODER.encode(rules).encode() + b"\n").hexdigest()

    def require_as_strict_as(self, published):
        """Refuse a kind or an account that the published rules do not have, or have in a stricter form."""
        for key, kind in self.kinds.items():
            own = published.kinds.get(key, {"second_person": True, "reversible": False})
            strict = kind["second_person"] >= own["second_person"] and kind["reversible"] <= own["reversible"]
            require(key in published.kinds and strict, f"the kind {key[0]!a} is not as published")
        for code, account in self.chart.items():
            require(account == published.chart.get(code), f"the account {code!a} is not as published")


class Export:
    """An export, read line by line, and what its next line must agree with."""

    def __init__(self, published):
        self.published = self.rules = published
        self.promised, self.personal = None, None  # the head and the tables that the header names
        self.stage = 0  # 0: entries, 1: proposals, 2: contacts, 3: letters, 4: after the end
        self.head, self.latest = {"seq": 0, "hash": "0" * 64}, ""
        self.entries = []  # by number: the hashes of its event and people, and of its lines, and its day
        self.keys, self.reversed, self.approved, self.closed = set(), set(), set(), set()
        self.files, self.before_it, self.donors, self.letters = set(), [], set(), {}
        self.balances, self.allotments = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0, 0])
        self.counts, self.proposal, self.row = Counter(), None, ()

    def take(self, raw):
        """Check the next line."""
        require(raw.endswith(b"\n"), "it is too long" if len(raw) == LONGEST else "it is cut off")
        try:
            record = read(raw[:-1].decode())
        except UnicodeDecodeError:
            raise Wrong("it is not UTF-8") from None
        require(self.stage < 4, "it stands after the end")
        names = tuple(record)
        if self.promised is None:
            self.take_header(record)
        elif names == ("content", "evidence") and self.stage < 2:
            self.take_file(record)
        elif names == ("entry", "lines") and self.stage < 1:
            fields(record, {"entry": dict, "lines": list})
            self.take_entry(fields(record["entry"], ENTRY), record["lines"])
        elif names == ("proposal",) and self.stage < 2 and self.personal is not None:
            self.stage = 1
            self.take_proposal(fields(record["proposal"], PROPOSAL))
        elif names in (("contact",), ("letter_file",)) and self.personal and self.stage < 4:
            self.take_personal(names[0], record[names[0]])
        else:
            self.take_trailer(record)

    def take_header(self, record):
        """The format, the head, the rules, and whether there is personal data."""
        self.promised = fields(record.get("head"), types("seq hash"))
        first = {"format": "mdfm-export-1", "encoding": "mdfm-entry-1", "head": self.promised}
        if record == first:
            return
        self.personal = record.get("personal")
        second = {"format": "mdfm-export-2", "personal": self.personal, "rules": record.get("rules")}
        known = record == first | second and self.personal in ([], ["contact", "letter_file"])
        require(known, "it is not a header known here")
        self.rules = Rules(record["rules"])
        if self.published:
            self.rules.require_as_strict_as(self.published)

    def take_file(self, record):
        """An evidence file, for the next entry or proposal to name."""
        name = fields(record, types("content evidence"))["evidence"]
        require(is_file(record["content"], name), "the file is not what its name says")
        require(name not in self.files and name not in self.before_it, "the file is here for the second time")
        self.before_it.append(name)
        self.counts["evidence"] += 1

    def event(self, record):
        """The event of an entry or a proposal: its form, kind, day, and its evidence, which stands before.

        Of a rejected proposal the evidence may be lost.
        """
        event, text = read(record["payload"], "its event"), record["payload"]
        deep = text.count("[") + text.count("{") > DEEPEST and depth(event) > DEEPEST
        require(not deep, "its event is nested too deeply")
        require(is_form(DAY, date.fromisoformat, event.get("on")), "its event has no day")
        known = self.rules is None or (record["kind"], record["version"]) in self.rules.kinds
        require(known, "its kind of event is not known")
        named = event.get("evidence", [])
        require(isinstance(named, list), "its evidence is not named as it must be")
        named = [each.get("sha256") if isinstance(each, dict) else None for each in named]
        require(all(is_form(SHA256, str, name) for name in named), "its evidence is not named as it must be")
        new = [name for name in dict.fromkeys(named) if name not in self.files]
        if record.get("status") == "rejected":
            new = [name for name in new if name in self.before_it]
        require(set(new) <= set(self.before_it), "it names evidence that is not in the export")
        require(new == self.before_it, "the evidence before it is not what it names, in this order")
        self.files.update(new)
        self.before_it = []
        return event

    def take_entry(self, entry, lines):
        """An entry: its place in the chain, its seal, its event, its people, its time and its lines."""
        in_place = (entry["seq"], entry["prev"]) == (self.head["seq"] + 1, self.head["hash"])
        require(in_place, "it is not the next entry")
        seal = hashlib.sha256(netstrings("mdfm-entry-1", *(entry[name] for name in ENTRY if name != "hash")))
        for number, line in enumerate(lines, start=1):
            fields(line, LINE)
            seal.update(netstrings(number, *(line[name] for name in LINE)))
        require(seal.hexdigest() == entry["hash"], "its content does not match its hash")
        event_hash = hashlib.sha256(netstrings(entry["kind"], entry["version"], entry["payload"])).hexdigest()
        require(event_hash == entry["input_hash"], "its event does not match its input hash")
        event, day, time = self.event(entry), entry["effective_on"], entry["recorded_at"]
        require(day == event["on"], "it is not effective on the day of its event")
        require(is_form(TIME, datetime.fromisoformat, time), "its time is not written as it must be")
        require(time >= self.latest, "it is recorded before the entry before it")
        require(entry["key"] and entry["key"] not in self.keys, "its key is empty or that of another entry")
        self.keys.add(entry["key"])
        require(entry["line_count"] == len(lines) != 1, "it does not have the lines that were sealed")
        kind = self.rules.kinds[entry["kind"], entry["version"]] if self.rules else {}
        maker, approver = entry["made_by"], entry["approved_by"]
        require_names(maker, approver)
        require(maker and folded(maker) != folded(approver), "it has no maker, or its maker approved it")
        require(
            approver or not (lines or kind.get("second_person")), "it was not approved by a second person"
        )
        self.check_reversal(entry, event, lines)
        self.check_period(entry["kind"], event, lines)
        self.check_lines(lines)
        self.check_donor(entry["kind"], event)
        people = hashlib.sha256(netstrings(event_hash, maker, approver)).digest()
        mirrored = hashlib.sha256(ENCODER.encode(lines).encode()).digest()
        self.entries.append(people + (mirrored if kind.get("reversible", True) else b"") + day.encode())
        self.head, self.latest = {"seq": entry["seq"], "hash": entry["hash"]}, time
        self.counts["entries"] += 1

    def check_donor(self, kind, event):
        """A donor has a code, and a letter a file and the code of a donor; contacts and letters follow."""
        named = {"donor registered": "code", "letter issued": "donor"}.get(kind)
        require(not named or isinstance(event.get(named), str), "it does not name a donor as it must")
        if kind == "donor registered":
            self.donors.add(event["code"])
        if kind == "letter issued":
            name = event.get("file_sha256")
            require(is_form(SHA256, str, name), "it does not name the file of a letter as it must")
            self.letters.setdefault(name, set()).add(event["donor"])

    def check_reversal(self, entry, event, lines):
        """A reversal names an entry before it that may be reversed, once, and mirrors its lines."""
        reverses = entry["kind"] == "entry reversed"
        target = event.get("entry") if reverses else 0
        require(
            type(target) is int and entry["reverses"] == target, "it does not reverse what its event says"
        )
        if reverses:
            require(0 < target < entry["seq"], "there is no such entry to reverse")
            require(target not in self.reversed, "the entry is reversed already")
            original = self.entries[target - 1]
            require(len(original) > 42, "an entry of this kind cannot be reversed")
            lines = [line | {"amount": -line["amount"], "usd": -line["usd"]} for line in lines]
            same = hashlib.sha256(ENCODER.encode(lines).encode()).digest() == original[32:-10]
            require(same, "it does not mirror the lines of the entry that it reverses")
            require(
                event["on"].encode() >= original[-10:], "it takes effect before the entry that it reverses"
            )
            self.reversed.add(target)

    def check_period(self, kind, event, lines):
        """A period is closed after its last day, and takes no lines until it is reopened."""
        day, period = event["on"], event.get("period")
        require(not (lines and self.closed & {day[:7], day[:4]}), "it has lines in a closed period")
        if kind in ("period closed", "period reopened"):
            require(isinstance(period, str) and PERIOD.fullmatch(period), "there is no such period")
            require((period in self.closed) == (kind == "period reopened"), "the period is so already")
            month = f"{period}-12"[:7]
            last = f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]}"
            require(kind == "period reopened" or day >= last, "the period has not ended on that day")
            self.closed ^= {period}

    def check_lines(self, lines):
        """Lines have what their accounts require, add up to zero, and leave no balance on its wrong side."""
        sums, places, parts = Counter(), {}, set()
        for line in lines:
            term, account, currency = line["term"], line["account"], line["currency"]
            amount, value = line["amount"], line["usd"]
            rules = self.rules.chart.get(account) if self.rules else {"side": "either"}
            require(rules, "a line is on an account that is not in the chart")
            complete = term and all(line[name] for name in rules.get("requires", ()))
            require(complete, "a line lacks a dimension that its account requires")
            blank = any(line[name] and not folded(line[name]) for name in PLACE)
            require(not blank, "a field of a line has nothing that can be seen")
            require(CURRENCY.fullmatch(currency), "the currency of a line is not three capital letters")
            require(amount or value, "a line has no amount")
            in_dollars = amount == value if currency == "USD" else not rules.get("dollars_only")
            require(in_dollars, "a line is not in dollars, or its value in dollars is another")
            memo = account.startswith("9")  # memo accounts balance among themselves
            sums[term, memo, currency] += amount
            sums[term, memo] += value
            sums["currency clearing"] += value if account == "1900" else 0
            place = tuple([line[name] for name in PLACE])
            places[place] = rules["side"]
            self.balances[place][0] += amount
            self.balances[place][1] += value
            if rules.get("allotment"):
                parts.add((term, line["agreement"], line["activity"]))
                allotment = self.allotments[term, line["agreement"], line["activity"]]
                allotment[ALLOTMENT[rules["allotment"]]] += value
        require(not any(sums.values()), "its lines do not add up to zero")
        for place, side in places.items():
            amount, value = self.balances[place]
            wrong = amount < 0 if side == "debit" else amount > 0 and side == "credit"
            require(not wrong, "it leaves a balance on the wrong side of its account")
            require(max(abs(amount), abs(value)) <= LARGEST, "it leaves a balance that is too large")
        for part in parts:
            allocated, used, committed = self.allotments[part]  # a liability: the allocated money is negative
            require(-allocated <= LARGEST, "it leaves an allotment that is too large")
            within = used >= 0 and committed >= 0 and used + committed <= -allocated
            require(within, "more is used and committed than was allocated")

    def take_proposal(self, proposal):
        """A proposal: waiting, rejected, or approved as the entry that it names."""
        maker, by, status = proposal["made_by"], proposal["decided_by"], proposal["status"]
        require(proposal["id"] == self.counts["proposals"] + 1, "it is not the next proposal")
        made = maker and is_form(TIME, datetime.fromisoformat, proposal["made_at"])
        require(made, "it does not say who made it and when")
        require_names(maker, by)
        self.event(proposal)
        require(status in ("waiting", "approved", "rejected"), "it has no such status")
        decided = bool(by) == (status != "waiting") and folded(by) != folded(maker)
        require(decided, "it was not decided by another person")
        require((proposal["entry"] != 0) == (status == "approved"), "its entry does not go with its status")
        if status == "approved":
            require(0 < proposal["entry"] <= len(self.entries), "there is no such entry")
            event = netstrings(proposal["kind"], proposal["version"], proposal["payload"])
            people = hashlib.sha256(netstrings(hashlib.sha256(event).hexdigest(), maker, by)).digest()
            same = self.entries[proposal["entry"] - 1][:32] == people
            require(same and proposal["entry"] not in self.approved, "it was approved as something else")
            self.approved.add(proposal["entry"])
        before = self.check_batch(proposal["batch"])
        if proposal["batch"] not in (0, proposal["id"]):
            alike = ("batch", "made_by", "made_at", "status", "decided_by")
            shared = before and all(before[name] == proposal[name] for name in alike)
            follows = shared and proposal["entry"] == before["entry"] + (status == "approved")
            require(follows, "it does not belong to its batch")
        self.proposal = proposal
        self.counts["proposals"] += 1

    def check_batch(self, batch):
        """The proposal before, which is not alone in its batch."""
        before = self.proposal
        alone = before and before["batch"] == before["id"] != batch
        require(not alone, "the proposal before it is alone in its batch")
        return before

    def take_personal(self, table, record):
        """A contact, or the file of a letter that an entry names; one that was erased is empty."""
        require(not self.before_it, "the evidence before it is named by nobody")
        stage = 2 if table == "contact" else 3
        fields(record, CONTACT if stage == 2 else LETTER)
        require(stage == 3 or record["donor"] in self.donors, "its donor was never registered")
        row = stage, (record["donor"], record["name"]) if stage == 2 else (record["sha256"],)
        require(row > self.row, "it is not in its order")
        self.stage, self.row = stage, row
        if stage == 3:
            issued = record["donor"] in self.letters.get(record["sha256"], ())
            require(issued, "no entry names this letter to this donor")
            whole_file = not record["content"] or is_file(record["content"], record["sha256"])
            require(whole_file, "the file is not what its name says")
        self.counts[table] += 1

    def take_trailer(self, record):
        """The end: how much there was, and the head that the header promised."""
        require(not self.before_it, "the evidence before it is named by nobody")
        self.check_batch(0)
        missing = self.personal and self.counts["letter_file"] != len(self.letters)
        require(not missing, "the file of a letter is missing before it")
        names = ("entries", "evidence", "proposals", *(self.personal or ()))
        right = {"counts": {name: self.counts[name] for name in names}, "head": self.head}
        if self.personal is None:
            right = {"entries": self.head["seq"], "head": self.head["hash"]}
        same = ENCODER.encode(record) == ENCODER.encode(right)  # in Python true is equal to 1
        require(same, "it is out of its place, or not the trailer of all this")
        require(self.promised == self.head, "the header names another head")
        self.stage = 4


def verify(file, published=None):
    """Check an export line by line; returns what was read."""
    export, number = Export(published), 0
    try:
        while raw := file.readline(LONGEST):
            number += 1
            export.take(raw)
        require(export.stage == 4, "the export is cut off after it")
    except Wrong as error:
        sys.exit(f"line {max(number, 1)}: {error}")
    return export


def stop(sentence):
    """Stop with exit code 2: nothing was judged."""
    sys.stderr.write(f"{sentence}\n")
    sys.exit(2)


def main(path, rules=None):
    """Judge a file, by the published rules if they are given, and say what was found."""
    try:
        published = rules and Rules(read(Path(rules).read_text("utf-8").removesuffix("\n")))
        with Path(path).open("rb") as file:
            export = verify(file, published)
    except OSError as error:
        stop(f"{error.filename or path} cannot be read: {error.strerror}")
    except (Wrong, UnicodeDecodeError) as error:
        stop(f"{rules} has no rules: {error}")
    found = "none, so kinds, accounts and sides were not judged"
    if export.rules:
        sizes = f"{len(export.rules.kinds)} kinds, {len(export.rules.chart)} accounts"
        found = f"{sizes}, SHA-256 {export.rules.sha256}"
    whence = "as published" if published else "NOT compared with the published rules: give export-rules.json"
    sys.stdout.write("sound: {seq} entries, head {hash}\n".format(**export.head))
    sys.stdout.write("judged, too: {proposals} proposals, {evidence} files\n".format_map(export.counts))
    sys.stdout.write(f"rules: {found}, {whence}\n")


if __name__ == "__main__":
    asked = {"-h", "--help"} & set(sys.argv)
    if asked or len(sys.argv) not in (2, 3):
        (sys.stdout if asked else sys.stderr).write(__doc__.partition("\n")[0] + "\n")
        sys.exit(0 if asked else 2)
    main(*sys.argv[1:])
