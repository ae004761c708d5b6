"""How books are kept: tables, units of work that write many rows at once, evidence, files written whole.

Knows what an entry is, and nothing of what its events mean.
"""
