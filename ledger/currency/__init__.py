"""UN operational rates of exchange: published, corrected, applied, and read from the UN table.

Knows projections, the calendar and spreadsheets. Arithmetic with money is in `ledger.money`.
"""
