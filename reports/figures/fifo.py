"""First in, first out: which of the dollars that came to an agreement went where.

An agreement's dollars are one pot, so nobody can see which of them paid for what: it is a convention, and it
is this one (docs/adr/0017-first-in-first-out.md). The dollars that came first are allocated first, and of
those allocated to an activity the first are used first; what comes back is what left last. The order is that
of the journal, so what is recorded later never changes what was said of an earlier entry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal, NamedTuple

from allocation import TermClosed, YearEnded
from ledger import ALLOCATED, AVAILABLE, HELD_IN_TRUST, USE_OF_MONEY, PostedLine
from reports.figures.figure import LineRef
from reports.figures.figures import on


class Pot(NamedTuple):
    """A place where dollars of an agreement are."""

    sort: Literal["available", "allocated", "used", "gone"]
    activity: str = ""
    account: str = ""
    """Of what is used: its harmonised category, or losses."""
    kind: str = ""
    """Of what is gone: the kind of event by which it left."""


IN_AVAILABLE = Pot("available")


@dataclass(frozen=True)
class Layer:
    """Dollars that came to the agreement by one line: a contribution, interest, a transfer."""

    line: PostedLine

    @property
    def cents(self) -> int:
        """How many they are."""
        return -self.line.usd


class Move(NamedTuple):
    """Cents of one layer that a line of the journal put into a pot, or took out of it if negative."""

    line: PostedLine
    pot: Pot
    layer: int
    cents: int


@dataclass
class FifoTrace:
    """What became of each layer of an agreement's dollars; layers are named by their place in the order.

    One more layer, after the last, is for what left before it came: only books read to a day that lies
    between two entries recorded in the other order have any of it, and it is nobody's.
    """

    layers: Sequence[Layer]
    pots: dict[Pot, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    moves: list[Move] = field(default_factory=list)
    """Into and out of what is allocated, used and gone, in the order of the journal."""
    parts: dict[LineRef, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """Of each line on 2200, 2300 and use: the cents of each layer, debits positive."""

    def of(self, layer: int) -> dict[Pot, int]:
        """Where the dollars of a layer are; they add up to the layer."""
        return {pot: held[layer] for pot, held in sorted(self.pots.items()) if held[layer]}

    def take(self, pot: Pot, cents: int, *, latest: bool = False) -> Counter[int]:
        """Take cents out of a pot: the layers that came first, or last."""
        taken = take_layers(self.pots[pot], cents, len(self.layers), latest=latest)
        self.pots[pot].subtract(taken)
        return taken

    def put(self, pot: Pot, parts: Mapping[int, int]) -> None:
        """Put parts of layers into a pot."""
        self.pots[pot].update(parts)

    def share(self, line: PostedLine, parts: Mapping[int, int]) -> None:
        """Note whose a line is."""
        sign = 1 if line.usd > 0 else -1
        for layer, cents in parts.items():
            self.parts[line.entry, line.no][layer] += sign * cents

    def move(self, line: PostedLine, pot: Pot, parts: Mapping[int, int], sign: int) -> None:
        """Put parts of layers into a pot by a line (sign 1), or note that it took them out (sign -1)."""
        if sign > 0:
            self.put(pot, parts)
        self.moves += [
            Move(line, pot, layer, sign * cents) for layer, cents in sorted(parts.items()) if cents
        ]


def take_layers(held: Mapping[int, int], cents: int, nobody: int, *, latest: bool = False) -> Counter[int]:
    """Cents out of what is held, of the layers that came first or last; what is lacking is nobody's."""
    taken: Counter[int] = Counter()
    for layer in sorted(held, reverse=latest):
        part = min(cents, held[layer])
        if part > 0:
            taken[layer] += part
            cents -= part
    if cents:
        taken[nobody] += cents
    return taken


def fifo(lines: Iterable[PostedLine]) -> FifoTrace:
    """Follow the dollars of one agreement through its lines, given in the order of the journal."""
    money_lines = [line for line in on(lines, *HELD_IN_TRUST, *USE_OF_MONEY) if line.kind != YearEnded.kind]
    entries = [(seq, list(own)) for seq, own in groupby(money_lines, key=lambda line: line.entry)]
    arrived = {line.entry for _, own in entries for line in own if _arrives(line, own)}
    void = {
        seq for _, own in entries if own[0].reverses in arrived for seq in (own[0].entry, own[0].reverses)
    }
    standing = [own for seq, own in entries if seq not in void]
    found = FifoTrace([Layer(line) for own in standing for line in own if _arrives(line, own)])
    for number, layer in enumerate(found.layers):
        found.put(IN_AVAILABLE, {number: layer.cents})
        found.share(layer.line, {number: layer.cents})
    for own in standing:
        _play(found, [line for line in own if not _arrives(line, own)])
    return found


def _arrives(line: PostedLine, own: Sequence[PostedLine]) -> bool:
    """Whether dollars came from outside by a line of an entry; one on 2300 only moves them within."""
    within = line.reverses or line.kind == TermClosed.kind or any(other.account == ALLOCATED for other in own)
    return line.account == AVAILABLE and line.usd < 0 and not within


def _play(found: FifoTrace, lines: Sequence[PostedLine]) -> None:
    """Follow the dollars through the lines of one entry that did not bring them."""
    funds = on(lines, *HELD_IN_TRUST)
    if funds and funds[0].kind == TermClosed.kind:
        for line in funds:  # they stay where they are, in another term
            found.share(line, found.pots[_pot(line)])
        return
    for line in on(lines, *USE_OF_MONEY):
        _use(found, line)
    if funds:
        _shift(found, funds)


def _pot(line: PostedLine) -> Pot:
    return Pot("allocated", line.activity) if line.activity else IN_AVAILABLE


def _use(found: FifoTrace, line: PostedLine) -> None:
    """Use takes from its activity, or from what is available; use that is taken back returns there."""
    home, used = _pot(line), Pot("used", line.activity, line.account)
    if line.usd > 0:
        parts = found.take(home, line.usd)
        found.move(line, used, parts, 1)
    else:
        parts = found.take(used, -line.usd, latest=True)
        found.move(line, used, parts, -1)
        found.put(home, parts)
    found.share(line, parts)


def _shift(found: FifoTrace, funds: Sequence[PostedLine]) -> None:
    """From hand to hand: what an entry takes out of pots it puts into others, or out of the agreement."""
    hand: Counter[int] = Counter()
    gone = Pot("gone", kind=funds[0].kind)
    for line in (line for line in funds if line.usd > 0):
        parts = found.take(_pot(line), line.usd, latest=line.account == ALLOCATED)
        if line.account == ALLOCATED:
            found.move(line, _pot(line), parts, -1)
        found.share(line, parts)
        hand.update(parts)
    leaving = sum(line.usd for line in funds)
    if leaving < 0:
        parts = found.take(gone, -leaving, latest=True)
        found.move(funds[0], gone, parts, -1)
        hand.update(parts)
    for line in sorted((line for line in funds if line.usd < 0), key=lambda line: line.account, reverse=True):
        parts = take_layers(hand, -line.usd, len(found.layers))
        hand.subtract(parts)
        if line.account == ALLOCATED:
            found.move(line, _pot(line), parts, 1)
        else:
            found.put(IN_AVAILABLE, parts)
        found.share(line, parts)
    if leaving > 0:
        found.move(funds[0], gone, {layer: cents for layer, cents in hand.items() if cents}, 1)
