"""The optimisation engine: problem, model, constraints, solvers, and the verifier that checks solutions.

It works on whole numbers and does not read the books: `allocation.scenario.problem_builder` builds its
problems.
"""
