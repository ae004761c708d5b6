"""The commands that hints mean: here the sentences of the domain get the words of the command line."""

from __future__ import annotations

from ledger import Hint, MdfmError, Sentence

COMMANDS = {
    "adopt-programme": "use `mdfm programme adopt`",
    "agree-refund": " (mdfm refund agree --agreement {agreement})",
    "amend-agreement": " with `mdfm agreement amend {agreement}`",
    "amend-donor": " with `mdfm donor amend {donor}`",
    "although-unsound": " (--although-unsound)",
    "approve-unproved": " with --although-unproved",
    "back-up": " with `mdfm backup`",
    "cancel-grant": " (mdfm grant cancel {grant})",
    "charge-support-cost": " (mdfm support-cost charge --term {term})",
    "close-a-period": " with `mdfm period close`",
    "close-period": " with `mdfm period close {period}`",
    "compare-backup": " with `mdfm audit verify --backup`",
    "compare-checkpoint": " with `mdfm audit verify --checkpoint`",
    "correct-rate": " with `mdfm rate correct CURRENCY --on {on}`",
    "correct-rate-again": "use `mdfm rate correct {currency} --on {on}`",
    "correct-this-rate": " (mdfm rate correct {currency} --on {on})",
    "create-book": " with `mdfm init`",
    "decide-proposal": " (mdfm proposal approve {number}, or reject {number})",
    "decide-waiting": " (mdfm proposal list)",
    "give-evidence": " (--evidence)",
    "import-rates": " with `mdfm rate import`",
    "keep-statement": " with `mdfm statement keep FILE`",
    "leave-line-out": " (--leave-out)",
    "list-entries": " (`mdfm entry list`)",
    "list-evidence": " that `mdfm evidence list` shows (for the files of an entry, add --entry ENTRY)",
    "list-issued": ": see `mdfm statement issued`",
    "list-letters": ": see `mdfm contribution letters`",
    "list-programme": " (mdfm programme list --term {term})",
    "list-proposals": ": see `mdfm proposal list`",
    "list-rates": " that `mdfm rate list` shows for it",
    "list-unidentified": "in `mdfm contribution unidentified-list`",
    "make-a-new-plan": " (mdfm plan run)",
    "make-key": " with `mdfm audit keygen`",
    "make-plan": " with `mdfm plan run`",
    "name-backup": " with --backup",
    "occurrence": "--occurrence",
    "organisation-name": "--name",
    "pay-expenditure": " (mdfm expenditure pay {expenditure})",
    "pay-refund": " (mdfm refund pay {refund})",
    "public-key": "the .pub file of `mdfm audit keygen`",
    "read-only": " without --record",
    "record-unidentified": " (mdfm contribution unidentified)",
    "reduce-allocation": " (mdfm allocation reduce --agreement {agreement} --activity {activity})",
    "reopen-a-period": " (mdfm period reopen)",
    "reopen-period": " with `mdfm period reopen {period}`",
    "replay": "run 'mdfm audit replay'",
    "report-grant": " (mdfm grant report {grant})",
    "reprint-letter": " (mdfm contribution reprint-letter {letter})",
    "reprint-statement": " (mdfm statement reprint {statement})",
    "restore-backup": " with `mdfm restore`",
    "return-advance": " (mdfm grant return {grant})",
    "return-goods": " (return-goods)",
    "reverse-entry": " (mdfm entry reverse)",
    "say-amount": " (--amount '{currency} ...')",
    "say-bank": " with --bank",
    "say-book": " with --book",
    "say-by": " (--by)",
    "say-column-map": " with --map",
    "say-flow": "--flow",
    "say-gender": "--gender",
    "say-iban": " with --iban",
    "say-language": "--language",
    "say-name": " with --name",
    "say-occurrence": " (--occurrence)",
    "say-probability": ", with --probability {source}=70%",
    "say-reason": "--reason",
    "say-reference": " with --ref",
    "say-settled-amount": " (--settles-amount '{currency} ...')",
    "screen-again": ", with --occurrence",
    "screen-donor": " with `mdfm donor screen {donor}`",
    "see-references": "what follows --ref",
    "take-checkpoint": " with `mdfm audit checkpoint`",
    "transfer-funds": " (mdfm agreement transfer --from {agreement})",
    "upgrade-book": " with `mdfm upgrade`",
    "use-goods": " (mdfm contribution use-goods --goods {goods})",
    "verify-book": " with `mdfm audit verify`",
    "write-off-goods": " (write-off-goods)",
    "write-off-receivable": " (mdfm agreement write-off {agreement} --amount '{amount}')",
}
"""What the command line says for a hint, by its code; the parameters stand in braces."""


def in_words(said: MdfmError | Sentence) -> str:
    """An error or a sentence with the commands that its hints mean."""
    sentence = said.sentence if isinstance(said, MdfmError) else said
    return sentence.worded(_words)


def _words(hint: Hint) -> str:
    words = COMMANDS.get(hint.code)
    return hint.plain if words is None else words.format_map(hint.parameters)
