"""Statements: what the outside says happened, proved before it counts."""
