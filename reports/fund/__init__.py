"""Reports on the whole fund: overview, annual, term and progress report, ageing, cash, trial balance.

Each report has one module that computes its data (`annual`), one that arranges it in tables
(`annual_tables`), and shares the writers of files (`fund_report_files`).
"""
