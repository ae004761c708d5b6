"""An entry: the event it records, its lines, their canonical form, and its seal.

The lowest folder of the ledger: it imports `money`, `errors` and `accounts` only.
"""
