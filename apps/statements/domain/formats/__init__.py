"""Readers of formats: bytes become statements, or a refusal that names the place."""
