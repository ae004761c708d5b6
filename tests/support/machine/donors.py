"""Rules of the reliability machine: what donors give and get back, and what the bank does with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from donors import (
    BalancesRevalued,
    BankChargePaid,
    ContributionReceived,
    CurrencyChanged,
    DifferencesAttributed,
    GoodsReceived,
    GoodsReturned,
    GoodsUsed,
    GoodsWrittenOff,
    InterestAttributed,
    InterestReceived,
    PledgeWithdrawn,
    ReceiptIdentified,
    ReceivableWrittenOff,
    RefundAgreed,
    RefundPaid,
    ServiceReceived,
    UnidentifiedReceived,
)
from tests.support.fund_model import ENDS, NEXT, Fact, borne, cents, part_at, pro_rata, shares
from tests.support.machine.base import (
    ACTIVITY,
    CURRENCIES,
    DAYS,
    MINOR,
    PART,
    PICK,
    Change,
    Told,
    cash,
    dollars,
    part_of,
    these,
)
from tests.support.small_books import DEC, NOV, TERM, agreement, contribution, gift, money, pledge


class DonorRules(Told):
    # ---- money comes

    @rule(currency=CURRENCIES, minor=MINOR, ends=st.sampled_from(list(ENDS.values())))
    def an_agreement_is_signed(self, currency: str, minor: int, ends: date) -> None:
        code, on = self.code(f"A-{currency}"), self.model.now(NOV)
        starts = self.model.now(date(2021, 11, 1))
        if ends < starts:
            ends = ENDS[NEXT]
        self.model.starts[code] = starts
        signed = agreement(code, on=on, amount=money(currency, minor), starts_on=starts, ends_on=ends)
        seq = self.tell(signed, these((("owed", code), minor)), ("agreement", code))
        self.model.say(seq, Fact("terms", code, on, ends, minor))

    @precondition(lambda self: self.has("agreement"))
    @rule(pick=PICK, per_cent=PART, on=DAYS)
    def a_contribution_arrives(self, pick: int, per_cent: int, on: date) -> None:
        code, on = self.some("agreement", pick), self.model.now(on)
        currency = code.split("-")[1]
        minor = part_of(self.model.figures["owed", code], per_cent)
        value = cents(minor, currency, on)
        change = these(
            (("owed", code), -minor), *cash(f"{currency}1", minor, value), (("available", code), value)
        )
        event = contribution(self.code("C"), code, currency, minor, on)
        terms = self.model.terms(code)
        agreed = terms and (terms.on <= on or minor <= self.model.owed_since(code, on))
        self.tell(event, change if agreed and self.model.runs(code, on) else None)
        self.require_dues(code)

    @precondition(lambda self: self.has("agreement"))
    @rule(pick=PICK, per_cent=PART, paid_in=CURRENCIES, came=st.integers(80, 120), on=DAYS)
    def a_contribution_arrives_as_another_amount(
        self, pick: int, per_cent: int, paid_in: str, came: int, on: date
    ) -> None:
        """Some per cent of what it settles comes, in whatever currency; a bank may have taken the rest."""
        code, on = self.some("agreement", pick), self.model.now(on)
        owed_in = code.split("-")[1]
        settles = part_of(self.model.figures["owed", code], per_cent)
        worth, same = cents(settles, owed_in, on), paid_in == owed_in
        minor = settles if same else worth * 100_00 // cents(100_00, paid_in, on)
        minor = max(1, minor * came // 100)
        value = cents(minor, paid_in, on)
        change = these(
            (("owed", code), -settles), *cash(f"{paid_in}1", minor, value), (("available", code), value)
        )
        plain = contribution(self.code("C"), code, paid_in, minor, on)
        event = ContributionReceived.make(**dict(plain) | {"settles": money(owed_in, settles)})
        terms = self.model.terms(code)
        agreed = terms and (terms.on <= on or settles <= self.model.owed_since(code, on))
        sane = 10 * abs(worth - value) <= worth or abs(worth - value) <= 50_00
        possible = minor == settles if same and minor >= settles else sane
        self.tell(event, change if agreed and possible and self.model.runs(code, on) else None)
        self.require_dues(code)

    @rule(currency=CURRENCIES, minor=MINOR, on=DAYS)
    def a_gift_arrives(self, currency: str, minor: int, on: date) -> None:
        code, on = self.code("U"), self.model.now(on)
        self.model.starts[code] = on
        value = cents(minor, currency, on)
        change = these(*cash(f"{currency}1", minor, value), (("available", code), value))
        self.tell(gift(code, minor, currency, on), change, ("gift", code))

    @rule(currency=CURRENCIES, minor=MINOR, on=DAYS)
    def money_of_nobody_known_arrives(self, currency: str, minor: int, on: date) -> None:
        code, bank, on = self.code("N"), f"{currency}1", self.model.now(on)
        event = UnidentifiedReceived(
            on=on, reference=code, term=TERM, bank_account=bank, amount=money(currency, minor)
        )
        self.model.starts[code] = on
        change = these(*cash(bank, minor, cents(minor, currency, on)), (("unidentified", code, bank), minor))
        self.tell(event, change, ("receipt", code))

    @precondition(lambda self: self.has("receipt"))
    @rule(pick=PICK)
    def its_giver_is_found(self, pick: int) -> None:
        code = self.some("receipt", pick)
        arrived = self.model.starts[code]
        minor, bank = next(
            (figure, key[2])
            for key, figure in self.model.figures.items()
            if key[0] == "unidentified" and key[1] == code
        )
        change = these(
            (("unidentified", code, bank), -minor),
            (("available", code), cents(minor, bank[:3], arrived)),
        )
        event = ReceiptIdentified(on=self.model.now(DEC), receipt=code, donor="FOUND")
        self.tell(event, change if minor else None, ("gift", code))

    @precondition(lambda self: self.has("agreement"))
    @rule(pick=PICK, per_cent=PART)
    def a_receivable_is_written_off(self, pick: int, per_cent: int) -> None:
        code, on = self.some("agreement", pick), self.model.now(DEC)
        amount = money(code.split("-")[1], part_of(self.model.figures["owed", code], per_cent))
        event = ReceivableWrittenOff(
            on=on, reference=self.code("L"), agreement=code, amount=amount, reason="closed"
        )
        self.tell(event, these((("owed", code), -amount.minor)))

    @rule(currency=CURRENCIES, minor=MINOR)
    def a_pledge_is_made(self, currency: str, minor: int) -> None:
        code, on = self.code("P"), self.model.now(NOV)
        change = these((("pledged", code, "CITY", currency), minor))
        self.tell(pledge(code, minor, currency).model_copy(update={"on": on}), change, ("pledge", code))

    @precondition(lambda self: self.has("pledge"))
    @rule(pick=PICK)
    def a_pledge_is_withdrawn(self, pick: int) -> None:
        code = self.some("pledge", pick)
        event = PledgeWithdrawn(on=self.model.now(DEC), pledge=code, reason="budget")
        released = self.released(code)
        self.tell(event, these(*released) if released else None)

    # ---- gifts in kind

    @precondition(lambda self: self.has("agreement") or self.has("gift"))
    @rule(pick=PICK, goods=st.booleans(), currency=CURRENCIES, minor=MINOR, on=DAYS)
    def goods_or_a_service_are_given(
        self, pick: int, goods: bool, currency: str, minor: int, on: date
    ) -> None:
        codes, on = self.model.codes("agreement") + self.model.codes("gift"), self.model.now(on)
        under, value = codes[pick % len(codes)], cents(minor, currency, on)
        told: dict[str, Any] = {
            "on": on,
            "code": self.code(f"K-{under}"),
            "agreement": under,
            "description": "Example",
            "value": money(currency, minor),
            "basis": "market price",
            "evidence": self.evidence,
        }
        self.model.starts[str(told["code"])] = on
        change = (
            these((("goods", under, told["code"]), value), (("in kind", under), value))
            if goods
            else these((("services", under), value))
        )
        event = GoodsReceived.make(**told) if goods else ServiceReceived.make(form="hosting", **told)
        made = ("goods" if goods else "service", event.code)
        self.tell(event, change if value and self.model.runs(under, on) else None, made)

    @precondition(lambda self: self.has("goods"))
    @rule(pick=PICK, per_cent=PART, activity=ACTIVITY, on=DAYS)
    def goods_are_used(self, pick: int, per_cent: int, activity: str, on: date) -> None:
        code, on = self.some("goods", pick), self.model.now(on)
        taken, under, value = self.part_of_goods(code, per_cent)
        event = GoodsUsed(on=on, reference=self.code("O"), goods=code, activity=activity, value=value)
        change = these(taken, (("goods used", under, activity), value))
        self.tell(event, change if on >= self.model.starts[code] else None)

    @precondition(lambda self: self.has("goods"))
    @rule(pick=PICK, per_cent=PART, back=st.booleans(), on=DAYS)
    def goods_go_without_use(self, pick: int, per_cent: int, back: bool, on: date) -> None:
        """Back to who gave them, or they are lost."""
        code, on = self.some("goods", pick), self.model.now(on)
        taken, under, value = self.part_of_goods(code, per_cent)
        told: dict[str, Any] = {"on": on, "reference": self.code("O"), "goods": code, "value": value}
        event = (
            GoodsReturned(**told) if back else GoodsWrittenOff(reason="lost", evidence=self.evidence, **told)
        )
        change = these(taken, (("in kind", under), -value) if back else (("goods lost", under), value))
        self.tell(event, change if on >= self.model.starts[code] else None)

    def part_of_goods(self, code: str, per_cent: int) -> tuple[Change, str, int]:
        """A part of goods goes: the change, the agreement and the value."""
        under = code.removeprefix("K-").rpartition("-")[0]
        value = part_of(self.model.figures["goods", under, code], per_cent)
        return (("goods", under, code), -value), under, value

    # ---- the bank

    def realised(self, bank: str, leaving: int, value: int) -> list[Change]:
        """Money leaves an account for a value: what that is more than it was carried at, is realised."""
        there = self.model.figures["cash", bank]
        carried = part_at(self.model.figures["worth", bank], leaving, there)
        found = part_at(self.model.figures["unrealised", bank], leaving, there)
        return [
            *cash(bank, -leaving, -carried),
            (("unrealised", bank), -found),
            (("realised", "waiting"), value - carried + found),
        ]

    @rule(currency=CURRENCIES, per_cent=st.integers(1, 5), on=DAYS)
    def the_bank_takes_its_charge(self, currency: str, per_cent: int, on: date) -> None:
        on, bank = self.model.now(on), f"{currency}1"
        amount = self.part_of_cash(bank, per_cent)
        value = cents(amount.minor, currency, on)
        given = self.model.of("available")
        parts = shares(value, {code: left for code, left in given.items() if self.model.runs(code, on)})
        event = BankChargePaid(on=on, reference=self.code("F"), term=TERM, bank_account=bank, amount=amount)
        if parts is None:
            self.tell(event, None)
            return
        borne_by = [(("available", code), -part) for code, part in parts.items()]
        borne_by += [(("charged", code), part) for code, part in parts.items()]
        self.tell(event, these(*borne_by, *self.realised(bank, amount.minor, value)))

    @rule(sold=CURRENCIES, bought=CURRENCIES, per_cent=PART, got=MINOR, on=DAYS)
    def currency_is_changed(self, sold: str, bought: str, per_cent: int, got: int, on: date) -> None:
        if sold == bought:
            return
        on, given = self.model.now(on), self.part_of_cash(f"{sold}1", per_cent)
        event = CurrencyChanged(
            on=on,
            reference=self.code("W"),
            term=TERM,
            sold_from=f"{sold}1",
            sold=given,
            bought_into=f"{bought}1",
            bought=money(bought, got),
        )
        value = cents(got, bought, on)
        left = self.realised(f"{sold}1", given.minor, value)
        self.tell(event, these(*left, *cash(f"{bought}1", got, value)))

    @rule(currency=CURRENCIES, minor=st.integers(1, 10_000), on=DAYS)
    def interest_arrives(self, currency: str, minor: int, on: date) -> None:
        on, bank = self.model.now(on), f"{currency}1"
        value = cents(minor, currency, on)
        event = InterestReceived(
            on=on, reference=self.code("I"), term=TERM, bank_account=bank, amount=money(currency, minor)
        )
        self.tell(event, these(*cash(bank, minor, value), (("interest", "waiting"), value)))

    @rule(on=DAYS)
    def balances_are_revalued(self, on: date) -> None:
        event = BalancesRevalued(on=self.model.now(on), term=self.model.term)
        held = self.model.until(event.on, "cash", "worth")
        changes: list[Change] = []
        for bank in ("EUR1", "KRW1"):
            gained = cents(held["cash", bank], bank[:3], event.on) - held["worth", bank]
            changes += [(("worth", bank), gained), (("unrealised", bank), gained)]
        possible = any(by for _, by in changes) and self.model.is_last(event.kind, event.on)
        self.tell(event, these(*changes) if possible else None)

    @rule(of=st.sampled_from(["interest", "realised"]), starts=DAYS, ends=DAYS)
    def what_was_earned_or_lost_is_attributed(self, of: str, starts: date, ends: date) -> None:
        if starts > ends:
            return
        starts, ends = self.model.now(starts), self.model.now(ends)
        sort = InterestAttributed if of == "interest" else DifferencesAttributed
        event = sort(on=ends, reference=self.code("E"), term=TERM, starts_on=starts, ends_on=ends)
        weights = self.model.cent_days(starts, ends)
        gained = self.model.waiting((of, "waiting"), ends)
        parts = None
        if weights and gained > 0:
            parts = pro_rata(gained, weights)
        elif weights and gained < 0:
            lost = borne(-gained, weights, self.model.of("available"))
            parts = lost and {code: -part for code, part in lost.items()}
        given = [(("available", code), part) for code, part in (parts or {}).items()]
        self.tell(event, None if parts is None else these(((of, "waiting"), -gained), *given))

    # ---- money goes back

    @precondition(lambda self: self.sources())
    @rule(pick=PICK, per_cent=PART)
    def a_refund_is_agreed(self, pick: int, per_cent: int) -> None:
        source, code = self.sources()[pick % len(self.sources())], self.code("R")
        back = part_of(self.model.figures["available", source], per_cent)
        change = these((("available", source), -back), (("due", source, code), back))
        event = RefundAgreed(on=self.model.now(DEC), code=code, agreement=source, cents=back, reason="ended")
        self.tell(event, change, ("refund", code))

    @precondition(lambda self: self.has("refund"))
    @rule(pick=PICK, currency=CURRENCIES, per_cent=st.integers(40, 220))
    def a_refund_is_paid(self, pick: int, currency: str, per_cent: int) -> None:
        """In another currency the bank gives some per cent of what it is worth at the rate of the day."""
        code, bank, on = self.some("refund", pick), f"{currency}1", self.model.now(DEC)
        ((key, due),) = [
            (key, due) for key, due in self.model.figures.items() if key[0] == "due" and key[2] == code
        ]
        told: dict[str, Any] = {"on": on, "refund": code, "reference": self.code("B"), "bank_account": bank}
        if currency == "USD":
            self.tell(RefundPaid(**told), these((key, -due), *dollars(-due)) if due else None)
            return
        minor = max(1, due * per_cent // cents(100, currency, on))
        worth = cents(minor, currency, on)
        change = these((key, -due), *self.realised(bank, minor, due))
        event = RefundPaid(amount=money(currency, minor), **told)
        self.tell(event, change if due and due <= 2 * worth <= 4 * due else None)
