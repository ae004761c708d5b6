"""How a report looks: pages, tables, charts and fonts of a PDF, workbooks, CSV, signatures; reading a PDF.

Knows words and figures, and no report in particular.
"""
