"""The one door to write, and how entries are read: append, query, reverse, and what a closed agreement refuses.

Knows the calendar, people and projections.
"""
