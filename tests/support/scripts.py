"""Names in scripts other than Latin, as a donor would write them."""

from __future__ import annotations

NAMES = {
    "Arabic": "بلدية صفاقس",
    "Chinese": "北京市教育委员会",
    "Ethiopic": "አዲስ አበባ ከተማ አስተዳደር",
    "Japanese": "東京都教育委員会 まなびのまち",
    "Korean": "서울특별시 평생교육진흥원",
    "Persian": "شهرداری تهران",
}
"""Of those that the typeface has."""
UNSHOWN = {"Devanagari": "काठमाडौं", "Thai": "กรุงเทพมหานคร"}
"""Of those that it has not."""


def of_length(name: str, most: int = 300) -> str:
    """A name repeated up to so many characters, with its spaces."""
    apart = f"{name} " if " " in name else name
    return (apart * most)[:most].strip()
