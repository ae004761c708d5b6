"""Colours of reports: deep blue, one accent, and greys that differ when printed without colour."""

from __future__ import annotations

from reportlab.lib.colors import Color, HexColor

BLUE: Color = HexColor(0x14365C)
ACCENT: Color = HexColor(0xC98A2B)
INK: Color = HexColor(0x1F2933)
MUTED: Color = HexColor(0x5B6775)
RULE: Color = HexColor(0xC5CDD6)
WASH: Color = HexColor(0xEEF2F6)
