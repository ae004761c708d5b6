"""Values in planners' files: shares, amounts, and suggestions for misspelt names.

A share is kept in basis points, an amount in USD cents. An unknown name is refused with the nearest known
one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from allocation.engine.problem import BASIS_POINTS, LARGEST_SUM
from ledger import BadInput, FileSource, first_problem, nearest, read_amount

_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s?%")


def basis_points(value: object) -> object:
    """A written share such as `40%` or `12.5%`, as basis points; a whole number is basis points already."""
    if isinstance(value, int):
        return value
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f'\'{value}\' is not a share: write it like "40%" or "12.5%"')
    written = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if written > BASIS_POINTS:
        raise ValueError(f"'{value}' is more than 100%")
    return written


def _cents(value: object) -> object:
    """A written amount of US dollars such as `50,000`, as cents."""
    if not isinstance(value, str):
        return value
    try:
        return read_amount(value, "USD").minor
    except BadInput as error:
        raise ValueError(str(error).rstrip(".")) from None


Share = Annotated[int, BeforeValidator(basis_points), Field(ge=0, le=BASIS_POINTS)]
Cents = Annotated[int, BeforeValidator(_cents), Field(ge=0, le=LARGEST_SUM)]
Count = Annotated[int, Field(ge=0, le=LARGEST_SUM)]


def read_toml(path: FileSource, what: str) -> dict[str, Any]:
    """The tables of a TOML file; BadInput when it cannot be read as one."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "toml-file-unreadable",
            "The {what} {path} cannot be read: {why}.",
            what=what,
            path=path,
            why=error.strerror if isinstance(error, OSError) else error,
        ) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(
            "toml-file-malformed",
            "The {what} {path} is not a TOML file: {why}.",
            what=what,
            path=path,
            why=error,
        ) from None


def mistake(error: ValidationError, model: type[BaseModel]) -> str:
    """The first validation error as a sentence; unknown keys come first, with the nearest known one.

    A misspelt key leaves another one missing, and explains both.
    """
    for problem in error.errors():
        if problem["type"] == "extra_forbidden":
            *place, key = (str(part) for part in problem["loc"])
            keys = _part_at(model, place).model_fields
            hint = nearest(key, keys) or f", only {', '.join(keys)}"
            return f"{'.'.join([*place, key])}: there is no such key{hint}."
    first = error.errors()[0]
    if first["type"] == "tuple_type":
        return _not_an_array(first["loc"], model)
    if first["type"] == "literal_error":
        return _not_allowed(error)
    return f"{first_problem(error)}."


def _not_an_array(loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    *above, key = (str(part) for part in loc)
    if _model_in(_part_at(model, above).model_fields[key].annotation):
        return f"{_place(loc)}: write [[{key}]] in two pairs of brackets above each of its tables."
    return f'{_place(loc)}: write a list in brackets, as ["A", "B"].'


def _not_allowed(error: ValidationError) -> str:
    """What may stand in a place; pydantic reports a union of literals as one problem for each."""
    first, *_ = problems = error.errors()
    place = _place(first["loc"])
    allowed = [
        name
        for problem in problems
        if problem["type"] == "literal_error" and _place(problem["loc"]) == place
        for name in re.findall("'([^']*)'", problem["ctx"]["expected"])
    ]
    value = str(first["input"])
    return f"{place}: '{value}' is none of {', '.join(allowed)}{nearest(value, allowed)}."


def _place(loc: tuple[int | str, ...]) -> str:
    """The place of a problem as in the file, without the branch of a union."""
    return ".".join(str(part) for part in loc if not str(part).startswith("literal["))


def _part_at(model: type[BaseModel], place: Iterable[str]) -> type[BaseModel]:
    """The model class at a path of field names; array indices are skipped."""
    for name in place:
        if name in model.model_fields:
            model = _model_in(model.model_fields[name].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(each) for each in get_args(annotation))
    return next((each for each in found if each), None)
