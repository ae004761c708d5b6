"""Who gives: donors, pledges, agreements and their earmarks, contributions in money and in kind, the bank."""

from donors.agreement import Agreement, AgreementSigned, agreements, get_agreement
from donors.bank import BankAccount, BankAccountOpened, CurrencyChanged, bank_accounts, require_account
from donors.contribution import Contribution, ContributionReceived, contributions
from donors.donor import CODE_PATTERN, Donor, DonorRegistered, DonorType, donors, get_donor
from donors.earmark import Earmark
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
from donors.kinds import KINDS
from donors.pledge import Pledge, PledgeRecorded, PledgeWithdrawn, open_pledges

__all__ = [
    "CODE_PATTERN",
    "KINDS",
    "AfricaDefinition",
    "Agreement",
    "AgreementSigned",
    "BankAccount",
    "BankAccountOpened",
    "City",
    "Contribution",
    "ContributionReceived",
    "CurrencyChanged",
    "Donor",
    "DonorRegistered",
    "DonorType",
    "Earmark",
    "GoodsReceived",
    "GoodsUsed",
    "InKindGift",
    "Pledge",
    "PledgeRecorded",
    "PledgeWithdrawn",
    "ServiceReceived",
    "agreements",
    "bank_accounts",
    "cities",
    "contributions",
    "country",
    "country_name",
    "donors",
    "get_agreement",
    "get_donor",
    "in_africa",
    "in_kind_gifts",
    "is_listed",
    "open_pledges",
    "require_account",
    "unesco_region",
    "uses_of_goods",
]
