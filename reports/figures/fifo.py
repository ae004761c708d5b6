"""First in, first out (FIFO): which of the dollars received under an agreement were used for what.

The dollars of an agreement are one pool, so which of them paid for what is a convention
(docs/adr/0017-first-in-first-out.md). The dollars received first are allocated first, and of those allocated
to an activity the first are used first; what comes back is what left last. The order is that of the journal,
so a later entry never changes the result for an earlier one.
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
    """A place where dollars of an agreement are, by what was done with them."""

    sort: Literal["available", "allocated", "used", "gone"]
    activity: str = ""
    account: str = ""
    """For used dollars: the harmonised category, or losses."""
    kind: str = ""
    """For dollars that are gone: the kind of event by which they left the agreement."""


IN_AVAILABLE = Pot("available")


@dataclass(frozen=True)
class Layer:
    """Dollars received under the agreement by one line: a contribution, interest or a transfer."""

    line: PostedLine

    @property
    def cents(self) -> int:
        """USD cents of the layer."""
        return -self.line.usd


class Move(NamedTuple):
    """Cents of one layer that a journal line moved into a pot, or out of it where negative."""

    line: PostedLine
    pot: Pot
    layer: int
    cents: int


@dataclass
class FifoTrace:
    """Where each layer of an agreement's dollars went; a layer is named by its position, from 0.

    One more layer, after the last, is for money that left before it came. Only books read to a day between
    two entries that were recorded in the other order have any; it belongs to no contribution.
    """

    layers: Sequence[Layer]
    pots: dict[Pot, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    moves: list[Move] = field(default_factory=list)
    """Moves into and out of allocated, used and gone, in the order of the journal."""
    parts: dict[LineRef, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """For each line on 2200, 2300 and the accounts of use: the cents of each layer, debits positive."""

    def of(self, layer: int) -> dict[Pot, int]:
        """The cents of a layer by pot; they add up to the layer."""
        return {pot: held[layer] for pot, held in sorted(self.pots.items()) if held[layer]}

    def take(self, pot: Pot, cents: int, *, latest: bool = False) -> Counter[int]:
        """Take cents out of a pot, from the first layers in it or, with `latest`, from the last."""
        taken = take_layers(self.pots[pot], cents, len(self.layers), latest=latest)
        self.pots[pot].subtract(taken)
        return taken

    def put(self, pot: Pot, parts: Mapping[int, int]) -> None:
        """Add parts of layers to a pot."""
        self.pots[pot].update(parts)

    def assign(self, line: PostedLine, parts: Mapping[int, int]) -> None:
        """Record which layers the cents of a line belong to."""
        sign = 1 if line.usd > 0 else -1
        for layer, cents in parts.items():
            self.parts[line.entry, line.no][layer] += sign * cents

    def move(self, line: PostedLine, pot: Pot, parts: Mapping[int, int], sign: int) -> None:
        """Record that a line moved parts of layers into a pot (sign 1) or out of it (sign -1).

        Parts that move in are added to the pot; those that move out were taken before.
        """
        if sign > 0:
            self.put(pot, parts)
        self.moves += [
            Move(line, pot, layer, sign * cents) for layer, cents in sorted(parts.items()) if cents
        ]


def take_layers(held: Mapping[int, int], cents: int, missing: int, *, latest: bool = False) -> Counter[int]:
    """Take cents from the first (or `latest`) layers held; any shortfall goes to layer `missing`."""
    taken: Counter[int] = Counter()
    for layer in sorted(held, reverse=latest):
        part = min(cents, held[layer])
        if part > 0:
            taken[layer] += part
            cents -= part
    if cents:
        taken[missing] += cents
    return taken


def fifo(lines: Iterable[PostedLine]) -> FifoTrace:
    """Trace the dollars of one agreement through its lines, given in the order of the journal."""
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
        found.assign(layer.line, {number: layer.cents})
    for own in standing:
        _trace_entry(found, [line for line in own if not _arrives(line, own)])
    return found


def _arrives(line: PostedLine, own: Sequence[PostedLine]) -> bool:
    """Whether a line brings dollars from outside; an entry with a line on 2300 only moves them within."""
    within = line.reverses or line.kind == TermClosed.kind or any(other.account == ALLOCATED for other in own)
    return line.account == AVAILABLE and line.usd < 0 and not within


def _trace_entry(found: FifoTrace, lines: Sequence[PostedLine]) -> None:
    """Trace the dollars through the lines of one entry, except those that brought them."""
    funds = on(lines, *HELD_IN_TRUST)
    if funds and funds[0].kind == TermClosed.kind:
        for line in funds:  # the money stays in its pots, in another term
            found.assign(line, found.pots[_pot(line)])
        return
    for line in on(lines, *USE_OF_MONEY):
        _use(found, line)
    if funds:
        _shift(found, funds)


def _pot(line: PostedLine) -> Pot:
    return Pot("allocated", line.activity) if line.activity else IN_AVAILABLE


def _use(found: FifoTrace, line: PostedLine) -> None:
    """Take used dollars from their activity or from what is available; reversed use returns there."""
    home, used = _pot(line), Pot("used", line.activity, line.account)
    if line.usd > 0:
        parts = found.take(home, line.usd)
        found.move(line, used, parts, 1)
    else:
        parts = found.take(used, -line.usd, latest=True)
        found.move(line, used, parts, -1)
        found.put(home, parts)
    found.assign(line, parts)


def _shift(found: FifoTrace, funds: Sequence[PostedLine]) -> None:
    """Move what an entry takes out of pots into other pots, or out of the agreement."""
    hand: Counter[int] = Counter()
    gone = Pot("gone", kind=funds[0].kind)
    for line in (line for line in funds if line.usd > 0):
        parts = found.take(_pot(line), line.usd, latest=line.account == ALLOCATED)
        if line.account == ALLOCATED:
            found.move(line, _pot(line), parts, -1)
        found.assign(line, parts)
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
        found.assign(line, parts)
    if leaving > 0:
        found.move(funds[0], gone, {layer: cents for layer, cents in hand.items() if cents}, 1)
