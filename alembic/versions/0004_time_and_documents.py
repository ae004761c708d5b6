"""Time goes forward, issued documents are kept, and the book knows when it was last backed up.

An entry is recorded in one form of time, and never before the entry that it follows. The register of issued
statements names the file that was given, and letters have a register of their own; their files, which name a
person, can be emptied as contacts can. `kept_head` has the heads that are kept outside the book, by backups and
checkpoints. Neither the files of letters nor the kept heads are part of the journal.

Revision ID: 0004
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
LOCK = 4_746_631
RECORDER, READER = "mdfm_recorder", "mdfm_reader"

Rule = tuple[str, str]
"""A condition under which a statement is refused, and the reason told."""

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
DAY = "dddd-[01]d-[0-3]d"
TIME = DAY + "T[0-2]d:[0-5]d:[0-5]d.dddddd+00:00"
_FOURS = ", ".join(f"'{number:02}'" for number in range(4, 100, 4))


def not_written(engine: str, text: str, form: str, length: int) -> str:
    """The condition that a text does not have a form, in which `d` stands for a digit."""
    if engine == "sqlite":  # GLOB ends at a zero byte
        pattern = form.replace("d", "[0-9]")
        return f"({text} NOT GLOB '{pattern}' OR length(CAST({text} AS BLOB)) <> {length})"
    pattern = form.replace("+", "[+]").replace(".", "[.]").replace("d", "[0-9]")
    return f"{text} !~ '^{pattern}$'"


def no_such_day(text: str) -> str:
    """The condition that a text in the form of a day names none of the calendar."""
    year, century, month, day = (f"substr({text}, {place}, 2)" for place in (3, 1, 6, 9))
    return f"""{text} < '0001' OR {month} NOT BETWEEN '01' AND '12' OR {day} = '00'
            OR {day} > '28' AND {day} > CASE
                WHEN {month} IN ('04', '06', '09', '11') THEN '30'
                WHEN {month} <> '02' THEN '31'
                WHEN {year} IN ({_FOURS}) OR {year} = '00' AND {century} IN ({_FOURS}) THEN '29'
                ELSE '28' END"""


def not_a_day(engine: str, text: str) -> str:
    """The condition that a text is no day, written as YYYY-MM-DD."""
    return f"{not_written(engine, text, DAY, 10)} OR {no_such_day(text)}"


def not_a_time(engine: str, text: str) -> str:
    """The condition that a text is no time, written as YYYY-MM-DDTHH:MM:SS.ffffff+00:00."""
    return f"{not_written(engine, text, TIME, 32)} OR substr({text}, 12, 2) > '23' OR {no_such_day(text)}"


def rules(engine: str) -> tuple[Rule, ...]:
    """The conditions on an entry: those of before, and those on its day and its time."""
    return (
        *ENTRY,
        (
            not_a_day(engine, "NEW.effective_on"),
            "the day it takes effect is not a day, written as YYYY-MM-DD",
        ),
        (
            not_a_time(engine, "NEW.recorded_at"),
            "the time of recording is not a time, written as YYYY-MM-DDTHH:MM:SS.ffffff+00:00",
        ),
        (  # Before this migration an entry could have any text for a time; such a one comes before none.
            f"""EXISTS (
            SELECT 1 FROM entry AS last WHERE last.seq = NEW.seq - 1 AND last.recorded_at > NEW.recorded_at
            AND NOT ({not_a_time(engine, "last.recorded_at")})
        )""",
            "the entry is recorded before the entry that it follows",
        ),
    )


def on_sqlite() -> Iterator[str]:
    """The trigger on an entry as SQLite wants it, in the place of the one of before."""
    yield "DROP TRIGGER seal_entry"
    cases = "".join(
        f"WHEN {condition} THEN RAISE(ABORT, '{reason}')\n" for condition, reason in rules("sqlite")
    )
    yield f"CREATE TRIGGER seal_entry BEFORE INSERT ON entry BEGIN\nSELECT CASE\n{cases}END;\nEND"


def on_postgresql() -> Iterator[str]:
    """The function of the trigger on an entry as PostgreSQL wants it, in the place of the one of before."""
    seen = (
        "current_setting('transaction_isolation') <> 'read committed'",
        "the journal is written read committed",
    )
    cases = "".join(
        f"WHEN {condition} THEN '{reason}'\n" for condition, reason in (seen, *rules("postgresql"))
    )
    yield (
        "CREATE OR REPLACE FUNCTION seal_entry() RETURNS trigger LANGUAGE plpgsql"
        " SET search_path = public, pg_temp"
        f" AS $$ DECLARE refused text; BEGIN\nPERFORM pg_advisory_xact_lock({LOCK});\n"
        f"refused := CASE\n{cases}END;\n"
        "IF refused IS NOT NULL THEN"
        " RAISE EXCEPTION '%', refused USING ERRCODE = 'integrity_constraint_violation'; END IF;\n"
        "RETURN NEW;\nEND $$"
    )


def whole() -> sa.types.TypeEngine[int]:
    """A 64-bit integer; SQLite's STRICT tables call it INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str, default: str | None = None) -> sa.Column[str]:
    """A text that is never NULL and is compared byte by byte."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, server_default=default)


def upgrade() -> None:
    """Make the tables and columns, replace the trigger, and give the roles of PostgreSQL their rights."""
    op.create_table(
        "kept_head",
        text("sort"),
        text("made_at"),
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        text("hash"),
        text("name"),
        sa.CheckConstraint("sort IN ('backup', 'checkpoint')", name=op.f("ck_kept_head_sort")),
        sqlite_strict=True,
    )
    op.create_table(
        "issued_letter",
        sa.Column("seq", whole(), autoincrement=False, nullable=False),
        sa.Column("reversed_by", whole(), autoincrement=False, nullable=False),
        text("reference"),
        text("bank_account"),
        text("donor"),
        text("language"),
        sa.Column("known_at", whole(), autoincrement=False, nullable=False),
        text("file_sha256"),
        text("verification"),
        text("issued_on"),
        sqlite_strict=True,
    )
    op.create_index("ix_issued_letter_reference", "issued_letter", ["reference"], unique=False)
    op.create_table(
        "letter_file",
        text("sha256"),
        text("donor"),
        text("contact"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_letter_file")),
        sqlite_strict=True,
    )
    op.add_column("issued", text("file_sha256", default=""))
    bind = op.get_bind()
    for statement in on_sqlite() if bind.dialect.name == "sqlite" else on_postgresql():
        bind.exec_driver_sql(statement.replace("%", "%%") if bind.dialect.name == "postgresql" else statement)
    if bind.dialect.name == "postgresql":
        for table in ("kept_head", "issued_letter", "letter_file"):
            bind.exec_driver_sql(f"GRANT SELECT ON {table} TO {READER}, {RECORDER}")
            # A register's rows are marked when they are reversed, and a letter gets its file again.
            rights = "INSERT" if table == "kept_head" else "INSERT, UPDATE"
            bind.exec_driver_sql(f"GRANT {rights} ON {table} TO {RECORDER}")
        bind.exec_driver_sql(f"GRANT TRUNCATE ON letter_file TO {RECORDER}")


def downgrade() -> None:
    """Refused: see the message."""
    raise NotImplementedError("a sealed journal is never taken apart: restore a copy instead")
