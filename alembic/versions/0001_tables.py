"""The tables of a book: the journal, what stands beside it, and the registers.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def whole() -> sa.types.TypeEngine[int]:
    """A 64-bit integer; SQLite's STRICT tables call it INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("class", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("requires", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("sign", whole(), autoincrement=False, nullable=False),
        sa.Column("fund_currency_only", whole(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(class = 'asset' AND code LIKE '1%') OR (class = 'liability' AND code LIKE '2%') OR (class = 'use' AND code LIKE '3%') OR (class = 'memo' AND code LIKE '9%')",
            name=op.f("ck_account_class_of_code"),
        ),
        sa.CheckConstraint(
            "class IN ('asset', 'liability', 'use', 'memo')", name=op.f("ck_account_no_revenue_class")
        ),
        sa.CheckConstraint("sign IN (-1, 0, 1)", name=op.f("ck_account_sign")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_account")),
        sqlite_strict=True,
    )
    op.create_table(
        "agreement",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column("signed_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("starts_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("ends_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("earmark", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("gift", whole(), autoincrement=False, nullable=False),
        sa.Column(
            "instalments", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("raised", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amended_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "agreement"},
        sqlite_strict=True,
    )
    op.create_index("ix_agreement_code", "agreement", ["code"], unique=False)
    op.create_index("ix_agreement_donor", "agreement", ["donor"], unique=False)
    op.create_table(
        "allotment",
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("allocated", whole(), autoincrement=False, nullable=False),
        sa.Column("used", whole(), autoincrement=False, nullable=False),
        sa.Column("committed", whole(), autoincrement=False, nullable=False),
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.CheckConstraint("used + committed <= allocated", name=op.f("ck_allotment_within_allocation")),
        sa.CheckConstraint("used >= 0 AND committed >= 0", name=op.f("ck_allotment_not_negative")),
        sa.PrimaryKeyConstraint("term", "agreement", "activity", name=op.f("pk_allotment")),
        sqlite_strict=True,
    )
    op.create_table(
        "approved_plan",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("scenario", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "plan_sha256", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("lists_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "approved_plan"},
        sqlite_strict=True,
    )
    op.create_index("ix_approved_plan_term", "approved_plan", ["term"], unique=False)
    op.create_table(
        "balance",
        sa.Column("account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("grant_code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "bank_account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column("usd", whole(), autoincrement=False, nullable=False),
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "account NOT IN ('1100', '1200', '1300', '1400', '3110', '3120', '3130', '3140', '3150', '3160', '3170', '3180', '3300', '3390', '3900', '9100', '9200', '9300') OR amount >= 0",
            name=op.f("ck_balance_debit_side"),
        ),
        sa.CheckConstraint(
            "account NOT IN ('2100', '2200', '2300', '2400', '2500', '2600', '2700', '2850', '2900', '9190', '9290', '9390') OR amount <= 0",
            name=op.f("ck_balance_credit_side"),
        ),
        sa.PrimaryKeyConstraint(
            "account",
            "term",
            "agreement",
            "activity",
            "grant_code",
            "bank_account",
            "donor",
            "currency",
            name=op.f("pk_balance"),
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "bank_account",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "bank_account"},
        sqlite_strict=True,
    )
    op.create_index("ix_bank_account_code", "bank_account", ["code"], unique=False)
    op.create_table(
        "closed_agreement",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("closed_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "closed_agreement"},
        sqlite_strict=True,
    )
    op.create_index("ix_closed_agreement_code", "closed_agreement", ["code"], unique=False)
    op.create_table(
        "closed_term",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("successor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "closed_term"},
        sqlite_strict=True,
    )
    op.create_index("ix_closed_term_code", "closed_term", ["code"], unique=False)
    op.create_table(
        "condition_met",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("instalment", whole(), autoincrement=False, nullable=False),
        sa.Column("met_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "condition_met"},
        sqlite_strict=True,
    )
    op.create_index("ix_condition_met_agreement", "condition_met", ["agreement"], unique=False)
    op.create_table(
        "contact",
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("role", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("email", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("phone", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("address", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("donor", "name", name=op.f("pk_contact")),
        sqlite_strict=True,
    )
    op.create_table(
        "contribution",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "bank_account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column(
            "received_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        info={"named as": "contribution"},
        sqlite_strict=True,
    )
    op.create_index("ix_contribution_reference", "contribution", ["reference"], unique=False)
    op.create_table(
        "donor",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("type", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("country", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("language", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("subtype", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("city", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "donor"},
        sqlite_strict=True,
    )
    op.create_index("ix_donor_code", "donor", ["code"], unique=False)
    op.create_table(
        "entry",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column(
            "effective_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "recorded_at", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("kind", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("version", whole(), autoincrement=False, nullable=False),
        sa.Column("payload", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("made_by", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "approved_by", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("input_hash", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("reverses", whole(), autoincrement=False, nullable=False),
        sa.Column("line_count", whole(), autoincrement=False, nullable=False),
        sa.Column("prev", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("hash", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.CheckConstraint("effective_on LIKE '____-__-__'", name=op.f("ck_entry_effective_on")),
        sa.CheckConstraint("line_count = 0 OR approved_by <> ''", name=op.f("ck_entry_approved")),
        sa.CheckConstraint("made_by <> ''", name=op.f("ck_entry_made_by")),
        sa.CheckConstraint("line_count <> 1", name=op.f("ck_entry_double_entry")),
        sa.CheckConstraint("made_by <> approved_by", name=op.f("ck_entry_four_eyes")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_entry_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_entry_effective_on", "entry", ["effective_on"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence")),
        sqlite_strict=True,
    )
    op.create_table(
        "expenditure",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("payee", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "expenditure"},
        sqlite_strict=True,
    )
    op.create_index("ix_expenditure_code", "expenditure", ["code"], unique=False)
    op.create_table(
        "goods_taken",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("goods", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("cents", whole(), autoincrement=False, nullable=False),
        info={"named as": "goods_taken"},
        sqlite_strict=True,
    )
    op.create_index("ix_goods_taken_goods", "goods_taken", ["goods"], unique=False)
    op.create_table(
        "grant_agreement",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("partner", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("cents", whole(), autoincrement=False, nullable=False),
        sa.Column(
            "committed_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("ends_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "grant"},
        sqlite_strict=True,
    )
    op.create_index("ix_grant_agreement_code", "grant_agreement", ["code"], unique=False)
    op.create_table(
        "identification",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("receipt", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("owed_under", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "identification"},
        sqlite_strict=True,
    )
    op.create_index("ix_identification_receipt", "identification", ["receipt"], unique=False)
    op.create_table(
        "in_kind",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("form", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "description", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("basis", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "received_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("evidence", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "goods"},
        sqlite_strict=True,
    )
    op.create_index("ix_in_kind_code", "in_kind", ["code"], unique=False)
    op.create_table(
        "movement",
        sa.Column("account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("month", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column("usd", whole(), autoincrement=False, nullable=False),
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account", "month", "term", "currency", name=op.f("pk_movement")),
        sqlite_strict=True,
    )
    op.create_table(
        "news",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("cluster", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("reference", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("sent_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("headline", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("told", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "news"},
        sqlite_strict=True,
    )
    op.create_index("ix_news_term", "news", ["term"], unique=False)
    op.create_table(
        "offer",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("item", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "description", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("value", whole(), autoincrement=False, nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("offered_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "offer"},
        sqlite_strict=True,
    )
    op.create_index("ix_offer_code", "offer", ["code"], unique=False)
    op.create_table(
        "offer_end",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("offer", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("ended_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("how", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "offer_end"},
        sqlite_strict=True,
    )
    op.create_index("ix_offer_end_offer", "offer_end", ["offer"], unique=False)
    op.create_table(
        "period",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("closed", whole(), autoincrement=False, nullable=False),
        info={"named as": "period"},
        sqlite_strict=True,
    )
    op.create_index("ix_period_period", "period", ["period"], unique=False)
    op.create_table(
        "person",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("roles", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "person"},
        sqlite_strict=True,
    )
    op.create_index("ix_person_name", "person", ["name"], unique=False)
    op.create_table(
        "planned_activity",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("work_area", whole(), autoincrement=False, nullable=False),
        sa.Column("cluster", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("titles", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_cents", whole(), autoincrement=False, nullable=False),
        sa.Column("units", whole(), autoincrement=False, nullable=False),
        sa.Column("demand", whole(), autoincrement=False, nullable=False),
        sa.Column("cities", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("more", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "planned_activity"},
        sqlite_strict=True,
    )
    op.create_index("ix_planned_activity_term", "planned_activity", ["term"], unique=False)
    op.create_table(
        "planned_city",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("country", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("region", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "planned_city"},
        sqlite_strict=True,
    )
    op.create_index("ix_planned_city_term", "planned_city", ["term"], unique=False)
    op.create_table(
        "pledge",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column(
            "recorded_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "expected_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        info={"named as": "pledge"},
        sqlite_strict=True,
    )
    op.create_index("ix_pledge_code", "pledge", ["code"], unique=False)
    op.create_table(
        "pledge_end",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("pledge", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("ended_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("how", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "pledge_end"},
        sqlite_strict=True,
    )
    op.create_index("ix_pledge_end_pledge", "pledge_end", ["pledge"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", whole(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("version", whole(), autoincrement=False, nullable=False),
        sa.Column("payload", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("made_by", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("made_at", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("status", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("decided_by", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("entry", whole(), autoincrement=False, nullable=False),
        sa.Column("batch", whole(), autoincrement=False, nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'approved', 'rejected')", name=op.f("ck_proposal_status")),
        sa.CheckConstraint("made_by <> decided_by", name=op.f("ck_proposal_four_eyes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sqlite_strict=True,
    )
    op.create_table(
        "rate",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "effective_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("rate", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("source", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("instead_of", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "rate"},
        sqlite_strict=True,
    )
    op.create_index("ix_rate_currency", "rate", ["currency"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "bank_account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column("arrived_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "receipt"},
        sqlite_strict=True,
    )
    op.create_index("ix_receipt_code", "receipt", ["code"], unique=False)
    op.create_table(
        "refund",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("cents", whole(), autoincrement=False, nullable=False),
        sa.Column("agreed_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "refund"},
        sqlite_strict=True,
    )
    op.create_index("ix_refund_code", "refund", ["code"], unique=False)
    op.create_table(
        "refund_payment",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("refund", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("paid_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        info={"named as": "refund_payment"},
        sqlite_strict=True,
    )
    op.create_index("ix_refund_payment_refund", "refund_payment", ["refund"], unique=False)
    op.create_table(
        "reported_result",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("grant_code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("reference", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "reported_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("reached", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("note", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "reported_result"},
        sqlite_strict=True,
    )
    op.create_index("ix_reported_result_grant_code", "reported_result", ["grant_code"], unique=False)
    op.create_table(
        "result",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("grant_code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "reported_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("results", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "result"},
        sqlite_strict=True,
    )
    op.create_index("ix_result_grant_code", "result", ["grant_code"], unique=False)
    op.create_table(
        "screening",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("outcome", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("found", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "screened_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "valid_until", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        info={"named as": "screening"},
        sqlite_strict=True,
    )
    op.create_index("ix_screening_donor", "screening", ["donor"], unique=False)
    op.create_table(
        "support_cost_rate",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "effective_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("basis_points", whole(), autoincrement=False, nullable=False),
        info={"named as": "support_cost_rate"},
        sqlite_strict=True,
    )
    op.create_index("ix_support_cost_rate_term", "support_cost_rate", ["term"], unique=False)
    op.create_table(
        "term",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("starts_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("ends_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("target", whole(), autoincrement=False, nullable=False),
        info={"named as": "term"},
        sqlite_strict=True,
    )
    op.create_index("ix_term_code", "term", ["code"], unique=False)
    op.create_table(
        "threshold",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("cents", whole(), autoincrement=False, nullable=False),
        info={"named as": "threshold"},
        sqlite_strict=True,
    )
    op.create_index("ix_threshold_kind", "threshold", ["kind"], unique=False)
    op.create_table(
        "issued",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        sa.Column("statement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("language", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("starts_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("ends_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("known_at", whole(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "paper_sha256", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "verification", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("recipient", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("issued_on", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        info={"named as": "issued"},
        sqlite_strict=True,
    )
    op.create_index("ix_issued_statement", "issued", ["statement"], unique=False)
    op.create_table(
        "line",
        sa.Column("entry", whole(), autoincrement=False, nullable=False),
        sa.Column("no", whole(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("activity", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("grant_code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "bank_account", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("donor", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("amount", whole(), autoincrement=False, nullable=False),
        sa.Column("usd", whole(), autoincrement=False, nullable=False),
        sa.CheckConstraint("currency <> 'USD' OR amount = usd", name=op.f("ck_line_usd")),
        sa.CheckConstraint("term <> ''", name=op.f("ck_line_term")),
        sa.CheckConstraint("amount <> 0 OR usd <> 0", name=op.f("ck_line_not_empty")),
        sa.ForeignKeyConstraint(["account"], ["account.code"], name=op.f("fk_line_account")),
        sa.ForeignKeyConstraint(
            ["entry"], ["entry.seq"], name=op.f("fk_line_entry"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("entry", "no", name=op.f("pk_line")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_line_account", "line", ["account"], unique=False)
    op.create_index("ix_line_agreement", "line", ["agreement"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a sealed journal is never taken apart: restore a copy instead")
