"""Bank statements: read from files, matched to what agreements owe, and reconciled with the books.

Knows `donors.contribution` and all below it.
"""
