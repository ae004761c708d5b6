"""Reading spreadsheets: rows become events, by columns, cells and their types.

The lowest sub-package of donors; the columns of each noun are in the `sheet.py` beside it.
"""
