"""Rules of the reliability machine: money is given a purpose and is spent on it."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from allocation import (
    AdvanceReturned,
    AdvanceWrittenOff,
    AllocationMoved,
    AllocationReduced,
    CommitmentCancelled,
    ExpenditureIncurred,
    ExpenditurePaid,
    SupportCostAgreed,
    SupportCostCharged,
    SupportCostPaid,
)
from ledger import Event
from tests.support.fund_model import shares
from tests.support.machine.base import ACTIVITY, DAYS, PART, PICK, Change, Told, dollars, part_of, these
from tests.support.small_books import DEC, TERM, allocation, grant, report, tranche


class AllocationRules(Told):
    # ---- money is given a purpose

    @precondition(lambda self: self.sources())
    @rule(activity=ACTIVITY, picks=st.sets(PICK, min_size=1, max_size=3), per_cent=PART)
    def a_plan_is_approved(self, activity: str, picks: set[int], per_cent: int) -> None:
        codes, on = {self.sources()[pick % len(self.sources())] for pick in picks}, self.model.now(DEC)
        flows = {code: part_of(self.model.figures["available", code], per_cent) for code in sorted(codes)}
        change = these(
            *((("available", code), -given) for code, given in flows.items()),
            *((("allocated", code, activity), given) for code, given in flows.items()),
        )
        running = all(self.model.runs(code, on) for code in flows)
        self.tell(allocation(self.code("plan"), {activity: flows}, on), change if running else None)

    @precondition(lambda self: any(self.model.of("allocated", None).values()))
    @rule(pick=PICK, activity=ACTIVITY, to=ACTIVITY, per_cent=PART)
    def an_allocation_is_reduced_or_moved(self, pick: int, activity: str, to: str, per_cent: int) -> None:
        codes = sorted(code for code, given in self.model.of("allocated", None).items() if given)
        code, on = codes[pick % len(codes)], self.model.now(DEC)
        given = part_of(self.model.free(activity).get(code, 0), per_cent)
        taken = (("allocated", code, activity), -given)
        told = {"reference": self.code("M"), "agreement": code, "activity": activity, "reason": "less needed"}
        if to == activity:
            reduced = AllocationReduced.make(on=on, cents=given, **told)
            self.tell(reduced, these(taken, (("available", code), given)))
        else:
            moved = AllocationMoved.make(on=on, cents=given, to=to, **told)
            change = these(taken, (("allocated", code, to), given))
            self.tell(moved, change if self.model.runs(code, on) else None)

    @precondition(lambda self: any(self.model.of("allocated", None).values()))
    @rule(activity=ACTIVITY, per_cent=PART, on=DAYS)
    def a_grant_is_committed(self, activity: str, per_cent: int, on: date) -> None:
        on = self.model.now(on)
        code, free = self.code(f"G-{activity}"), self.model.free(activity, on)
        wanted = part_of(sum(free.values()), per_cent)
        parts = shares(wanted, free)
        change = (
            None
            if parts is None
            else these(*((("committed", each, activity, code), part) for each, part in parts.items()))
        )
        self.tell(grant(code, activity, wanted, on), change, ("grant", code))

    # ---- money is spent

    def granted(self, pick: int) -> tuple[str, str]:
        """A grant and its activity."""
        code = self.some("grant", pick)
        return code, code.removeprefix("G-")[:3]

    @precondition(lambda self: self.has("grant"))
    @rule(pick=PICK, per_cent=PART)
    def a_tranche_is_paid(self, pick: int, per_cent: int) -> None:
        code, activity = self.granted(pick)
        unpaid = self.model.unpaid(code)
        paid = part_of(sum(unpaid.values()), per_cent)
        parts = shares(paid, unpaid)
        change = (
            None
            if parts is None
            else these(
                *((("advanced", each, activity, code), part) for each, part in parts.items()), *dollars(-paid)
            )
        )
        self.tell(tranche(code, self.code("T"), paid, self.model.now(DEC)), change)

    @precondition(lambda self: self.has("grant"))
    @rule(pick=PICK, per_cent=PART, how=st.sampled_from(["report", "loss", "return"]), on=DAYS)
    def an_advance_is_settled(self, pick: int, per_cent: int, how: str, on: date) -> None:
        on = self.model.now(on)
        code, activity = self.granted(pick)
        held = self.model.of("advanced", activity, code)
        settled = part_of(sum(held.values()), per_cent)
        parts = shares(settled, held) or {}
        moved: list[Change] = [(("advanced", each, activity, code), -part) for each, part in parts.items()]
        reference = self.code("S")
        if how == "return":
            moved += dollars(settled)
            event: Event = AdvanceReturned(
                on=on, grant=code, reference=reference, bank_account="USD1", cents=settled
            )
        else:
            use = "travel" if how == "report" else "loss"
            moved += [(("committed", each, activity, code), -part) for each, part in parts.items()]
            moved += [(("used", each, activity, use, code), part) for each, part in parts.items()]
            event = (
                report(code, reference, on, travel=settled)
                if how == "report"
                else AdvanceWrittenOff(on=on, grant=code, reference=reference, cents=settled, reason="lost")
            )
        outside = not all(self.model.runs(each, on) for each, part in held.items() if part)
        impossible = not parts or (how == "report" and outside)
        self.tell(event, None if impossible else these(*moved))

    @precondition(lambda self: self.has("grant"))
    @rule(pick=PICK)
    def a_commitment_is_cancelled(self, pick: int) -> None:
        code, activity = self.granted(pick)
        unpaid = {each: part for each, part in self.model.unpaid(code).items() if part}
        change = these(*((("committed", each, activity, code), -part) for each, part in unpaid.items()))
        event = CommitmentCancelled(
            on=self.model.now(DEC), grant=code, reference=self.code("N"), reason="done"
        )
        self.tell(event, change if unpaid else None)

    @precondition(lambda self: any(self.model.of("allocated", None).values()))
    @rule(activity=ACTIVITY, per_cent=PART, on=DAYS)
    def an_expenditure_is_incurred(self, activity: str, per_cent: int, on: date) -> None:
        on = self.model.now(on)
        code, free = self.code("X"), self.model.free(activity, on)
        spent = part_of(sum(free.values()), per_cent)
        parts, payable = shares(spent, free), f"payable:{code}"
        event = ExpenditureIncurred.make(
            on=on, code=code, term=TERM, activity=activity, payee="Example printer", spent={"supplies": spent}
        )
        change = (
            None
            if parts is None
            else these(
                *((("used", each, activity, "supplies", payable), part) for each, part in parts.items()),
                (("payable", payable), spent),
            )
        )
        self.tell(event, change, ("expenditure", code))

    @precondition(lambda self: self.has("expenditure"))
    @rule(pick=PICK, per_cent=PART)
    def an_expenditure_is_paid(self, pick: int, per_cent: int) -> None:
        code = self.some("expenditure", pick)
        paid = part_of(self.model.figures["payable", f"payable:{code}"], per_cent)
        reference, on = self.code("B"), self.model.now(DEC)
        event = ExpenditurePaid(on=on, expenditure=code, reference=reference, bank_account="USD1", cents=paid)
        self.tell(event, these((("payable", f"payable:{code}"), -paid), *dollars(-paid)))

    # ---- support cost

    @rule(on=DAYS, basis_points=st.integers(0, 1_500))
    def support_cost_is_agreed(self, on: date, basis_points: int) -> None:
        event = SupportCostAgreed(on=self.model.now(on), term=self.model.term, basis_points=basis_points)
        if seq := self.tell(event, these()):
            self.model.support[seq] = event.on, basis_points

    @rule(on=DAYS)
    def support_cost_is_charged(self, on: date) -> None:
        event = SupportCostCharged(on=self.model.now(on), reference=self.code("V"), term=TERM)
        due = self.model.support_due(event.on)
        possible = due and self.model.is_last(event.kind, event.on)
        change = these(*due.items(), (("support", "due"), sum(due.values())))
        self.tell(event, change if possible else None)

    @rule(per_cent=PART)
    def support_cost_is_paid(self, per_cent: int) -> None:
        paid = part_of(self.model.figures["support", "due"], per_cent)
        event = SupportCostPaid(
            on=self.model.now(DEC), reference=self.code("Q"), term=TERM, bank_account="USD1", cents=paid
        )
        self.tell(event, these((("support", "due"), -paid), *dollars(-paid)))
