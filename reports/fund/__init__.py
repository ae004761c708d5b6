"""Reports on the whole fund: overview, annual, term and progress report, ageing, cash, trial balance.

Each is drawn as data first (`annual`), then told (`annual_tables`), then written (`fund_report_files`).
"""
