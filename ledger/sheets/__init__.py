"""Sheets: CSV and XLSX files read row by row, their templates, and CSV tables that ship with a package.

Imports `storage` and the modules below it.
"""
