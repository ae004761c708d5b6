"""The codes that identify donors, agreements and other records of the fund: their format, and their types.

A field of one of the types below is described to people by the name behind the code (`Kind.names`).
"""

from __future__ import annotations

from typing import Annotated

from donors.languages import Language
from ledger import CodeOf

CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
"""Up to 40 ASCII letters, digits, dots, underscores and dashes; the first is a letter or digit."""

DonorField = Annotated[str, CodeOf("donor")]
AgreementField = Annotated[str, CodeOf("agreement")]
"""Also a gift without an agreement, which is kept as one."""
PledgeField = Annotated[str, CodeOf("pledge")]
OfferField = Annotated[str, CodeOf("offer")]
ReceiptField = Annotated[str, CodeOf("receipt")]
GoodsField = Annotated[str, CodeOf("goods")]
RefundField = Annotated[str, CodeOf("refund")]
BankAccountField = Annotated[str, CodeOf("bank account")]
CountryField = Annotated[str, CodeOf("country")]
LanguageField = Annotated[Language, CodeOf("language")]
ActivityField = Annotated[str, CodeOf("activity")]
"""An activity of a programme, which `allocation` knows by name; so of clusters and work areas."""
ClusterField = Annotated[str, CodeOf("cluster")]
WorkAreaField = Annotated[int, CodeOf("work area")]
