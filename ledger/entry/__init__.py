"""An entry: the event it records, its lines, their canonical form, and its seal.

The lowest folder of the ledger: it imports only modules beside the folders, such as `money` and `accounts`.
"""
