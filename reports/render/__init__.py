"""How a report looks: pages, tables, charts and fonts of a PDF, workbooks, CSV, signatures, and reading a PDF back.

Knows words and figures, and no report in particular.
"""
