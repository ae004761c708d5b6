"""The form that all reports on the fund have: titled tables, written as PDF, workbook and CSV.

Knows no particular report; the reports are the modules beside this folder.
"""
