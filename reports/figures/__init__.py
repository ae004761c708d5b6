"""Figures with the journal lines behind them: sums, FIFO layers, regions and markers, gifts in kind.

Imports no texts and no rendering.
"""
