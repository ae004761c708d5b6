"""Reports on the whole fund: overview, annual, term and progress report, ageing, cash, trial balance.

For most reports one module computes the data (`annual`) and one arranges it in tables (`annual_tables`);
`form` is what they all are: titled tables, and the files made of them.
"""
