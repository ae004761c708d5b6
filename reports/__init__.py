"""Reports: donor statements, fund reports, receipt letters, IATI files; plans as pictures and workbooks."""

from reports.figures.figure import Seal
from reports.fund.ageing import AgeingReport, ageing_report, build_ageing
from reports.fund.annual import AnnualReport, build_annual, period_of_term, year_of_term
from reports.fund.annual_tables import annual_report
from reports.fund.cash import CashReport, build_cash, cash_report
from reports.fund.earmarking import EarmarkedMoney, EarmarkingReport, build_earmarking, earmarking_report
from reports.fund.form.files import render_fund_csv, render_fund_workbook, write_fund_report
from reports.fund.form.fund_report import FundReport
from reports.fund.form.pdf import render_fund_report
from reports.fund.fund import build_fund_summary, build_overview
from reports.fund.overview import Overview
from reports.fund.overview_pdf import render_overview
from reports.fund.overview_tables import overview_report
from reports.fund.progress import ProgressReport, build_progress
from reports.fund.progress_tables import progress_report
from reports.fund.term_report import TermReport, build_term_report
from reports.fund.term_tables import term_report
from reports.fund.trial_balance import TrialBalance, build_trial_balance
from reports.fund.trial_balance_pdf import render_trial_balance
from reports.fund.trial_balance_tables import trial_balance_report
from reports.iati.activities import build_activity_file
from reports.iati.advice import Advice, activity_advice, organisation_advice
from reports.iati.iati import AGENT, ActivityFile, IatiActivity, OrganisationFile, Publisher
from reports.iati.organisation import build_organisation_file
from reports.iati.xml import render_activity_file, render_organisation_file
from reports.letters.issuing import LetterFile, issue_letter, reprint_letter
from reports.letters.receipt_letter import ReceiptLetter, build_letter
from reports.letters.receipt_letter_pdf import render_letter
from reports.plans.bars import draw_money
from reports.plans.front_plot import draw_front
from reports.plans.named_plan import NamedPlan, name_plan
from reports.plans.sankey import draw_sankey
from reports.plans.workbook import render_plan_workbook
from reports.render.report_file import write_file
from reports.render.section import Section
from reports.render.signing import SignatureFound, add_signature, load_signer
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table
from reports.render.xlsx import write_workbook
from reports.self_check import font_faults, signing_fault
from reports.statement.batch import StatementBatch, StatementFile, write_statements
from reports.statement.builder import build_statement
from reports.statement.check import check_statement
from reports.statement.contribution_trace import (
    Booked,
    ContributionTrace,
    EvidenceFile,
    TraceStep,
    trace_contribution,
)
from reports.statement.figure_trace import FigureTrace, ResultTrace, trace_figures, trace_results
from reports.statement.issuing import (
    Issuing,
    Reprint,
    find_issue,
    issue_statements,
    keep_statement,
    reprint,
)
from reports.statement.pdf import render_statement
from reports.statement.statement import Statement
from reports.statement.verdict import CheckedStatement
from reports.words.earmark_words import earmark_sentence
from reports.words.language import words_in

__all__ = [
    "AGENT",
    "ActivityFile",
    "Advice",
    "AgeingReport",
    "AnnualReport",
    "Booked",
    "CashReport",
    "CellValue",
    "CheckedStatement",
    "ContributionTrace",
    "Dollars",
    "EarmarkedMoney",
    "EarmarkingReport",
    "EvidenceFile",
    "FigureTrace",
    "Formula",
    "FundReport",
    "IatiActivity",
    "Issuing",
    "LetterFile",
    "NamedPlan",
    "OrganisationFile",
    "Overview",
    "Percentage",
    "ProgressReport",
    "Publisher",
    "ReceiptLetter",
    "Reprint",
    "ResultTrace",
    "Seal",
    "Section",
    "SignatureFound",
    "Statement",
    "StatementBatch",
    "StatementFile",
    "Table",
    "TermReport",
    "TraceStep",
    "TrialBalance",
    "activity_advice",
    "add_signature",
    "ageing_report",
    "annual_report",
    "build_activity_file",
    "build_ageing",
    "build_annual",
    "build_cash",
    "build_earmarking",
    "build_fund_summary",
    "build_letter",
    "build_organisation_file",
    "build_overview",
    "build_progress",
    "build_statement",
    "build_term_report",
    "build_trial_balance",
    "cash_report",
    "check_statement",
    "draw_front",
    "draw_money",
    "draw_sankey",
    "earmark_sentence",
    "earmarking_report",
    "find_issue",
    "font_faults",
    "issue_letter",
    "issue_statements",
    "keep_statement",
    "load_signer",
    "name_plan",
    "organisation_advice",
    "overview_report",
    "period_of_term",
    "progress_report",
    "render_activity_file",
    "render_fund_csv",
    "render_fund_report",
    "render_fund_workbook",
    "render_letter",
    "render_organisation_file",
    "render_overview",
    "render_plan_workbook",
    "render_statement",
    "render_trial_balance",
    "reprint",
    "reprint_letter",
    "signing_fault",
    "term_report",
    "trace_contribution",
    "trace_figures",
    "trace_results",
    "trial_balance_report",
    "words_in",
    "write_file",
    "write_fund_report",
    "write_statements",
    "write_workbook",
    "year_of_term",
]
