"""Constraints: the linear constraint, and pure functions that state what is no rule of a planner.

Those are the fewest units of an activity, fairness and stability. Rules state their own constraints
(`allocation.engine.rules`).
"""
