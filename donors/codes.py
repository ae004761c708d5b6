"""Codes by which donors, agreements and everything else of the fund are named."""

from __future__ import annotations

CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
