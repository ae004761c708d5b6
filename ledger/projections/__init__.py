"""Projections: tables computed from the journal, namely registers of facts and balances.

Each can be dropped and rebuilt. Imports `storage` and the rooms below it.
"""
