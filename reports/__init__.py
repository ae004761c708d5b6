"""What is told: donor statements, the fund overview and the trial balance."""

from reports.fund import draw_overview, fund_summary
from reports.language import LANGUAGES
from reports.overview import Overview
from reports.overview_pdf import render_overview
from reports.papers import write_paper, write_statements
from reports.statement import Seal, Statement
from reports.statement_pdf import render_statement
from reports.tracing import draw_statement
from reports.trail import Traced, trail
from reports.trial_balance import TrialBalance, draw_trial_balance
from reports.trial_balance_pdf import render_trial_balance

__all__ = [
    "LANGUAGES",
    "Overview",
    "Seal",
    "Statement",
    "Traced",
    "TrialBalance",
    "draw_overview",
    "draw_statement",
    "draw_trial_balance",
    "fund_summary",
    "render_overview",
    "render_statement",
    "render_trial_balance",
    "trail",
    "write_paper",
    "write_statements",
]
