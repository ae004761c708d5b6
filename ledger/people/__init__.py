"""People: their roles, and the amount from which a director must approve.

Imports `projections` and the rooms below it; the journal checks every entry against it.
"""
