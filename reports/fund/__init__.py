"""Reports on the whole fund: overview, annual, term and progress report, ageing, cash, trial balance.

For most reports one module computes the data (`annual`) and one arranges it in tables (`annual_tables`);
`fund_report_files` writes the files of all.
"""
