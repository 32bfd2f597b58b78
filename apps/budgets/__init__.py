"""Budgets: what may be spent, what is reserved, what is spent."""
