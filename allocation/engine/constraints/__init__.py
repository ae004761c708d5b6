"""Constraints: for each kind of rule, a pure function that states it as linear constraints."""
