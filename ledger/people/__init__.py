"""Who may record and approve: people, their roles, and the amount from which a director must approve.

Knows projections; the journal asks it before each entry.
"""
