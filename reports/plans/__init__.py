"""Plans as pictures and as a workbook.

Built on words, figures and rendering.
"""
