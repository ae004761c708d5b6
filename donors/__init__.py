"""Who gives: donors, pledges, agreements and their earmarks, contributions in money and in kind, the bank."""

from donors.ageing import BANDS, Band, PledgeAge, band_of, banded, pledge_ageing
from donors.agreement import (
    Agreement,
    AgreementSigned,
    agreements,
    get_agreement,
    get_open_agreement,
    owners,
)
from donors.agreement_sheet import AGREEMENT_SHEET
from donors.amendment import AgreementAmended
from donors.average import balance_days
from donors.bank import (
    BankAccount,
    BankAccountOpened,
    BankChargePaid,
    CurrencyChanged,
    bank_accounts,
    require_account,
)
from donors.bank_csv import ColumnMap, read_column_map
from donors.bank_file import line_in, of_account, read_statements
from donors.bank_reading import Reading, bookings, read_against
from donors.bank_statement import BankLine, BankStatement
from donors.condition import ConditionMet, conditions_met
from donors.contact import Contact, contacts, erase_contact, set_contact
from donors.contribution import (
    Contribution,
    ContributionReceived,
    TakenBack,
    contributions,
    get_contribution,
)
from donors.contribution_sheet import CONTRIBUTION_SHEET
from donors.donor import (
    CODE_PATTERN,
    Donor,
    DonorAmended,
    DonorRegistered,
    DonorType,
    Language,
    Subtype,
    donors,
    get_donor,
    next_amendment,
)
from donors.donor_sheet import DONOR_SHEET
from donors.due import WITHIN_DAYS, Due, dues, dues_of
from donors.earmark import Earmark
from donors.exchange import BalancesRevalued, DifferencesAttributed
from donors.geography import (
    AfricaDefinition,
    City,
    cities,
    country,
    country_name,
    folded,
    in_africa,
    is_listed,
    stated_region,
    unesco_region,
)
from donors.goods import (
    GoodsReturned,
    GoodsUsed,
    GoodsWrittenOff,
    LossReason,
    goods_left,
    taken_from_goods,
)
from donors.in_kind import GoodsReceived, InKindGift, ServiceReceived, get_in_kind, in_kind_gifts
from donors.instalment import Instalment
from donors.intake import Intake, put_in, take_in
from donors.interest import InterestAttributed, InterestReceived
from donors.issued import RECIPIENTS, Issue, Recipient, StatementIssued, issues
from donors.kinds import KINDS
from donors.matching import Match, Told, match_lines
from donors.offer import Item, Offer, OfferDeclined, OfferReceived, get_offer, offers
from donors.owed import Owed
from donors.pledge import Pledge, PledgeRecorded, PledgeWithdrawn, open_pledges
from donors.pledge_sheet import PLEDGE_SHEET
from donors.questionnaire import QUESTIONNAIRE
from donors.receipt import (
    ReceiptIdentified,
    UnidentifiedReceipt,
    UnidentifiedReceived,
    arrival_of,
    get_receipt,
    identify,
    unidentified_receipts,
)
from donors.reconcile import Movement, Reconciliation, reconcile
from donors.refund import Refund, RefundAgreed, RefundPaid, get_refund, refunds
from donors.screening import (
    GROUNDS,
    DonorScreened,
    Outcome,
    Screening,
    screening_on,
    screenings,
)
from donors.sheet import Cells, RowEvent, Sheet, read_events
from donors.transfer import FundsTransferred
from donors.valued import Valued, valued_otherwise, worth_on_arrival
from donors.write_off import ReceivableWrittenOff

__all__ = [
    "AGREEMENT_SHEET",
    "BANDS",
    "CODE_PATTERN",
    "CONTRIBUTION_SHEET",
    "DONOR_SHEET",
    "GROUNDS",
    "KINDS",
    "PLEDGE_SHEET",
    "QUESTIONNAIRE",
    "RECIPIENTS",
    "WITHIN_DAYS",
    "AfricaDefinition",
    "Agreement",
    "AgreementAmended",
    "AgreementSigned",
    "BalancesRevalued",
    "Band",
    "BankAccount",
    "BankAccountOpened",
    "BankChargePaid",
    "BankLine",
    "BankStatement",
    "Cells",
    "City",
    "ColumnMap",
    "ConditionMet",
    "Contact",
    "Contribution",
    "ContributionReceived",
    "CurrencyChanged",
    "DifferencesAttributed",
    "Donor",
    "DonorAmended",
    "DonorRegistered",
    "DonorScreened",
    "DonorType",
    "Due",
    "Earmark",
    "FundsTransferred",
    "GoodsReceived",
    "GoodsReturned",
    "GoodsUsed",
    "GoodsWrittenOff",
    "InKindGift",
    "Instalment",
    "Intake",
    "InterestAttributed",
    "InterestReceived",
    "Issue",
    "Item",
    "Language",
    "LossReason",
    "Match",
    "Movement",
    "Offer",
    "OfferDeclined",
    "OfferReceived",
    "Outcome",
    "Owed",
    "Pledge",
    "PledgeAge",
    "PledgeRecorded",
    "PledgeWithdrawn",
    "Reading",
    "ReceiptIdentified",
    "ReceivableWrittenOff",
    "Recipient",
    "Reconciliation",
    "Refund",
    "RefundAgreed",
    "RefundPaid",
    "RowEvent",
    "Screening",
    "ServiceReceived",
    "Sheet",
    "StatementIssued",
    "Subtype",
    "TakenBack",
    "Told",
    "UnidentifiedReceipt",
    "UnidentifiedReceived",
    "Valued",
    "agreements",
    "arrival_of",
    "balance_days",
    "band_of",
    "banded",
    "bank_accounts",
    "bookings",
    "cities",
    "conditions_met",
    "contacts",
    "contributions",
    "country",
    "country_name",
    "donors",
    "dues",
    "dues_of",
    "erase_contact",
    "folded",
    "get_agreement",
    "get_contribution",
    "get_donor",
    "get_in_kind",
    "get_offer",
    "get_open_agreement",
    "get_receipt",
    "get_refund",
    "goods_left",
    "identify",
    "in_africa",
    "in_kind_gifts",
    "is_listed",
    "issues",
    "line_in",
    "match_lines",
    "next_amendment",
    "of_account",
    "offers",
    "open_pledges",
    "owners",
    "pledge_ageing",
    "put_in",
    "read_against",
    "read_column_map",
    "read_events",
    "read_statements",
    "reconcile",
    "refunds",
    "require_account",
    "screening_on",
    "screenings",
    "set_contact",
    "stated_region",
    "take_in",
    "taken_from_goods",
    "unesco_region",
    "unidentified_receipts",
    "valued_otherwise",
    "worth_on_arrival",
]
