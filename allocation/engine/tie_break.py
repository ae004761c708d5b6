"""The tie-break: the first by code of equally good plans, so that exactly one plan is left.

The first plan funds most units of the first activity by code, then of the second, and so on: any correct
solver gives the same units. Most activities have the same units in all of these plans (`Search.narrowed`
fixes them), so only the few others are ordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from allocation.engine.constraints.constraint import Terms, Variable
from allocation.engine.model import Model
from allocation.engine.search import Search

COMBINATIONS_MAX = 2**16
"""How many combinations of units one solve may order; more would weaken the solver's bounds."""


def first_by_code(search: Search, model: Model, values: Mapping[str, int]) -> tuple[Mapping[str, int], int]:
    """The first plan by code, and the number of activities whose units are proved."""
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
    """Consecutive activities, few enough that their units fit into one objective."""
    chunk: tuple[Variable, ...] = ()
    for variable in variables:
        if chunk and prod(v.upper - v.lower + 1 for v in (*chunk, variable)) > COMBINATIONS_MAX:
            yield chunk
            chunk = ()
        chunk = (*chunk, variable)
    if chunk:
        yield chunk


def _in_order(chunk: Sequence[Variable]) -> Terms:
    """An objective that orders plans by code: units as mixed-radix digits, the first code leading."""
    weights: list[tuple[str, int]] = []
    radix = 1
    for variable in reversed(chunk):
        weights.append((variable.name, radix))
        radix *= variable.upper - variable.lower + 1
    return tuple(weights)
