"""The kinds of events by which donors give."""

from donors import agreement, bank, contribution, donor, in_kind, pledge

KINDS = (
    *donor.KINDS,
    *bank.KINDS,
    *pledge.KINDS,
    *agreement.KINDS,
    *contribution.KINDS,
    *in_kind.KINDS,
)
