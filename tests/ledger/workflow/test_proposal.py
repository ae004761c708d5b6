"""Proposals: one person asks, another decides, and nothing is booked in between."""

from __future__ import annotations

from datetime import date

import pytest

from donors import (
    BankAccountOpened,
    PledgeRecorded,
    PledgeWithdrawn,
    ReceiptIdentified,
    RefundAgreed,
    RefundPaid,
    UnidentifiedReceived,
)
from ledger import (
    Book,
    EntryReversed,
    Event,
    NotFound,
    Proposed,
    RatesPublished,
    Refused,
    Role,
    RolesGiven,
    ThresholdSet,
    approve,
    approve_batch,
    decided_together,
    get_entry,
    head,
    proposal_of,
    proposals,
    propose,
    propose_many,
    reject,
    verify,
)
from tests.support.small_books import (
    CHECKER,
    DEC,
    MAKER,
    NOV,
    TERM,
    agreement,
    dump,
    file_of,
    gift,
    money,
    report,
    tell,
    tranche,
)

JOURNAL = ("proposal",)


def asked(book: Book, minor: int = 100) -> int:
    with book.recording() as journal:
        return propose(journal, gift("U-9", minor), MAKER).id


def test_a_proposal_books_nothing(book: Book) -> None:
    before = dump(file_of(book), without=JOURNAL)
    asked(book)
    assert dump(file_of(book), without=JOURNAL) == before
    with book.reading() as books:
        (waiting,) = proposals(books)
    assert (waiting.id, waiting.made_by, waiting.status, waiting.decided_by, waiting.entry) == (
        1,
        MAKER,
        "waiting",
        "",
        0,
    )
    assert waiting.payload == gift("U-9", 100).payload


def test_its_approval_is_an_entry_that_names_both(book: Book) -> None:
    number = asked(book)
    with book.recording() as journal:
        sealed = approve(journal, number, CHECKER)
    with book.reading() as books:
        assert get_entry(books, head(books).seq) == sealed
        assert (sealed.made_by, sealed.approved_by, sealed.effective_on) == (MAKER, CHECKER, NOV.isoformat())
        assert proposals(books) == []
        (decided,) = proposals(books, "approved")
    assert (decided.decided_by, decided.entry) == (CHECKER, sealed.seq)
    assert verify(book).sound


def test_nobody_approves_what_they_proposed(book: Book) -> None:
    number, before = asked(book), dump(file_of(book))
    with pytest.raises(Refused, match="cannot approve this too"), book.recording() as journal:
        approve(journal, number, MAKER)
    assert dump(file_of(book)) == before


@pytest.mark.parametrize(
    ("by", "noted"),
    [
        (CHECKER, CHECKER),
        (MAKER, f"{MAKER} (withdrawn)"),
        (MAKER.upper(), f"{MAKER.upper()} (withdrawn)"),
    ],
)
def test_a_proposal_is_rejected_or_withdrawn_for_good(book: Book, by: str, noted: str) -> None:
    number = asked(book)
    with book.recording() as journal:
        reject(journal, number, by)
    with book.reading() as books:
        (gone,) = proposals(books, "rejected")
        assert (gone.decided_by, gone.entry) == (noted, 0)
        assert head(books).seq == 9
    with pytest.raises(Refused, match=f"Proposal {number} was rejected already"), book.recording() as journal:
        approve(journal, number, CHECKER)


def test_what_is_decided_is_not_decided_again(book: Book) -> None:
    number = asked(book)
    with book.recording() as journal:
        approve(journal, number, CHECKER)
    for decide in (approve, reject):
        with pytest.raises(Refused, match="was approved already, by director"), book.recording() as journal:
            decide(journal, number, CHECKER)


def test_an_unknown_proposal_is_named(book: Book) -> None:
    with pytest.raises(NotFound, match="no proposal 7"), book.recording() as journal:
        approve(journal, 7, CHECKER)


def test_what_the_books_refuse_today_cannot_even_be_proposed(played: Book) -> None:
    before = dump(file_of(played))
    with pytest.raises(Refused, match="committed to G1 and not yet paid"), played.recording() as journal:
        propose(journal, tranche("G1", "T-9", 90_000_00), MAKER)
    assert dump(file_of(played)) == before


def test_what_the_books_refuse_by_then_is_not_approved(played: Book) -> None:
    """Two proposals for the same money: the second finds it gone, and waits on."""
    with played.recording() as journal:
        for reference in ("R-8", "R-9"):
            propose(journal, report("G1", reference, staff=7_000_00), MAKER)
        approve(journal, 2, CHECKER)
    before = dump(file_of(played))
    with pytest.raises(Refused, match="the partner of G1 holds"), played.recording() as journal:
        approve(journal, 3, CHECKER)
    assert dump(file_of(played)) == before
    with played.reading() as books:
        assert [waiting.id for waiting in proposals(books)] == [1, 3]


def test_what_was_recorded_otherwise_meanwhile_cannot_be_approved(book: Book) -> None:
    """The entry names other people; an approval would claim what nobody did."""
    number = asked(book)
    tell(book, gift("U-9", 100))
    with (
        pytest.raises(Refused, match="is recorded already: reject the proposal"),
        book.recording() as journal,
    ):
        approve(journal, number, CHECKER)


def test_what_waits_already_is_not_put_aside_twice(book: Book) -> None:
    assert (asked(book), asked(book)) == (1, 1)


def test_another_event_under_the_reference_of_one_that_waits_is_told_at_once(book: Book) -> None:
    asked(book)
    before = dump(file_of(book))
    for second in (gift("U-9", 200), gift("U-9", 100, on=DEC)):
        with pytest.raises(Refused) as error, book.recording() as journal:
            propose(journal, second, MAKER)
        assert str(error.value) == (
            "Proposal 1 waits for approval with other content under the same reference "
            "'contribution:USD1:U-9': approve or reject that one first."
        )
    assert dump(file_of(book)) == before
    with book.recording() as journal:
        reject(journal, 1, MAKER)
        assert propose(journal, gift("U-9", 200), MAKER).id == 2


def unidentified(reference: str, bank_account: str = "USD1") -> UnidentifiedReceived:
    """US$1.00 of nobody knows whom."""
    currency = bank_account[:3]
    return UnidentifiedReceived(
        on=NOV, reference=reference, term=TERM, bank_account=bank_account, amount=money(currency, 100)
    )


PLEDGED = PledgeRecorded(
    on=NOV, code="P1", donor="CITY", term=TERM, amount=money("USD", 10_000_00), expected_on=DEC
)
ARRIVED = unidentified("R-1")
RIVALS: dict[str, tuple[list[Event], Event, Event]] = {
    "the code of an agreement": ([], agreement("A9"), agreement("A9", amount=money("USD", 1_00))),
    "the code of a pledge": ([], PLEDGED, PLEDGED.model_copy(update={"donor": "FOUND"})),
    "money of a donor and of nobody": ([], gift("U-1", 100), unidentified("U-1")),
    "a gift and an agreement": ([], gift("A9", 100), agreement("A9")),
    "an agreement and a gift on another account": ([], agreement("G-1"), gift("G-1", 100, "EUR")),
    "two gifts on two accounts": ([], gift("G-1", 100), gift("G-1", 100, "EUR")),
    "two receipts on two accounts": ([], unidentified("R-1"), unidentified("R-1", "EUR1")),
    "a receipt, whose it is": (
        [ARRIVED],
        ReceiptIdentified(on=NOV, receipt="R-1", donor="CITY"),
        ReceiptIdentified(on=NOV, receipt="R-1", donor="FOUND"),
    ),
    "a receipt, an agreement's or a gift": (
        [ARRIVED, agreement("A9")],
        ReceiptIdentified(on=NOV, receipt="R-1", agreement="A9"),
        ReceiptIdentified(on=NOV, receipt="R-1", donor="FOUND"),
    ),
    "a receipt that becomes a gift, and an agreement": (
        [ARRIVED],
        ReceiptIdentified(on=NOV, receipt="R-1", donor="CITY"),
        agreement("R-1"),
    ),
    "a pledge, kept twice": ([PLEDGED], agreement("A8", pledge="P1"), agreement("A9", pledge="P1")),
    "a pledge, kept and withdrawn": (
        [PLEDGED],
        agreement("A9", pledge="P1"),
        PledgeWithdrawn(on=NOV, pledge="P1", reason="a new mayor"),
    ),
    "a reversal, for another reason": (
        [gift("U-1", 100)],
        EntryReversed(on=DEC, entry=10, reason="a mistake"),
        EntryReversed(on=DEC, entry=10, reason="another mistake"),
    ),
    "rates of a day": (
        [],
        RatesPublished(on=date(2022, 3, 1), rates={"EUR": "0.9"}, source="example"),
        RatesPublished(on=date(2022, 3, 1), rates={"EUR": "0.8"}, source="example"),
    ),
    "a bank account": (
        [],
        BankAccountOpened(on=NOV, code="USD2", name="one", currency="USD"),
        BankAccountOpened(on=NOV, code="USD2", name="other", currency="USD"),
    ),
    "a refund, paid twice": (
        [gift("U-1", 100), RefundAgreed(on=NOV, code="R1", agreement="U-1", cents=100, reason="it asks")],
        RefundPaid(on=NOV, refund="R1", reference="B-1", bank_account="USD1"),
        RefundPaid(on=NOV, refund="R1", reference="B-2", bank_account="USD1"),
    ),
}
"""What is in the books; what waits; and what the books could not take as well."""


@pytest.mark.parametrize("together", [False, True], ids=["alone", "with others"])
@pytest.mark.parametrize(("before", "first", "second"), RIVALS.values(), ids=RIVALS)
def test_what_a_waiting_proposal_would_make_impossible_is_told_at_once(
    book: Book, before: list[Event], first: Event, second: Event, together: bool
) -> None:
    tell(book, *before)
    with book.recording() as journal:
        propose(journal, first, MAKER)
    with pytest.raises(Refused, match=r"^Proposal 1 waits .* first\.$"), book.recording() as journal:
        if together:
            propose_many(journal, [gift("U-5", 500), second], MAKER)
        else:
            propose(journal, second, MAKER)
    with book.recording() as journal:  # it would have been refused, only later
        approve(journal, 1, CHECKER)
        with pytest.raises(Refused):
            journal.preview(second, MAKER)


def test_how_many_more_are_waited_for_is_told(book: Book) -> None:
    asked_together(book)
    with pytest.raises(Refused, match=r"^Proposal 1 waits .* And 2 more are claimed by others\.$"):
        asked_together(book, *(gift(f"U-{number}", 1) for number in (1, 2, 3, 4)))


# ---- proposals that are decided together


GIFTS = [gift(f"U-{number}", 100 * number) for number in (1, 2, 3)]


def asked_together(book: Book, *events: Event) -> Proposed:
    with book.recording() as journal:
        return propose_many(journal, events or GIFTS, MAKER)


def statuses(book: Book) -> list[tuple[int, int, str, str, int]]:
    with book.reading() as books:
        return [
            (each.id, each.batch, each.status, each.decided_by, each.entry) for each in proposals(books, None)
        ]


def test_many_are_proposed_under_the_number_of_the_first(book: Book) -> None:
    before = dump(file_of(book), without=JOURNAL)
    assert asked(book) == 1
    assert asked_together(book) == Proposed(2, 3)
    assert dump(file_of(book), without=JOURNAL) == before
    assert statuses(book) == [(1, 0, "waiting", "", 0)] + [(id, 2, "waiting", "", 0) for id in (2, 3, 4)]
    with book.reading() as books:
        for number in (2, 3, 4):
            assert [each.payload for each in decided_together(books, number)] == [
                each.payload for each in GIFTS
            ]
        assert [each.id for each in decided_together(books, 1)] == [1]
        with pytest.raises(NotFound, match="no proposal 5"):
            decided_together(books, 5)


def test_more_than_are_put_down_at_once_have_one_number(book: Book) -> None:
    done: list[int] = []
    events = [gift(f"U-{number}", 100) for number in range(1, 1502)]
    with book.recording() as journal:
        assert propose_many(journal, events, MAKER, done.append) == Proposed(1, 1501)
        assert approve_batch(journal, 1501, CHECKER, done.append) == range(10, 1511)
    assert done == [1000, 1501] * 2
    assert statuses(book)[-1] == (1501, 1, "approved", CHECKER, 1510)
    assert verify(book).sound


def test_one_by_itself_is_decided_by_itself(book: Book) -> None:
    assert asked_together(book, GIFTS[0]) == Proposed(1, 1)
    with book.recording() as journal:
        assert approve(journal, 1, CHECKER).seq == 10


def test_none_is_proposed_where_there_is_nothing_new(book: Book) -> None:
    tell(book, GIFTS[0])
    with book.recording() as journal:
        assert propose_many(journal, [], MAKER) == propose_many(journal, GIFTS[:1], MAKER) == Proposed(0, 0)
    assert statuses(book) == []


def test_what_waits_or_is_recorded_is_not_put_aside_again(book: Book) -> None:
    tell(book, gift("U-9", 900))
    asked_together(book)
    assert asked_together(book) == Proposed(1, 0)
    assert asked_together(book, *GIFTS, gift("U-9", 900), gift("U-4", 400), gift("U-5", 500)) == Proposed(
        4, 2
    )
    assert [row[:2] for row in statuses(book)] == [(1, 1), (2, 1), (3, 1), (4, 4), (5, 4)]
    assert asked_together(book, gift("U-4", 400)) == Proposed(4, 0)


def test_what_the_books_refuse_cannot_be_proposed_with_others(book: Book) -> None:
    before = dump(file_of(book))
    with pytest.raises(Refused) as error:
        asked_together(book, *GIFTS, gift("U-1", 1), gift("U-2", 1))
    assert str(error.value) == (
        "'contribution:USD1:U-1' is in the books already, as entry 10, with other content: if that "
        "is wrong, reverse it; use another code or reference for this. This concerns "
        "contribution:USD1:U-1. And 1 more of them would be refused."
    )
    assert dump(file_of(book)) == before


def test_each_is_an_entry_that_names_both(book: Book) -> None:
    asked(book)
    asked_together(book)
    with book.recording() as journal:
        assert approve_batch(journal, 3, CHECKER) == range(10, 13)
    assert statuses(book)[1:] == [(id, 2, "approved", CHECKER, id + 8) for id in (2, 3, 4)]
    with book.reading() as books:
        for seq, event in enumerate(GIFTS, start=10):
            sealed = get_entry(books, seq)
            assert (sealed.payload, sealed.made_by, sealed.approved_by) == (event.payload, MAKER, CHECKER)
            assert proposal_of(books, seq) == decided_together(books, 2)[seq - 10]
    for decide in (approve_batch, reject):
        with (
            pytest.raises(Refused, match="Proposal 4 was approved already, by director"),
            book.recording() as journal,
        ):
            decide(journal, 4, CHECKER)


def test_one_of_many_is_not_approved_by_itself(book: Book) -> None:
    asked_together(book)
    with pytest.raises(Refused, match="decided together with others"), book.recording() as journal:
        approve(journal, 2, CHECKER)


def test_nobody_approves_the_many_that_they_proposed(book: Book) -> None:
    asked_together(book)
    before = dump(file_of(book))
    with pytest.raises(Refused, match="cannot approve this too"), book.recording() as journal:
        approve_batch(journal, 1, MAKER)
    assert dump(file_of(book)) == before


def test_a_threshold_holds_for_each_of_many(book: Book) -> None:
    roles: dict[str, tuple[Role, ...]] = {
        MAKER: ("administrator", "finance officer"),
        CHECKER: ("administrator", "director"),
        "Approver": ("approver",),
    }
    tell(book, RolesGiven(on=NOV, number=1, roles=roles))
    tell(book, ThresholdSet(on=NOV, number=1, of="contribution received", cents=300))
    asked_together(book, *GIFTS[:2])
    asked_together(book, gift("U-8", 299), GIFTS[2])
    with book.recording() as journal:
        assert len(approve_batch(journal, 1, "Approver")) == 2
    before = dump(file_of(book))
    with (
        pytest.raises(Refused, match=r"may not approve the contribution received of US\$3.00 or more"),
        book.recording() as journal,
    ):
        approve_batch(journal, 3, "Approver")
    assert dump(file_of(book)) == before
    with book.recording() as journal:
        assert len(approve_batch(journal, 3, CHECKER)) == 2


def test_none_of_many_is_approved_when_one_was_recorded_meanwhile(book: Book) -> None:
    asked_together(book)
    tell(book, GIFTS[1])
    before = dump(file_of(book))
    with (
        pytest.raises(Refused, match="proposal 2 asks for is recorded already: reject the proposals"),
        book.recording() as journal,
    ):
        approve_batch(journal, 1, CHECKER)
    assert dump(file_of(book)) == before


@pytest.mark.parametrize(("by", "noted"), [(CHECKER, CHECKER), (MAKER, f"{MAKER} (withdrawn)")])
def test_many_are_rejected_or_withdrawn_by_the_number_of_any(book: Book, by: str, noted: str) -> None:
    asked(book)
    asked_together(book)
    with book.recording() as journal:
        reject(journal, 3, by)
    assert statuses(book) == [(1, 0, "waiting", "", 0)] + [(id, 2, "rejected", noted, 0) for id in (2, 3, 4)]


def test_who_rejects_many_may_approve_each_kind_of_them(book: Book) -> None:
    roles: dict[str, tuple[Role, ...]] = {
        MAKER: ("administrator", "finance officer"),
        CHECKER: ("administrator", "approver"),
    }
    asked_together(book, *GIFTS, RolesGiven(on=NOV, number=1, roles=roles))
    tell(book, RolesGiven(on=NOV, number=2, roles={**roles, "Approver": ("approver",)}))
    with pytest.raises(Refused, match="may not reject the roles given"), book.recording() as journal:
        reject(journal, 1, "Approver")
    with book.recording() as journal:
        reject(journal, 1, CHECKER)


def test_two_that_ask_for_the_same_are_not_approved(book: Book) -> None:
    """Who says to have rehearsed them is believed, and no further."""
    with book.recording() as journal:
        propose_many(journal, [GIFTS[0], GIFTS[0]], MAKER, dry_run_done=True)
    before = dump(file_of(book))
    with pytest.raises(Refused, match="Two of the proposals of batch 1"), book.recording() as journal:
        approve_batch(journal, 1, CHECKER)
    assert dump(file_of(book)) == before
