"""The command line: what commands share, and a folder of commands for each desk.

A command reads what is typed, calls the packages, and prints; it holds no rule.
"""
