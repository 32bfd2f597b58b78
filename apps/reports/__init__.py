"""Statements of the books."""
