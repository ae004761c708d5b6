"""The engine: a problem in whole numbers, its model, the solvers behind it, and what proves an answer.

Nothing here knows the books: `allocation.scenario.problem_builder` asks, this answers.
"""
