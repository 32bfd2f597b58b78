"""Pages of sign-in, people, roles, legal entities and departments."""
