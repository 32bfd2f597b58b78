"""Writes of statements, and what their pages show."""
