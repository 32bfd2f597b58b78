"""Writes of organizations: their people, roles, legal entities and departments."""
