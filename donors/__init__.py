"""Donors: pledges, agreements and their earmarks, contributions in money and in kind, and bank accounts."""

from donors.agreement.ageing import BANDS, Band, PledgeAge, band_of, banded, pledge_ageing
from donors.agreement.agreement import (
    Agreement,
    AgreementSigned,
    agreements,
    get_agreement,
    get_open_agreement,
    owners,
)
from donors.agreement.condition import ConditionMet, conditions_met
from donors.agreement.due import WITHIN_DAYS, Due, dues, dues_of
from donors.agreement.earmark import Earmark
from donors.agreement.instalment import Instalment
from donors.agreement.pledge import Pledge, PledgeRecorded, PledgeWithdrawn, open_pledges
from donors.agreement.pledge_sheet import PLEDGE_SHEET
from donors.agreement.sheet import AGREEMENT_SHEET
from donors.bank.csv_statement import ColumnMap, read_column_map
from donors.bank.file import find_line, read_statements, statement_of_account
from donors.bank.matching import BookedMoney, Match, match_lines
from donors.bank.owed import Owed
from donors.bank.reading import Reading, bookings, match_statement
from donors.bank.reconcile import BankMovement, Reconciliation, reconcile
from donors.bank.statement import BankLine, BankStatement
from donors.bank_accounts.account import (
    BankAccount,
    BankAccountOpened,
    BankChargePaid,
    CurrencyChanged,
    bank_accounts,
    require_account,
)
from donors.bank_accounts.average_balance import balance_days
from donors.bank_accounts.interest import InterestAttributed, InterestReceived
from donors.bank_accounts.revaluation import BalancesRevalued, DifferencesAttributed
from donors.changes.amendment import AgreementAmended
from donors.changes.fx_impact import FxImpact, fx_impacts, worth_on_arrival
from donors.changes.refund import Refund, RefundAgreed, RefundPaid, get_refund, refunds
from donors.changes.transfer import FundsTransferred
from donors.changes.write_off import ReceivableWrittenOff
from donors.codes import (
    CODE_PATTERN,
    ActivityField,
    AgreementField,
    BankAccountField,
    ClusterField,
    CountryField,
    DonorField,
    WorkAreaField,
)
from donors.contribution.contribution import (
    Contribution,
    ContributionReceived,
    TakenBack,
    contributions,
    get_contribution,
)
from donors.contribution.goods import (
    GoodsReturned,
    GoodsUsed,
    GoodsWrittenOff,
    LossReason,
    goods_left,
    taken_from_goods,
)
from donors.contribution.in_kind import GoodsReceived, InKindGift, ServiceReceived, get_in_kind, in_kind_gifts
from donors.contribution.sheet import CONTRIBUTION_SHEET
from donors.contribution.unidentified import (
    ReceiptIdentified,
    UnidentifiedReceipt,
    UnidentifiedReceived,
    arrival_of,
    get_receipt,
    identify,
    unidentified_receipts,
)
from donors.donor.contact import Contact, contacts, erase_contact, set_contact, unknown_contact
from donors.donor.donor import (
    Donor,
    DonorAmended,
    DonorRegistered,
    DonorType,
    Subtype,
    donors,
    get_donor,
    next_amendment,
)
from donors.donor.issued import RECIPIENTS, Issue, StatementIssued, StatementRecipient, issues
from donors.donor.issued_name import IssuedName, find_issued
from donors.donor.letter import (
    IssuedLetter,
    LetterIssued,
    issued_letters,
    keep_letter,
    letter_content,
    letter_file,
    letter_number,
    letters_like,
)
from donors.donor.personal_data import PERSONAL_TABLES
from donors.donor.screening import (
    GROUNDS,
    DonorScreened,
    Screening,
    ScreeningOutcome,
    screening_on,
    screenings,
)
from donors.donor.sheet import DONOR_SHEET
from donors.event_types import KINDS
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
from donors.import_preview import ImportPreview, preview_import, record_import
from donors.languages import LANGUAGES, SOURCE_LANGUAGE, Language, text_in
from donors.offers.offer import Item, Offer, OfferDeclined, OfferReceived, get_offer, offers
from donors.offers.questionnaire import QUESTIONNAIRE
from donors.sheets.rows import Cells, EventSheet, RowEvent, read_events

__all__ = [
    "AGREEMENT_SHEET",
    "BANDS",
    "CODE_PATTERN",
    "CONTRIBUTION_SHEET",
    "DONOR_SHEET",
    "GROUNDS",
    "KINDS",
    "LANGUAGES",
    "PERSONAL_TABLES",
    "PLEDGE_SHEET",
    "QUESTIONNAIRE",
    "RECIPIENTS",
    "SOURCE_LANGUAGE",
    "WITHIN_DAYS",
    "ActivityField",
    "AfricaDefinition",
    "Agreement",
    "AgreementAmended",
    "AgreementField",
    "AgreementSigned",
    "BalancesRevalued",
    "Band",
    "BankAccount",
    "BankAccountField",
    "BankAccountOpened",
    "BankChargePaid",
    "BankLine",
    "BankMovement",
    "BankStatement",
    "BookedMoney",
    "Cells",
    "City",
    "ClusterField",
    "ColumnMap",
    "ConditionMet",
    "Contact",
    "Contribution",
    "ContributionReceived",
    "CountryField",
    "CurrencyChanged",
    "DifferencesAttributed",
    "Donor",
    "DonorAmended",
    "DonorField",
    "DonorRegistered",
    "DonorScreened",
    "DonorType",
    "Due",
    "Earmark",
    "EventSheet",
    "FundsTransferred",
    "FxImpact",
    "GoodsReceived",
    "GoodsReturned",
    "GoodsUsed",
    "GoodsWrittenOff",
    "ImportPreview",
    "InKindGift",
    "Instalment",
    "InterestAttributed",
    "InterestReceived",
    "Issue",
    "IssuedLetter",
    "IssuedName",
    "Item",
    "Language",
    "LetterIssued",
    "LossReason",
    "Match",
    "Offer",
    "OfferDeclined",
    "OfferReceived",
    "Owed",
    "Pledge",
    "PledgeAge",
    "PledgeRecorded",
    "PledgeWithdrawn",
    "Reading",
    "ReceiptIdentified",
    "ReceivableWrittenOff",
    "Reconciliation",
    "Refund",
    "RefundAgreed",
    "RefundPaid",
    "RowEvent",
    "Screening",
    "ScreeningOutcome",
    "ServiceReceived",
    "StatementIssued",
    "StatementRecipient",
    "Subtype",
    "TakenBack",
    "UnidentifiedReceipt",
    "UnidentifiedReceived",
    "WorkAreaField",
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
    "find_issued",
    "find_line",
    "folded",
    "fx_impacts",
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
    "issued_letters",
    "issues",
    "keep_letter",
    "letter_content",
    "letter_file",
    "letter_number",
    "letters_like",
    "match_lines",
    "match_statement",
    "next_amendment",
    "offers",
    "open_pledges",
    "owners",
    "pledge_ageing",
    "preview_import",
    "read_column_map",
    "read_events",
    "read_statements",
    "reconcile",
    "record_import",
    "refunds",
    "require_account",
    "screening_on",
    "screenings",
    "set_contact",
    "stated_region",
    "statement_of_account",
    "taken_from_goods",
    "text_in",
    "unesco_region",
    "unidentified_receipts",
    "unknown_contact",
    "worth_on_arrival",
]
