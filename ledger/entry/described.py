"""What an event says, as typed pairs of label and value, for the people who decide on it or read it.

The types of the fields say what they hold (`ledger.entry.field_types`), so nothing is guessed from the name
of a field; a field whose type does not say it is a TypeError. The names behind codes come from the books, by
`CodeNames`. What the doors print or send is made from these values: nobody sees minor units or basis points.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    Protocol,
    Union,
    get_args,
    get_origin,
    runtime_checkable,
)

from pydantic import BaseModel

from ledger.money import Amount

HASH_DIGITS = 12
"""How many digits of a hash people see."""
_BYTES_PER_STEP = 1024


# --- values -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Percent:
    """A part of a whole, in hundredths of a percent."""

    basis_points: int

    def __str__(self) -> str:
        whole, rest = divmod(self.basis_points, 100)
        return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


@dataclass(frozen=True)
class Quantity:
    """A number of things, such as months; without a unit it is a bare number."""

    number: int
    unit: str = ""
    """One of them, such as `month`; `units` is the plural."""
    units: str = ""

    def __str__(self) -> str:
        unit = self.unit if self.number == 1 else (self.units or (self.unit and f"{self.unit}s"))
        return f"{self.number:,d} {unit}".rstrip()


@dataclass(frozen=True)
class NamedCode:
    """Something that the books know by a code."""

    what: str
    """What the code is of, such as `donor`."""
    code: str
    text: str
    """Its name with its code; the code alone if the books do not know it."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class AttachedFile:
    """A file that proves an event."""

    name: str
    sha256: str
    size: int | None
    """Bytes; None for a file that the books do not have."""

    def __str__(self) -> str:
        size = "not in this book" if self.size is None else _size_in_words(self.size)
        return f"{self.name} ({size}, SHA-256 {self.sha256[:HASH_DIGITS]}\N{HORIZONTAL ELLIPSIS})"


@dataclass(frozen=True)
class Fingerprint:
    """The hash of a file that the event does not carry."""

    sha256: str

    def __str__(self) -> str:
        return f"SHA-256 {self.sha256[:HASH_DIGITS]}\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class LabelledGroup:
    """Several values that belong together, each with its label."""

    parts: tuple[Described, ...]

    def __str__(self) -> str:
        return ", ".join(f"{part.label} {part.value}".strip() for part in self.parts)


@dataclass(frozen=True)
class Listing:
    """Any number of values of one type."""

    items: tuple[Value, ...]

    def __str__(self) -> str:
        return "; ".join(str(item) for item in self.items) or "none"


Value = (
    str
    | date
    | Amount
    | Percent
    | Quantity
    | NamedCode
    | AttachedFile
    | Fingerprint
    | LabelledGroup
    | Listing
)
"""What a field holds, typed; `str()` of it is English for people."""


class Described(NamedTuple):
    """A value with its label."""

    label: str
    value: Value
    field: str = ""
    """The name of the field; empty for what follows from several."""
    adds_up: bool = False
    """Whether a list of such values has a sum that means something."""
    detail: bool = False
    """Whether it may be left out where many parts of an event stand in a table."""


def _size_in_words(size: int) -> str:
    if size < _BYTES_PER_STEP:
        return f"{size} byte{'' if size == 1 else 's'}"
    kibibytes = size / _BYTES_PER_STEP
    if kibibytes < _BYTES_PER_STEP:
        return f"{kibibytes:,.1f} KiB"
    return f"{kibibytes / _BYTES_PER_STEP:,.1f} MiB"


# --- names behind codes -------------------------------------------------------------------------------------


class Known(NamedTuple):
    """What is known of a code."""

    text: str
    """The name and the code, in the form in which a sentence can hold them."""
    currency: str = ""
    """The currency of its amounts, if it has one."""
    term: str = ""
    """The term that it belongs to, if it belongs to one."""


class CodeNames(Protocol):
    """Knows what codes stand for."""

    def known(self, what: str, code: str, term: str) -> Known | None:
        """What is known of a code; None if it is not known. `term` tells activities of one code apart."""

    def size_of(self, sha256: str) -> int | None:
        """The size of a stored file in bytes; None if it is not stored."""


class NoCodeNames:
    """Knows no code: for an event without books."""

    def known(self, what: str, code: str, term: str) -> Known | None:
        """Nothing."""
        return None

    def size_of(self, sha256: str) -> int | None:
        """Nothing."""
        return None


NO_NAMES: CodeNames = NoCodeNames()


@dataclass(frozen=True)
class Surroundings:
    """What a field needs to know to describe itself: the whole event, and the names of the books."""

    whole: BaseModel
    names: CodeNames
    term: str = ""
    """The term that the event is of, if it says so itself or by a code."""
    part: BaseModel | None = None
    """The part of the event that the field is of; the event itself for its own fields."""


# --- what a type means --------------------------------------------------------------------------------------


class Meaning:
    """Says in the type of a field, by `Annotated`, what the field holds. Subclasses are in `field_types`."""

    adds_up = False

    def value(self, held: Any, around: Surroundings) -> Value | None:
        """The value for people; None for one that says nothing."""
        raise NotImplementedError


@dataclass(frozen=True)
class Labelled:
    """Gives a field a label in its type; without one, the label is the name of the field."""

    label: str


@dataclass(frozen=True)
class Detail:
    """Says in the type of a field that it may be left out where many parts of an event stand in a table."""


DETAIL = Detail()


@runtime_checkable
class Describable(Protocol):
    """A part of an event that is one value, such as a file."""

    def as_value(self, names: CodeNames) -> Value:
        """The part as one value."""


def described(event: BaseModel, names: CodeNames = NO_NAMES) -> tuple[Described, ...]:
    """The fields of an event as labels and typed values, without those that say nothing.

    TypeError for a field whose type does not say what it holds.
    """
    around = Surroundings(event, names)
    return _parts(event, replace(around, term=_term_of(around)))


def sentence(event: BaseModel, template: str, names: CodeNames = NO_NAMES) -> str:
    """A sentence with the values of an event's fields in the place of their names in braces."""
    said = {part.field: str(part.value) for part in described(event, names) if part.field}
    made = template.format_map(dict.fromkeys(type(event).model_fields, "") | said)
    return made[:-1] if made.endswith("..") else made


def undescribed(model: type[BaseModel]) -> list[str]:
    """The fields of a class of events, and of its parts, whose types do not say what they hold."""
    return [
        f"{model.__name__}.{name}"
        for name, field in model.model_fields.items()
        if not _says(field.annotation, tuple(field.metadata))
    ] + [fault for part in _models_in(model) for fault in undescribed(part)]


def _parts(part: BaseModel, around: Surroundings) -> tuple[Described, ...]:
    around = replace(around, part=part)
    found = []
    for name, field in type(part).model_fields.items():
        hint, extras = _unwrapped(field.annotation, tuple(field.metadata))
        value = _value(getattr(part, name), hint, extras, around, f"{type(part).__name__}.{name}")
        if value is not None and value != Listing(()):
            adds_up, detail = _adds_up(value, extras), DETAIL in extras
            found.append(Described(_label(name, extras), value, name, adds_up, detail))
    derived = getattr(part, "derived", None)
    return (*found, *(derived() if derived else ()))


def _value(held: Any, hint: Any, extras: tuple[Any, ...], around: Surroundings, place: str) -> Value | None:
    """A value by its type; None for one that says nothing."""
    if held is None or held == "" or held is False:
        return None
    meaning = _meaning(extras)
    if meaning is not None:
        return meaning.value(held, around)
    origin = get_origin(hint)
    if origin is tuple:
        inner, more = _unwrapped(get_args(hint)[0])
        items = (_value(item, inner, more, around, place) for item in held)
        return Listing(tuple(item for item in items if item is not None))
    if origin is dict:
        return _pairs(held, hint, around, place)
    if origin is Literal:
        return str(held).replace("-", " ")
    return _plain(held, around, place)


def _plain(held: Any, around: Surroundings, place: str) -> Value | None:
    """A value whose class says what it is."""
    if held is True:
        return "yes"
    if isinstance(held, Describable):
        return held.as_value(around.names)
    if isinstance(held, (date, Amount)):
        return held
    if isinstance(held, BaseModel):
        parts = _parts(held, around)
        return LabelledGroup(parts) if parts else None
    raise TypeError(f"the type of {place} does not say what it holds: use one of ledger.entry.field_types")


def _pairs(held: Mapping[Any, Any], hint: Any, around: Surroundings, place: str) -> Value | None:
    (key_hint, key_extras), (hint, extras) = (_unwrapped(each) for each in get_args(hint))
    parts = []
    for key, value in held.items():
        label, shown = (
            _value(key, key_hint, key_extras, around, place),
            _value(value, hint, extras, around, place),
        )
        parts.append(Described(str(label), "none" if shown is None else shown, "", _adds_up(shown, extras)))
    return LabelledGroup(tuple(parts)) if parts else None


def _term_of(around: Surroundings) -> str:
    """The term that an event names, or that of the first code that it names and that has one."""
    named = []
    for name, field in type(around.whole).model_fields.items():
        _, extras = _unwrapped(field.annotation, tuple(field.metadata))
        what, code = getattr(_meaning(extras), "what", ""), getattr(around.whole, name)
        if what == "term" and code:
            return str(code)
        if what and code:
            named.append((what, str(code)))
    known = (around.names.known(what, code, "") for what, code in named if what != "activity")
    return next((each.term for each in known if each and each.term), "")


def _unwrapped(hint: Any, extras: tuple[Any, ...] = ()) -> tuple[Any, tuple[Any, ...]]:
    """A type without `Annotated` and `None`, and the annotations that it had."""
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *more = get_args(hint)
        return _unwrapped(inner, (*extras, *more))
    if origin in (Union, types.UnionType):
        (inner,) = (each for each in get_args(hint) if each is not types.NoneType)
        return _unwrapped(inner, extras)
    return hint, extras


def _meaning(extras: tuple[Any, ...]) -> Meaning | None:
    return next((each for each in reversed(extras) if isinstance(each, Meaning)), None)


def _label(name: str, extras: tuple[Any, ...]) -> str:
    given = next((each.label for each in reversed(extras) if isinstance(each, Labelled)), None)
    return name.replace("_", " ") if given is None else given


def _adds_up(value: Value | None, extras: tuple[Any, ...]) -> bool:
    meaning = _meaning(extras)
    return isinstance(value, Amount) if meaning is None else meaning.adds_up


def _says(hint: Any, extras: tuple[Any, ...] = ()) -> bool:
    """Whether a type says what it holds."""
    hint, extras = _unwrapped(hint, extras)
    origin = get_origin(hint)
    if _meaning(extras) is not None or origin is Literal:
        return True
    if origin in (tuple, dict):
        return all(_says(each) for each in get_args(hint) if each is not Ellipsis)
    return hint in (bool, date) or _is_model(hint)


def _models_in(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The classes of the parts that are described field by field."""
    waiting = [field.annotation for field in model.model_fields.values()]
    while waiting:
        hint, _ = _unwrapped(waiting.pop())
        if get_origin(hint) in (tuple, dict):
            waiting += [each for each in get_args(hint) if each is not Ellipsis]
        elif _is_model(hint) and hint is not Amount and not hasattr(hint, "as_value"):
            yield hint


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)
