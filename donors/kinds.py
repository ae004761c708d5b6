"""The kinds of events by which donors give, and by which their money is kept."""

from donors import (
    agreement,
    bank,
    contribution,
    donor,
    exchange,
    in_kind,
    interest,
    pledge,
    receipt,
    refund,
    write_off,
)

KINDS = (
    *donor.KINDS,
    *bank.KINDS,
    *pledge.KINDS,
    *agreement.KINDS,
    *contribution.KINDS,
    *receipt.KINDS,
    *in_kind.KINDS,
    *interest.KINDS,
    *exchange.KINDS,
    *refund.KINDS,
    *write_off.KINDS,
)
