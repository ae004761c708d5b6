"""Sentences for the user, with hints: what can be done next, in words that each door makes for itself.

A rule knows that a donor must be screened first; only the command line knows the command that records it, and
a page has a button. So a sentence is text with hints in it, and a hint is a code with parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, TypeAlias


class Hint:
    """Something that can be done next, at its place in a sentence."""

    def __init__(self, code: str, plain: str = "", **parameters: object) -> None:
        self.code = code
        """What can be done, e.g. `screen-donor`."""
        self.plain = plain
        """What the sentence says there where no door makes words of it; usually nothing."""
        self.parameters = {name: str(value) for name, value in parameters.items()}
        """What it is done to, e.g. the code of the donor."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hint) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.code, self.plain, *self.parameters.items()))

    def __repr__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in self.parameters.items())
        return f"Hint({self.code!r}{given})"

    def __str__(self) -> str:
        return self.plain


@dataclass(frozen=True)
class Nearest:
    """The known name that is nearest to an unknown one, as a question; nothing if none is near."""

    name: str = ""
    """The name that may be meant; empty if none is near."""

    def __bool__(self) -> bool:
        return bool(self.name)

    def __str__(self) -> str:
        return f" (did you mean '{self.name}'?)" if self.name else ""


HintWording: TypeAlias = Callable[[Hint], str]
"""How a door says a hint, with the blank before it."""


class Sentence:
    """Text with hints; as a `str`, and compared with one, it is without them."""

    def __init__(self, *parts: object) -> None:
        self.parts: tuple[str | Hint, ...] = tuple(_flat(parts))
        """The texts and the hints between them, in order."""

    @classmethod
    def of(cls, template: str, parameters: Mapping[str, object]) -> Sentence:
        """A sentence from a template with parameters in braces, some of which may be hints or sentences."""
        parts: list[object] = []
        for text, name, spec, conversion in Formatter().parse(template):
            parts.append(text)
            if name is not None:
                value = parameters[name]
                plain = repr(value) if conversion == "r" else value
                parts.append(value if isinstance(value, (Hint, Sentence)) else format(plain, spec or ""))
        return cls(*parts)

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The hints, in order."""
        return tuple(part for part in self.parts if isinstance(part, Hint))

    def worded(self, words: HintWording) -> str:
        """The sentence with the words of a door for its hints."""
        return "".join(words(part) if isinstance(part, Hint) else part for part in self.parts)

    def filled(self, fields: Mapping[str, Any]) -> Sentence:
        """The sentence with the fields that stand in braces in its texts and parameters."""
        return Sentence(*(_filled(part, fields) for part in self.parts))

    def without_stop(self) -> Sentence:
        """The sentence without its final full stop, to be put into another."""
        *before, last = self.parts or ("",)
        return Sentence(*before, last.rstrip(".") if isinstance(last, str) else last)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sentence):
            return self.parts == other.parts
        return str(self) == other

    def __hash__(self) -> int:
        return hash(str(self))

    def __contains__(self, text: str) -> bool:
        return text in str(self)

    def __lt__(self, other: Sentence) -> bool:
        return str(self) < str(other)

    def __repr__(self) -> str:
        return f"Sentence({', '.join(map(repr, self.parts))})"

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


def lines_of_text(sentences: Iterable[Sentence]) -> Sentence:
    """Sentences on lines of their own."""
    parts: list[object] = []
    for each in sentences:
        parts += ["\n", each] if parts else [each]
    return Sentence(*parts)


def _flat(parts: Iterable[object]) -> Iterable[str | Hint]:
    """The parts of sentences within the sentence, with neighbouring texts joined."""
    text = ""
    for part in parts:
        for each in part.parts if isinstance(part, Sentence) else (part,):
            if not isinstance(each, Hint):
                text += str(each)
                continue
            if text:
                yield text
            yield each
            text = ""
    if text:
        yield text


def _filled(part: str | Hint, fields: Mapping[str, Any]) -> str | Hint:
    if isinstance(part, str):
        return part.format_map(fields)
    return Hint(
        part.code, part.plain, **{name: text.format_map(fields) for name, text in part.parameters.items()}
    )
