"""How the rows of a spreadsheet become events: columns, cells and their types.

The lowest room of donors; each noun has its own columns in its own room (`sheet.py`).
"""
