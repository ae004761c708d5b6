"""Figures with the journal lines behind them: sums, first in first out, regions and markers, gifts in kind.

Knows no words and no paper.
"""
