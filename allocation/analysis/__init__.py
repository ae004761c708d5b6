"""Analyses of plans: explanation, alternatives, comparison, sweeps, risk and prices; each solves again."""
