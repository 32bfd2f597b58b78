"""Approvals: who must say yes to a subject before it counts."""
