"""Audit: verification, replay, consistency checks, checkpoints, exports, and the rebuild from an export.

Imports every folder of the ledger but `sheets` and `currency`; only the command line and the API import it.
"""
