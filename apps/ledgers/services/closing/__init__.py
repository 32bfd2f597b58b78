"""Closing a month and a year, step by step; each step may run again and does only what is left.

checklist     what stands in the way of a close, and what is left to do
revaluation   期末调汇: foreign balances at the closing rate
transfer      结转损益: profit and loss to the profit of the year
year_end      the profit of the year to retained earnings and the reserve
close         opening balances of the next period, and the state
reopen        反结账: asked by one person, decided by another
"""
