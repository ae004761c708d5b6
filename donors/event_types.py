"""All kinds of events of this package, in the order in which their registers are created."""

from donors.agreement import agreement, condition, pledge
from donors.bank_accounts import account, interest, revaluation
from donors.changes import amendment, refund, screening_dependencies, transfer, write_off
from donors.contribution import contribution, goods, in_kind, unidentified
from donors.donor import donor, issued, letter
from donors.offers import offer

KINDS = (
    *donor.KINDS,
    *screening_dependencies.KINDS,
    *offer.KINDS,
    *account.KINDS,
    *pledge.KINDS,
    *agreement.KINDS,
    *condition.KINDS,
    *amendment.KINDS,
    *contribution.KINDS,
    *unidentified.KINDS,
    *in_kind.KINDS,
    *goods.KINDS,
    *interest.KINDS,
    *revaluation.KINDS,
    *refund.KINDS,
    *transfer.KINDS,
    *write_off.KINDS,
    *issued.KINDS,
    *letter.KINDS,
)
