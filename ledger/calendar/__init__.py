"""The calendar of a fund: terms, fiscal years and months, open or closed.

Imports `projections` and the rooms below it; the journal checks every date against it.
"""
