"""What is told: donor statements, the fund overview, the trial balance, and plans drawn and in workbooks."""

from reports.front_plot import draw_front
from reports.fund import draw_overview, fund_summary
from reports.language import LANGUAGES
from reports.overview import Overview
from reports.overview_pdf import render_overview
from reports.papers import write_paper, write_statements
from reports.plan_bars import draw_money
from reports.plan_sankey import draw_sankey
from reports.plan_workbook import draw_workbook
from reports.planned import Planned, planned
from reports.statement import Seal, Statement
from reports.statement_pdf import render_statement
from reports.tracing import draw_statement
from reports.trail import Traced, trail
from reports.trial_balance import TrialBalance, draw_trial_balance
from reports.trial_balance_pdf import render_trial_balance

__all__ = [
    "LANGUAGES",
    "Overview",
    "Planned",
    "Seal",
    "Statement",
    "Traced",
    "TrialBalance",
    "draw_front",
    "draw_money",
    "draw_overview",
    "draw_sankey",
    "draw_statement",
    "draw_trial_balance",
    "draw_workbook",
    "fund_summary",
    "planned",
    "render_overview",
    "render_statement",
    "render_trial_balance",
    "trail",
    "write_paper",
    "write_statements",
]
