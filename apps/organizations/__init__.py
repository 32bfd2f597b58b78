"""Tenants, legal entities, departments, people, and what their roles allow."""
