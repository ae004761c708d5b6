"""The one door to write, and how entries are read: append, query, reverse.

Knows the calendar, people and projections.
"""
