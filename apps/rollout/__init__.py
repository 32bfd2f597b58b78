"""Gradual rollout of new behaviour, department by department."""
