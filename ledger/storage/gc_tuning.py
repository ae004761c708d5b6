"""Garbage: how often Python looks for cycles, while very many objects are made that hold none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MADE = 100_000
"""New objects after which it looks for cycles again; by itself it does after 700."""


@contextmanager
def infrequent_gc() -> Iterator[None]:
    """Look for cycles less often: else a quarter of a batch's time goes into looking at what it keeps."""
    thresholds = gc.get_threshold()
    gc.set_threshold(max(_MADE, thresholds[0]), *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
