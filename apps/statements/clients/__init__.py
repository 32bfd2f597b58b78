"""Readers of files: DuckDB, and a process of its own with limits."""
