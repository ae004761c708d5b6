"""Rules of the reliability machine: who gives, what an agreement says, how it changes, and its end."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from allocation import AgreementClosed
from donors import (
    AgreementAmended,
    ConditionMet,
    ContributionReceived,
    DonorAmended,
    DonorScreened,
    FundsTransferred,
    Instalment,
    OfferDeclined,
    OfferReceived,
    ReceivableWrittenOff,
    RefundAgreed,
    RefundPaid,
    ServiceReceived,
)
from tests.support.fund_model import ENDS, NEXT, Fact, cents
from tests.support.machine.base import (
    CURRENCIES,
    DAYS,
    MINOR,
    PART,
    PICK,
    SELDOM,
    Told,
    dollars,
    part_of,
    these,
)
from tests.support.small_books import DEC, LATER, NOV, TERM, agreement, money

GIVERS = {"A": "CITY", "V": "CORP"}
"""The donor of what is called so; everything else is the foundation's."""


def giver(code: str) -> str:
    return GIVERS.get(code[0], "FOUND")


class AgreementRules(Told):
    def under(self, pick: int) -> str:
        """An agreement, or a gift that stands for one."""
        codes = self.model.codes("agreement") + self.model.codes("gift")
        return codes[pick % len(codes)]

    # ---- who gives

    @rule(on=DAYS)
    def a_donor_is_amended(self, on: date) -> None:
        name = self.code("Example company")
        event = DonorAmended(on=self.model.now(on), donor="CORP", number=self.number, name=name)
        self.tell(event, these(), ("particulars", "CORP"))

    @rule(on=DAYS)
    def a_donor_is_screened(self, on: date) -> None:
        on = self.model.now(on)
        event = DonorScreened(
            on=on, donor="CORP", outcome="cleared", valid_until=ENDS[NEXT], evidence=self.evidence
        )
        seq = self.tell(event, these())
        self.model.say(seq, Fact("screened", "CORP", on))

    @rule(minor=MINOR, on=DAYS)
    def a_private_donor_gives(self, minor: int, on: date) -> None:
        code, on = self.code("V"), self.model.now(on)
        event = ContributionReceived(
            on=on, reference=code, bank_account="USD1", amount=money("USD", minor), donor="CORP", term=TERM
        )
        self.model.starts[code] = on
        change = these(*dollars(minor), (("available", code), minor))
        screened = any(fact.on <= on for fact in self.model.said("screened", "CORP"))
        seq = self.tell(event, change if screened else None, ("gift", code))
        self.model.say(seq, Fact("rests", "CORP", on))

    # ---- offers

    @rule(on=DAYS)
    def something_is_offered(self, on: date) -> None:
        code = self.code("O")
        event = OfferReceived(
            on=self.model.now(on),
            code=code,
            donor="CITY",
            term=TERM,
            item="workshop",
            description="Example hall",
            value=money("EUR", 5_000_00),
        )
        self.tell(event, these(), ("offer", code))

    @precondition(lambda self: self.has("offer"))
    @rule(pick=PICK)
    def an_offer_is_declined(self, pick: int) -> None:
        code, on = self.some("offer", pick), self.model.now(DEC)
        event = OfferDeclined(on=on, offer=code, reason="no such activity")
        seq = self.tell(event, None if self.model.said("ended", code) else these())
        self.model.say(seq, Fact("ended", code, on))

    # ---- what an agreement says

    @rule(currency=CURRENCIES, minor=st.integers(2, 10_000_00), pick=PICK)
    def an_agreement_in_instalments_is_signed(self, currency: str, minor: int, pick: int) -> None:
        """Half of the money comes on a condition; an offer is accepted, a pledge kept if there is one."""
        code, on = self.code(f"A-{currency}"), self.model.now(NOV)
        later, starts = self.model.now(DEC), self.model.now(date(2021, 11, 1))
        parts = (
            Instalment(due_on=on, minor=minor - minor // 2),
            Instalment(due_on=later, minor=minor // 2, condition="The first part is reported."),
        )
        offers = (self.some("offer", pick),) if self.has("offer") else ()
        kept = self.some("pledge", pick) if self.has("pledge") and pick >= SELDOM else ""
        released = self.released(kept)
        told = {"on": on, "amount": money(currency, minor), "starts_on": starts, "ends_on": ENDS[NEXT]}
        signed = agreement(code, instalments=parts, offers=offers, pledge=kept, **told)
        accepted = any(self.model.said("ended", offer) for offer in offers)
        possible = not accepted and bool(released) == bool(kept)
        change = these((("owed", code), minor), *released) if possible else None
        self.model.starts[code] = starts
        seq = self.tell(signed, change, ("agreement", code))
        self.model.in_parts.add(code)
        ended = (Fact("ended", offer, on) for offer in offers)
        self.model.say(seq, Fact("terms", code, on, ENDS[NEXT], minor), *ended)

    @precondition(lambda self: self.has("agreement"))
    @rule(pick=PICK, on=DAYS)
    def a_condition_is_met(self, pick: int, on: date) -> None:
        code, on = self.some("agreement", pick), self.model.now(on)
        terms = self.model.terms(code)
        possible = (
            code in self.model.in_parts
            and terms
            and terms.on <= on
            and not self.model.said("met", code)
            and not self.model.said("closed", code)
        )
        event = ConditionMet(on=on, agreement=code, instalment=2)
        seq = self.tell(event, these() if possible else None)
        self.model.say(seq, Fact("met", code, on))

    @precondition(lambda self: self.has("agreement"))
    @rule(
        pick=PICK,
        currency=CURRENCIES,
        minor=MINOR,
        ends=st.sampled_from(list(ENDS.values())),
        same=st.booleans(),
        on=DAYS,
    )
    def an_agreement_is_amended(
        self, pick: int, currency: str, minor: int, ends: date, same: bool, on: date
    ) -> None:
        """Its amount and its last day; the second is only ever later once the term of the first is over."""
        codes = [code for code in self.model.codes("agreement") if currency in code]
        if not codes:
            return
        code, on = codes[pick % len(codes)], self.model.now(on)
        terms = self.model.terms(code)
        assert terms
        ends = ends if self.model.term == TERM else ENDS[NEXT]
        minor = terms.minor if same else minor
        event = AgreementAmended(
            on=on,
            agreement=code,
            number=self.number,
            amount=money(currency, minor),
            ends_on=ends,
            reason="as both sides wish",
            evidence=self.evidence,
        )
        self.number += 1
        possible = (
            on >= terms.on
            and (minor, ends) != (terms.minor, terms.ends)
            and not (code in self.model.in_parts and minor != terms.minor)
            and not self.model.said("closed", code)
        )
        change = these((("owed", code), minor - terms.minor))
        seq = self.tell(event, change if possible else None, ("amendment", code))
        self.model.say(seq, Fact("terms", code, on, ends, minor))
        self.require_dues(code)

    @precondition(lambda self: self.has("agreement") or self.has("gift"))
    @rule(pick=PICK, currency=CURRENCIES, months=st.integers(1, 24), monthly=st.integers(1, 9_000_00))
    def staff_is_seconded(self, pick: int, currency: str, months: int, monthly: int) -> None:
        under, on = self.under(pick), self.model.now(DEC)
        value = cents(months * monthly, currency, on)
        event = ServiceReceived.make(
            on=on,
            code=self.code(f"S-{under}"),
            agreement=under,
            description="Example officer",
            value=money(currency, months * monthly),
            basis="salary scale",
            form="secondment",
            months=months,
            monthly=money(currency, monthly),
            evidence=self.evidence,
        )
        change = these((("services", under), value))
        running = self.model.runs(under, on)
        self.tell(event, change if value and running else None, ("service", event.code))

    # ---- money goes elsewhere, and the end

    @precondition(lambda self: self.sources())
    @rule(pick=PICK, to=PICK, per_cent=PART, on=DAYS)
    def money_is_transferred(self, pick: int, to: int, per_cent: int, on: date) -> None:
        """Mostly within what one donor gave; seldom to another donor, which is refused."""
        source = self.sources()[pick % len(self.sources())]
        others = [code for code in self.model.codes("agreement") + self.model.codes("gift") if code != source]
        own = [code for code in others if giver(code) == giver(source)]
        among = own if own and to >= SELDOM else others
        if not among:
            return
        target = among[to % len(among)]
        moved, on = part_of(self.model.figures["available", source], per_cent), self.model.now(on)
        event = FundsTransferred(
            on=on,
            code=self.code("M"),
            source=source,
            target=target,
            cents=moved,
            reason="as the donor wishes",
            evidence=self.evidence,
        )
        change = these((("available", source), -moved), (("available", target), moved))
        there = moved <= self.model.available_since(source, on)
        possible = there and giver(source) == giver(target) and self.model.runs(target, on)
        self.tell(event, change if possible else None)

    @precondition(lambda self: self.has("agreement") or self.has("gift"))
    @rule(pick=PICK, on=st.sampled_from([DEC, LATER]))
    def an_agreement_is_closed(self, pick: int, on: date) -> None:
        code, on = self.under(pick), self.model.now(on)
        possible = (
            self.model.is_settled(code)
            and self.model.last_day(code) <= on
            and not self.model.said("closed", code)
        )
        seq = self.tell(AgreementClosed(on=on, agreement=code), these() if possible else None)
        self.model.say(seq, Fact("closed", code, on))

    @precondition(lambda self: self.has("agreement") or self.has("gift"))
    @rule(pick=PICK)
    def an_agreement_comes_to_its_end(self, pick: int) -> None:
        """What is owed is written off, what is left goes back, and if nothing else is left, it is closed."""
        code, on = self.under(pick), self.model.now(LATER)
        if owed := self.model.figures["owed", code]:
            amount = money(code.split("-")[1], owed)
            reference = self.code("L")
            off = ReceivableWrittenOff(
                on=on, reference=reference, agreement=code, amount=amount, reason="the end"
            )
            self.tell(off, these((("owed", code), -owed)))
        if left := self.model.figures["available", code]:
            back = self.code("R")
            change = these((("available", code), -left), (("due", code, back), left))
            agreed = RefundAgreed(on=on, code=back, agreement=code, cents=left, reason="the end")
            if self.tell(agreed, change, ("refund", back)):
                paid = RefundPaid(on=on, refund=back, reference=self.code("B"), bank_account="USD1")
                self.tell(paid, these((("due", code, back), -left), *dollars(-left)))
        self.an_agreement_is_closed(pick, LATER)
