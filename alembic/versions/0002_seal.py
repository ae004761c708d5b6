"""The seal: the chart of accounts, and the triggers that let nothing into the journal but whole entries.

What the triggers promise is written down in docs/sealing.md.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHART = (
    ("1100", "Cash at bank", "asset", "bank_account", 1, 0),
    ("1200", "Contributions receivable", "asset", "agreement", 1, 0),
    ("1300", "Advances to implementing partners", "asset", "grant_code", 1, 0),
    ("1400", "In-kind assets (goods)", "asset", "agreement", 1, 0),
    ("1900", "Currency clearing", "asset", "", 0, 0),
    ("2100", "Funds held in trust: not yet received", "liability", "agreement", -1, 0),
    ("2200", "Funds held in trust: available", "liability", "agreement", -1, 1),
    ("2300", "Funds held in trust: allocated", "liability", "agreement,activity", -1, 1),
    ("2400", "Funds held in trust: in kind", "liability", "agreement", -1, 1),
    ("2500", "Payables", "liability", "grant_code", -1, 1),
    ("2600", "Due to agent (programme support cost)", "liability", "", -1, 1),
    ("2700", "Refunds payable to donors", "liability", "agreement", -1, 1),
    ("2800", "Exchange differences, realised", "liability", "", 0, 1),
    ("2810", "Exchange differences, unrealised", "liability", "", 0, 1),
    ("2850", "Interest to be attributed", "liability", "", -1, 1),
    ("2900", "Receipts not yet identified", "liability", "bank_account", -1, 0),
    ("3110", "Use: staff and other personnel costs", "use", "agreement,activity", 1, 1),
    ("3120", "Use: supplies, commodities, materials", "use", "agreement,activity", 1, 1),
    ("3130", "Use: equipment, vehicles, furniture", "use", "agreement,activity", 1, 1),
    ("3140", "Use: contractual services", "use", "agreement,activity", 1, 1),
    ("3150", "Use: travel", "use", "agreement,activity", 1, 1),
    ("3160", "Use: transfers and grants to counterparts", "use", "agreement,activity", 1, 1),
    ("3170", "Use: general operating and other direct costs", "use", "agreement", 1, 1),
    ("3180", "Use: indirect programme support costs", "use", "agreement,activity", 1, 1),
    ("3300", "Use of funds: in kind", "use", "agreement,activity", 1, 1),
    ("3900", "Use of funds: losses and write-offs", "use", "agreement", 1, 1),
    ("9100", "Memo: pledges", "memo", "donor", 1, 0),
    ("9190", "Memo: pledges, contra", "memo", "donor", -1, 0),
    ("9200", "Memo: commitments", "memo", "agreement,activity,grant_code", 1, 1),
    ("9290", "Memo: commitments, contra", "memo", "agreement,activity,grant_code", -1, 1),
    ("9300", "Memo: services in kind", "memo", "agreement", 1, 1),
    ("9390", "Memo: services in kind, contra", "memo", "agreement", -1, 1),
)

GENESIS = "0" * 64


def refuse(condition: str, reason: str) -> str:
    """One condition of an SQLite trigger under which the statement is refused."""
    return f"SELECT RAISE(ABORT, '{reason}') WHERE {condition};"


def trigger(name: str, when: str, *conditions: str) -> str:
    """An SQLite trigger that refuses under any of the conditions."""
    return f"CREATE TRIGGER {name} BEFORE {when} BEGIN\n" + "\n".join(conditions) + "\nEND"


LINE = (
    refuse("EXISTS (SELECT 1 FROM entry WHERE seq >= NEW.entry)", "the entry of this line is sealed"),
    refuse(
        """EXISTS (
            SELECT 1 FROM account
            WHERE code = NEW.account AND (
                (requires LIKE '%agreement%' AND NEW.agreement = '')
                OR (requires LIKE '%activity%' AND NEW.activity = '')
                OR (requires LIKE '%grant_code%' AND NEW.grant_code = '')
                OR (requires LIKE '%bank_account%' AND NEW.bank_account = '')
                OR (requires LIKE '%donor%' AND NEW.donor = '')
            )
        )""",
        "the line lacks a dimension that its account requires",
    ),
    refuse(
        "NEW.currency <> 'USD' AND EXISTS ("
        "SELECT 1 FROM account WHERE code = NEW.account AND fund_currency_only = 1)",
        "the account is kept in USD only",
    ),
)

# Memo accounts (9xxx) balance among themselves: they are a group of their own in every sum.
ENTRY = (
    refuse(
        "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)", "the entry does not have the next number"
    ),
    refuse(
        f"NEW.prev <> coalesce((SELECT hash FROM entry WHERE seq = NEW.seq - 1), '{GENESIS}')",
        "the entry does not name the hash of the entry before it",
    ),
    refuse(
        "EXISTS (SELECT 1 FROM entry WHERE key = NEW.key OR hash = NEW.hash)",
        "an entry with this key or hash exists",
    ),
    refuse(
        "NEW.line_count <> (SELECT count(*) FROM line WHERE entry = NEW.seq)"
        " OR EXISTS (SELECT 1 FROM line WHERE entry = NEW.seq AND no NOT BETWEEN 1 AND NEW.line_count)",
        "the entry does not have as many lines as it says, numbered from 1",
    ),
    refuse(
        """EXISTS (
            SELECT 1 FROM line WHERE entry = NEW.seq
            GROUP BY term, currency, account >= '9' HAVING sum(amount) <> 0
        ) OR EXISTS (
            SELECT 1 FROM line WHERE entry = NEW.seq
            GROUP BY term, account >= '9' HAVING sum(usd) <> 0
        )""",
        "the lines do not add up to zero in each term and currency and in USD",
    ),
    refuse(
        "(SELECT coalesce(sum(usd), 0) FROM line WHERE entry = NEW.seq AND account = '1900') <> 0",
        "currency clearing must be worth nothing",
    ),
    refuse(
        "NEW.reverses <> 0 AND (NEW.reverses >= NEW.seq"
        " OR EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses))",
        "the entry to reverse does not exist or is reversed already",
    ),
    refuse(
        """NEW.line_count > 0 AND EXISTS (
            SELECT 1 FROM period AS latest
            WHERE latest.period IN (substr(NEW.effective_on, 1, 7), substr(NEW.effective_on, 1, 4))
            AND latest.closed = 1
            AND latest.seq = (SELECT max(seq) FROM period WHERE period = latest.period)
        )""",
        "the period is closed",
    ),
)

SEALED = ("entry", "line", "account", "evidence")


def upgrade() -> None:
    """Fill in the chart, then close the door."""
    names = ("code", "name", "class", "requires", "sign", "fund_currency_only")
    op.bulk_insert(
        sa.table("account", *(sa.column(name) for name in names)),
        [dict(zip(names, account, strict=True)) for account in CHART],
    )
    op.execute(trigger("seal_line", "INSERT ON line", *LINE))
    op.execute(trigger("seal_entry", "INSERT ON entry", *ENTRY))
    op.execute(
        trigger(
            "seal_evidence",
            "INSERT ON evidence",
            refuse(
                "EXISTS (SELECT 1 FROM evidence WHERE sha256 = NEW.sha256)", "this evidence is kept already"
            ),
        )
    )
    op.execute(trigger("seal_account", "INSERT ON account", refuse("1", "the chart of accounts is sealed")))
    for table in SEALED:
        for action in ("UPDATE", "DELETE"):
            reason = f"{table} is sealed: it is never changed"
            op.execute(trigger(f"no_{action.lower()}_{table}", f"{action} ON {table}", refuse("1", reason)))


def downgrade() -> None:
    raise NotImplementedError("a sealed journal is never taken apart: restore a copy instead")
