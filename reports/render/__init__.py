"""Rendering: PDF pages, tables, charts and fonts; workbooks and CSV; signatures; reading a PDF.

Built on words and figures; knows no particular report.
"""
