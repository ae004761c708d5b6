"""Rules of allocation: one class in one module each, with everything that depends on which rule it is.

`rule` says what a rule can do, and what it does unless it says otherwise; `conditions` makes the rules that
analyses add. `verify` checks a plan against each rule for the verifier: it reads the fields of a rule and
shares no code with it. Who uses a rule asks it, never which class it is. Nothing here knows a solver, the
books or a scenario; `allocation.scenario.rules` says how a planner writes each rule.
"""
