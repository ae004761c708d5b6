"""The time of a fund: terms, fiscal years and months, open or closed.

Knows projections; the journal asks it whether a day is open.
"""
