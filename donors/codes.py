"""The format of codes that identify donors, agreements and other records of the fund."""

from __future__ import annotations

CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
"""Up to 40 ASCII letters, digits, dots, underscores and dashes; the first is a letter or digit."""
