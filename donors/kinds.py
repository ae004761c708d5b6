"""The kinds of events by which donors give, and by which their money is kept."""

from donors import (
    agreement,
    bank,
    condition,
    contribution,
    donor,
    exchange,
    in_kind,
    interest,
    offer,
    pledge,
    receipt,
    refund,
    screening,
    transfer,
    write_off,
)

KINDS = (
    *donor.KINDS,
    *screening.KINDS,
    *offer.KINDS,
    *bank.KINDS,
    *pledge.KINDS,
    *agreement.KINDS,
    *condition.KINDS,
    *contribution.KINDS,
    *receipt.KINDS,
    *in_kind.KINDS,
    *interest.KINDS,
    *exchange.KINDS,
    *refund.KINDS,
    *transfer.KINDS,
    *write_off.KINDS,
)
