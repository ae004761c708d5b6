"""Safekeeping: upgrades, backups, restores and the health of a book, so that it outlives program and machine.

Imports `book`, `audit` and the rooms below them; no other room of the ledger imports it.
"""
