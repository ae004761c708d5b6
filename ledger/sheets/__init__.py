"""Spreadsheets (CSV, XLSX) read row by row, their templates, and tables that ship with a package.

Knows errors only.
"""
