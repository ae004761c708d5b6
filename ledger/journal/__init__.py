"""The journal: record, query and reverse entries. Everything that is written to the books passes through it.

Imports `calendar`, `people`, `projections` and the rooms below them.
"""
