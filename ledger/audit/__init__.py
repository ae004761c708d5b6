"""Audit: verification, replay, consistency checks, checkpoints, exports, and the rebuild from an export.

Imports `book`, `journal` and the rooms below them; of the ledger only `safekeeping`
imports it.
"""
