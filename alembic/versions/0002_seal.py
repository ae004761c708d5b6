"""The seal: the chart of accounts, and the triggers that let nothing into the journal but whole entries.

What the triggers promise is written down in docs/sealing.md. The conditions are one list, in the SQL that
SQLite and PostgreSQL share; only the way to refuse differs.

Revision ID: 0002
"""

from collections.abc import Iterator

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
    ("3390", "Use of funds: in kind, written off", "use", "agreement", 1, 1),
    ("3900", "Use of funds: losses and write-offs", "use", "agreement", 1, 1),
    ("9100", "Memo: pledges", "memo", "donor", 1, 0),
    ("9190", "Memo: pledges, contra", "memo", "donor", -1, 0),
    ("9200", "Memo: commitments", "memo", "agreement,activity,grant_code", 1, 1),
    ("9290", "Memo: commitments, contra", "memo", "agreement,activity,grant_code", -1, 1),
    ("9300", "Memo: services in kind", "memo", "agreement", 1, 1),
    ("9390", "Memo: services in kind, contra", "memo", "agreement", -1, 1),
)

GENESIS = "0" * 64
LOCK = 4_746_631
"""The advisory lock of PostgreSQL under which a journal grows: the number has no meaning but to be the same."""

Rule = tuple[str, str]
"""A condition under which a statement is refused, and the reason told."""

LINE: tuple[Rule, ...] = (
    ("EXISTS (SELECT 1 FROM entry WHERE seq >= NEW.entry)", "the entry of this line is sealed"),
    (
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
    (
        "NEW.currency <> 'USD' AND EXISTS ("
        "SELECT 1 FROM account WHERE code = NEW.account AND fund_currency_only = 1)",
        "the account is kept in USD only",
    ),
)

# Memo accounts (9xxx) balance among themselves: they are a group of their own in every sum.
ENTRY: tuple[Rule, ...] = (
    (
        "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)",
        "the entry does not have the next number",
    ),
    (
        f"NEW.prev <> coalesce((SELECT hash FROM entry WHERE seq = NEW.seq - 1), '{GENESIS}')",
        "the entry does not name the hash of the entry before it",
    ),
    (
        "EXISTS (SELECT 1 FROM entry WHERE key = NEW.key)",
        "an entry with this key exists",
    ),
    (
        "NEW.line_count <> (SELECT count(*) FROM line WHERE entry = NEW.seq)"
        " OR EXISTS (SELECT 1 FROM line WHERE entry = NEW.seq AND no NOT BETWEEN 1 AND NEW.line_count)",
        "the entry does not have as many lines as it says, numbered from 1",
    ),
    (
        """EXISTS (
            SELECT 1 FROM line WHERE entry = NEW.seq
            GROUP BY term, currency, substr(account, 1, 1) = '9' HAVING sum(amount) <> 0
        ) OR EXISTS (
            SELECT 1 FROM line WHERE entry = NEW.seq
            GROUP BY term, substr(account, 1, 1) = '9' HAVING sum(usd) <> 0
        )""",
        "the lines do not add up to zero in each term and currency and in USD",
    ),
    (
        "(SELECT coalesce(sum(usd), 0) FROM line WHERE entry = NEW.seq AND account = '1900') <> 0",
        "currency clearing must be worth nothing",
    ),
    (
        "NEW.reverses <> 0 AND (NEW.reverses >= NEW.seq"
        " OR EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses))",
        "the entry to reverse does not exist or is reversed already",
    ),
    (
        """NEW.line_count > 0 AND EXISTS (
            SELECT 1 FROM period AS latest
            WHERE latest.period IN (substr(NEW.effective_on, 1, 7), substr(NEW.effective_on, 1, 4))
            AND latest.closed = 1
            AND latest.seq = (SELECT max(seq) FROM period WHERE period = latest.period)
        )""",
        "the period is closed",
    ),
)
EVIDENCE: tuple[Rule, ...] = (
    ("EXISTS (SELECT 1 FROM evidence WHERE sha256 = NEW.sha256)", "this evidence is kept already"),
)
ACCOUNT: tuple[Rule, ...] = (("1 = 1", "the chart of accounts is sealed"),)

INSERTS = {"line": LINE, "entry": ENTRY, "evidence": EVIDENCE, "account": ACCOUNT}


def on_sqlite() -> Iterator[str]:
    """The triggers as SQLite wants them: a refusal is a SELECT of RAISE."""
    for table, rules in INSERTS.items():
        cases = "".join(f"WHEN {condition} THEN RAISE(ABORT, '{reason}')\n" for condition, reason in rules)
        yield f"CREATE TRIGGER seal_{table} BEFORE INSERT ON {table} BEGIN\nSELECT CASE\n{cases}END;\nEND"
        for action in ("UPDATE", "DELETE"):
            refusal = f"SELECT RAISE(ABORT, '{table} is sealed: it is never changed');"
            yield f"CREATE TRIGGER no_{action.lower()}_{table} BEFORE {action} ON {table} BEGIN {refusal} END"


def on_postgresql() -> Iterator[str]:
    """The triggers as PostgreSQL wants them: functions that raise.

    Whoever adds to the journal holds one lock until the end of the transaction, and sees what was committed
    before: a snapshot taken before the lock would not show an entry that was sealed meanwhile, so any other
    isolation is refused. The search path is fixed, lest a temporary table stand in for the journal.
    """
    seen = (
        "current_setting('transaction_isolation') <> 'read committed'",
        "the journal is written read committed",
    )
    for table, rules in INSERTS.items():
        cases = "".join(f"WHEN {condition} THEN '{reason}'\n" for condition, reason in (seen, *rules))
        yield (
            f"CREATE FUNCTION seal_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
            f" AS $$ DECLARE refused text; BEGIN\nPERFORM pg_advisory_xact_lock({LOCK});\n"
            f"refused := CASE\n{cases}END;\n"
            "IF refused IS NOT NULL THEN"
            " RAISE EXCEPTION '%', refused USING ERRCODE = 'integrity_constraint_violation'; END IF;\n"
            "RETURN NEW;\nEND $$"
        )
        yield (
            f"CREATE TRIGGER seal_{table} BEFORE INSERT ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION seal_{table}()"
        )
    yield (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
        " AS $$ BEGIN RAISE EXCEPTION '% is sealed: it is never changed', TG_TABLE_NAME"
        " USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in INSERTS:
        for action in ("UPDATE", "DELETE", "TRUNCATE"):
            yield (
                f"CREATE TRIGGER no_{action.lower()}_{table} BEFORE {action} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def upgrade() -> None:
    """Fill in the chart, then close the door."""
    names = ("code", "name", "class", "requires", "sign", "fund_currency_only")
    op.bulk_insert(
        sa.table("account", *(sa.column(name) for name in names)),
        [dict(zip(names, account, strict=True)) for account in CHART],
    )
    for statement in on_sqlite() if op.get_bind().dialect.name == "sqlite" else on_postgresql():
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Refused: see the message."""
    raise NotImplementedError("a sealed journal is never taken apart: restore a copy instead")
