"""Currency: UN operational rates of exchange, published, corrected, applied, and read from the UN table.

Imports `projections`, `calendar` and `sheets`. Arithmetic with money is in `ledger.money`.
"""
