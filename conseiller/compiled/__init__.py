"""The registry read as fast programs, for portfolios and simulations.

`engine.Model` computes any column of every month row, one by one. Here the same
rules, taken from the same registry as expression trees, are simplified under what
is known of a row (`graph`), turned into lists of NumPy calls (`program`), and run
once for every payslip that differs from the others (`payslips`): a month wholly
worked under the same contract, terms and law as another is the same payslip.
"""
