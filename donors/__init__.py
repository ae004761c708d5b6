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
from donors.bank_csv import ColumnMap, read_column_map
from donors.bank_file import of_account, read_statements
from donors.bank_reading import Reading, bookings, read_against
from donors.bank_statement import BankLine, BankStatement
from donors.condition import ConditionMet, conditions_met
from donors.contact import contact
from donors.contribution import Contribution, ContributionReceived, contributions
from donors.donor import CODE_PATTERN, SUBTYPES, Donor, DonorRegistered, DonorType, donors, get_donor
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
    stated_region,
    unesco_region,
)
from donors.in_kind import GoodsReceived, GoodsUsed, InKindGift, ServiceReceived, in_kind_gifts, uses_of_goods
from donors.instalment import Instalment
from donors.interest import InterestAttributed, InterestReceived
from donors.kinds import KINDS
from donors.matching import Match, Owed, Told, match_lines
from donors.offer import Offer, OfferDeclined, OfferReceived, offers
from donors.pledge import Pledge, PledgeRecorded, PledgeWithdrawn, open_pledges
from donors.receipt import (
    ReceiptIdentified,
    UnidentifiedReceipt,
    UnidentifiedReceived,
    get_receipt,
    unidentified_receipts,
)
from donors.reconcile import Movement, Reconciliation, reconcile
from donors.refund import Refund, RefundAgreed, RefundPaid, get_refund
from donors.screening import GROUNDS, DonorScreened, Screening, require_screened, screenings
from donors.transfer import FundsTransferred
from donors.write_off import ReceivableWrittenOff

__all__ = [
    "CODE_PATTERN",
    "GROUNDS",
    "KINDS",
    "SUBTYPES",
    "AfricaDefinition",
    "Agreement",
    "AgreementSigned",
    "BalancesRevalued",
    "BankAccount",
    "BankAccountOpened",
    "BankChargePaid",
    "BankLine",
    "BankStatement",
    "City",
    "ColumnMap",
    "ConditionMet",
    "Contribution",
    "ContributionReceived",
    "CurrencyChanged",
    "DifferencesAttributed",
    "Donor",
    "DonorRegistered",
    "DonorScreened",
    "DonorType",
    "Earmark",
    "FundsTransferred",
    "GoodsReceived",
    "GoodsUsed",
    "InKindGift",
    "Instalment",
    "InterestAttributed",
    "InterestReceived",
    "Match",
    "Movement",
    "Offer",
    "OfferDeclined",
    "OfferReceived",
    "Owed",
    "Pledge",
    "PledgeRecorded",
    "PledgeWithdrawn",
    "Reading",
    "ReceiptIdentified",
    "ReceivableWrittenOff",
    "Reconciliation",
    "Refund",
    "RefundAgreed",
    "RefundPaid",
    "Screening",
    "ServiceReceived",
    "Told",
    "UnidentifiedReceipt",
    "UnidentifiedReceived",
    "agreements",
    "balance_days",
    "bank_accounts",
    "bookings",
    "cities",
    "conditions_met",
    "contact",
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
    "match_lines",
    "not_taken_back",
    "of_account",
    "offers",
    "open_pledges",
    "read_against",
    "read_column_map",
    "read_statements",
    "reconcile",
    "require_account",
    "require_screened",
    "screenings",
    "stated_region",
    "unesco_region",
    "unidentified_receipts",
    "uses_of_goods",
]
