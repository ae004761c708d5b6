"""What is told: donor statements, fund reports, the trial balance, and plans drawn and in workbooks."""

from reports.ageing import AgeingReport, ageing_paper, draw_ageing
from reports.annual import AnnualReport, draw_annual, span_of_term, year_of_term
from reports.annual_paper import annual_paper
from reports.cash import CashReport, cash_paper, draw_cash
from reports.chapter import Chapter
from reports.contribution_trace import Booked, ContributionTrace, Proof, Step, trace_contribution
from reports.earmark_words import earmark_sentence
from reports.front_plot import draw_front
from reports.fund import draw_overview, fund_summary
from reports.fund_report import FundReport
from reports.fund_report_files import fund_csv, fund_workbook, write_fund_report
from reports.fund_report_pdf import render_fund_report
from reports.iati import AGENT, ActivityFile, IatiActivity, OrganisationFile, Publisher
from reports.iati_activities import draw_activity_file
from reports.iati_advice import Advice, advice, organisation_advice
from reports.iati_organisation import organisation_file
from reports.iati_xml import render_activity_file, render_organisation_file
from reports.issuing import Issuing, Reprint, find_issue, issue_statements, reprint
from reports.language import LANGUAGES, words_in
from reports.overview import Overview
from reports.overview_pdf import render_overview
from reports.overview_tables import overview_paper
from reports.papers import Round, write_paper, write_statements
from reports.plan_bars import draw_money
from reports.plan_sankey import draw_sankey
from reports.plan_workbook import draw_workbook
from reports.planned import Planned, planned
from reports.progress import Progress, draw_progress
from reports.progress_paper import progress_paper
from reports.receipt_letter import ReceiptLetter, draw_letter
from reports.receipt_letter_pdf import render_letter
from reports.signing import SignatureFound, load_signer, sign_paper
from reports.statement import Seal, Statement
from reports.statement_check import CheckedStatement, check_statement
from reports.statement_pdf import render_statement
from reports.term_paper import term_paper
from reports.term_report import TermReport, draw_term_report
from reports.tracing import draw_statement
from reports.trail import Counted, Traced, counted, trail
from reports.trial_balance import TrialBalance, draw_trial_balance
from reports.trial_balance_pdf import render_trial_balance
from reports.trial_balance_tables import trial_balance_paper
from reports.workbook import Cell, Dollars, Formula, Share, Table
from reports.xlsx import write_workbook

__all__ = [
    "AGENT",
    "LANGUAGES",
    "ActivityFile",
    "Advice",
    "AgeingReport",
    "AnnualReport",
    "Booked",
    "CashReport",
    "Cell",
    "Chapter",
    "CheckedStatement",
    "ContributionTrace",
    "Counted",
    "Dollars",
    "Formula",
    "FundReport",
    "IatiActivity",
    "Issuing",
    "OrganisationFile",
    "Overview",
    "Planned",
    "Progress",
    "Proof",
    "Publisher",
    "ReceiptLetter",
    "Reprint",
    "Round",
    "Seal",
    "Share",
    "SignatureFound",
    "Statement",
    "Step",
    "Table",
    "TermReport",
    "Traced",
    "TrialBalance",
    "advice",
    "ageing_paper",
    "annual_paper",
    "cash_paper",
    "check_statement",
    "counted",
    "draw_activity_file",
    "draw_ageing",
    "draw_annual",
    "draw_cash",
    "draw_front",
    "draw_letter",
    "draw_money",
    "draw_overview",
    "draw_progress",
    "draw_sankey",
    "draw_statement",
    "draw_term_report",
    "draw_trial_balance",
    "draw_workbook",
    "earmark_sentence",
    "find_issue",
    "fund_csv",
    "fund_summary",
    "fund_workbook",
    "issue_statements",
    "load_signer",
    "organisation_advice",
    "organisation_file",
    "overview_paper",
    "planned",
    "progress_paper",
    "render_activity_file",
    "render_fund_report",
    "render_letter",
    "render_organisation_file",
    "render_overview",
    "render_statement",
    "render_trial_balance",
    "reprint",
    "sign_paper",
    "span_of_term",
    "term_paper",
    "trace_contribution",
    "trail",
    "trial_balance_paper",
    "words_in",
    "write_fund_report",
    "write_paper",
    "write_statements",
    "write_workbook",
    "year_of_term",
]
