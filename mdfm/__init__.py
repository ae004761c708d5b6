"""The doors of the fund's books: the command line, and the example that it plays."""

__version__ = "0.1.0"
"""The version of the program; pyproject.toml has the same."""
