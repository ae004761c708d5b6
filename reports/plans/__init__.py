"""Plans as pictures and as a workbook.

Knows words, figures and how things look.
"""
