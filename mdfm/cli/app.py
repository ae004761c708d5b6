"""The command line `mdfm NOUN VERB`, its nouns grouped by desk: by who uses them.

Exit codes: 0 done; 1 the answer is no (a check failed); 2 bad usage or input; and the usual Unix codes 130
for interrupted and 141 for output that nobody reads any more.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError
from pydantic import ValidationError

from ledger import MdfmError, first_problem
from mdfm import __version__
from mdfm.cli.console import AnswerIsNo, Misused, stderr
from mdfm.cli.hints import in_words

_INTERRUPTED, _READER_LEFT = 130, 141
_VARIABLES = ("MDFM_BOOK", "MDFM_BY")

DESKS = {
    "everyone": (
        "Everyone",
        {
            "demo": "Play the example: two years of a fund in a real book.",
            "init": "Create an empty book.",
            "doctor": "See whether program and book are well, and what to do.",
            "person": "People and their roles, and from which amount a director must approve.",
            "proposal": "Proposals: recorded by one person, approved by another.",
            "backup": "Write a backup of the book, while others work in it.",
            "restore": "Make a book of a backup, in a new place.",
            "upgrade": "Bring a book of an earlier version of the program up to date.",
        },
    ),
    "finance": (
        "Finance officers",
        {
            "term": "Terms: the two years for which donors fund the modality.",
            "period": "Months and fiscal years, open or closed.",
            "rate": "UN operational rates of exchange.",
            "donor": "Donors, their screening and their contacts.",
            "bank": "Bank accounts: statements, charges, interest and exchange differences.",
            "pledge": "Pledges: announced, not yet agreed in writing.",
            "offer": "Offers of cities and other donors, before any agreement.",
            "agreement": "Agreements with donors, and their earmarks.",
            "contribution": "Contributions in money and in kind.",
            "refund": "Refunds to donors: agreed, then paid.",
            "grant": "Grants to partners who carry out activities.",
            "expenditure": "Expenditure by UIL itself on activities.",
            "support-cost": "Programme support cost: its rate, charges and payments.",
        },
    ),
    "planner": (
        "Planners",
        {
            "programme": "The programme of a term: the activities that can be funded.",
            "plan": "Plans: which activities to fund with whose money.",
            "allocation": "Allocations to activities: list, reduce and move them.",
            "result": "Results of grants, compared with the targets of their activities.",
            "news": "News that clusters send every six months.",
        },
    ),
    "donors": (
        "Donors and the public",
        {
            "statement": "Accountability statements for donors, and the lines behind each figure.",
            "report": "Reports on the whole fund: annual, term, ageing, cash, overview, trial balance.",
            "iati": "IATI files for the public.",
        },
    ),
    "auditor": (
        "Auditors",
        {
            "entry": "Entries of the journal, and their reversal.",
            "evidence": "Evidence: the files that prove entries and proposals, read, saved and zipped.",
            "audit": "Verify, replay, check, export and rebuild the books.",
        },
    ),
}
"""The nouns by desk: the desk's folder, its title in the help, and a sentence for each noun.

A noun is the module of its name in `mdfm.cli.<desk>`, with its group (or command) as `command`; a dash in a
noun is an underscore in the module's name.
"""

NOUNS = {noun: desk for desk, (_, nouns) in DESKS.items() for noun in nouns}
"""The desk of every noun, in the order in which a fund needs them."""


class Application(click.Group):
    """Imports only the noun that is called, and reports every error in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The nouns, in the order in which a fund needs them."""
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The group of a noun, with the noun's sentence as its help."""
        if cmd_name not in NOUNS:
            return None
        desk = NOUNS[cmd_name]
        command: click.Command = import_module(f"mdfm.cli.{desk}.{cmd_name.replace('-', '_')}").command
        command.help = DESKS[desk][1][cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the nouns, a section for each desk, without loading any."""
        widest = max(map(len, NOUNS))
        for title, nouns in DESKS.values():
            with formatter.section(title):
                formatter.write_dl([(noun.ljust(widest), sentence) for noun, sentence in nouns.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Stop silently when the reader closes the pipe, as `head` does."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(_READER_LEFT)

    def main(self, *args: Any, **settings: Any) -> NoReturn:
        """Run, and exit with the exit code of the outcome."""
        sys.exit(_exit_code(lambda: self._run(*args, **settings | {"standalone_mode": False})))

    def _run(self, args: Sequence[str] | None = None, **settings: Any) -> object:
        words = sys.argv[1:] if args is None else args
        for word in (*words, *(os.environ.get(name, "") for name in _VARIABLES)):
            _require_text(word)
        return super().main(list(words), **settings)


def _require_text(word: str) -> None:
    """Refuse words that are not UTF-8: entries, codes and file names are stored as UTF-8."""
    try:
        word.encode()
    except UnicodeEncodeError:
        raise Misused(f"'{word}' is no text in UTF-8: type it anew, or rename the file.") from None


def _exit_code(run: Callable[[], object]) -> int:
    try:
        code = run()
    except Exception as error:
        return _report(error)
    return code if isinstance(code, int) else 0


def _report(error: Exception) -> int:
    """Print an error as a sentence; return the exit code for it."""
    match error:
        case NoArgsIsHelpError():
            error.show()
        case click.Abort():
            stderr("Interrupted: nothing was recorded.")
            return _INTERRUPTED
        case click.UsageError(ctx=click.Context() as context):
            stderr(f"{error.format_message()} See `{context.command_path} --help`.")
        case click.ClickException():
            stderr(error.format_message())
        case AnswerIsNo():
            stderr(in_words(error))
            return 1
        case MdfmError():
            stderr(in_words(error))
        case ValidationError():
            stderr(f"This cannot be used as it is: {first_problem(error)}.")
        case MemoryError():
            stderr("There is not enough memory for this: give a smaller file, or a machine with more of it.")
        case OSError():
            stderr(f"{error.filename or 'A file or stream'} cannot be used: {error.strerror or error}.")
        case _:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            stderr(f"A fault of this program, please report it: {type(error).__name__} at {place}: {error}")
    return 2


_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group("mdfm", cls=Application, context_settings=_HELP)
@click.option(
    "--book",
    default="mdfm.book",
    envvar="MDFM_BOOK",
    show_default=True,
    show_envvar=True,
    metavar="URL",
    help="The book: the path of an SQLite file, or a database URL.",
)
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version.")
@click.pass_context
def app(context: click.Context, book: str) -> None:
    """The books and the allocation engine of a multi-donor trust fund."""
    if not book.strip():
        raise Misused("--book names no book: give the path of an SQLite file, or a database URL.")
    context.obj = book


def _have_somewhere_to_write() -> None:
    """Replace streams that the shell has closed (`>&-`), for which Python has None."""
    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it stays open to the end
    sys.stdout = sys.stdout or nowhere
    sys.stderr = sys.stderr or nowhere


def main() -> None:
    """The command line; the entry point of `mdfm` is in `mdfm.__main__`."""
    _have_somewhere_to_write()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter shows its code instead
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="mdfm")
