"""Who gives: donors, pledges, agreements and their earmarks, contributions in money and in kind, the bank."""

from donors.agreement import Agreement, AgreementSigned, agreements, get_agreement
from donors.average import balance_days, not_taken_back
from donors.bank import (
    BankAccount,
    BankAccountOpened,
    BankChargePaid,
    CurrencyChanged,
    bank_accounts,
    require_account,
)
from donors.contribution import Contribution, ContributionReceived, contributions
from donors.donor import CODE_PATTERN, Donor, DonorRegistered, DonorType, donors, get_donor
from donors.earmark import Earmark
from donors.exchange import BalancesRevalued, DifferencesAttributed
from donors.geography import (
    AfricaDefinition,
    City,
    cities,
    country,
    country_name,
    in_africa,
    is_listed,
    unesco_region,
)
from donors.in_kind import GoodsReceived, GoodsUsed, InKindGift, ServiceReceived, in_kind_gifts, uses_of_goods
from donors.interest import InterestAttributed, InterestReceived
from donors.kinds import KINDS
from donors.pledge import Pledge, PledgeRecorded, PledgeWithdrawn, open_pledges
from donors.receipt import (
    ReceiptIdentified,
    UnidentifiedReceipt,
    UnidentifiedReceived,
    get_receipt,
    unidentified_receipts,
)
from donors.refund import Refund, RefundAgreed, RefundPaid, get_refund
from donors.write_off import ReceivableWrittenOff

__all__ = [
    "CODE_PATTERN",
    "KINDS",
    "AfricaDefinition",
    "Agreement",
    "AgreementSigned",
    "BalancesRevalued",
    "BankAccount",
    "BankAccountOpened",
    "BankChargePaid",
    "City",
    "Contribution",
    "ContributionReceived",
    "CurrencyChanged",
    "DifferencesAttributed",
    "Donor",
    "DonorRegistered",
    "DonorType",
    "Earmark",
    "GoodsReceived",
    "GoodsUsed",
    "InKindGift",
    "InterestAttributed",
    "InterestReceived",
    "Pledge",
    "PledgeRecorded",
    "PledgeWithdrawn",
    "ReceiptIdentified",
    "ReceivableWrittenOff",
    "Refund",
    "RefundAgreed",
    "RefundPaid",
    "ServiceReceived",
    "UnidentifiedReceipt",
    "UnidentifiedReceived",
    "agreements",
    "balance_days",
    "bank_accounts",
    "cities",
    "contributions",
    "country",
    "country_name",
    "donors",
    "get_agreement",
    "get_donor",
    "get_receipt",
    "get_refund",
    "in_africa",
    "in_kind_gifts",
    "is_listed",
    "not_taken_back",
    "open_pledges",
    "require_account",
    "unesco_region",
    "unidentified_receipts",
    "uses_of_goods",
]
