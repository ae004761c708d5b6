"""What the bank says: statements read from files, matched to what is owed, and reconciled with the books.

Knows `donors.contribution` and all below it.
"""
