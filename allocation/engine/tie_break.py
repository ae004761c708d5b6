"""The tie-break: of equally good plans, the first by code.

That is the one that funds most units of the first activity by code, then of the second, and so on. It leaves
exactly one plan, so any correct solver gives the same units. Most activities have the same units in all of
the equals (`Search.narrowed` has told), so that only the few others are put in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from allocation.engine.constraints.constraint import Terms, Variable
from allocation.engine.model import Model
from allocation.engine.search import Search

COMBINATIONS_MAX = 2**16
"""How many combinations of units one solve may order; larger numbers weaken the solver's bounds."""


def first_by_code(search: Search, model: Model, values: Mapping[str, int]) -> tuple[Mapping[str, int], int]:
    """The first plan by code among equals, and how many activities' units are proved to be so."""
    units = model.variables[: len(model.candidates)]
    settled = sum(variable.lower == variable.upper for variable in units)
    for chunk in _chunks([variable for variable in units if variable.lower < variable.upper]):
        if any(values[variable.name] < variable.upper for variable in chunk):
            answer = search.best(model, _in_order(chunk))
            if answer.status != "optimal" or answer.values is None:
                return values, settled
            values = answer.values
        model = model.within({each.name: (values[each.name], values[each.name]) for each in chunk})
        settled += len(chunk)
    return values, settled


def _chunks(variables: Sequence[Variable]) -> Iterator[tuple[Variable, ...]]:
    """Neighbours by code, few enough that their units can be read as one number."""
    chunk: tuple[Variable, ...] = ()
    for variable in variables:
        if chunk and prod(v.upper - v.lower + 1 for v in (*chunk, variable)) > COMBINATIONS_MAX:
            yield chunk
            chunk = ()
        chunk = (*chunk, variable)
    if chunk:
        yield chunk


def _in_order(chunk: Sequence[Variable]) -> Terms:
    """An objective that is larger for the plan that comes first: mixed-radix digits, first code leading."""
    weights: list[tuple[str, int]] = []
    radix = 1
    for variable in reversed(chunk):
        weights.append((variable.name, radix))
        radix *= variable.upper - variable.lower + 1
    return tuple(weights)
