"""Nobody has to be believed: verification, replay, checks, checkpoints, exports and the rebuild from one.

Knows all rooms of the books but spreadsheets and rates; only doors use it.
"""
