"""The trail: what changed, who changed it, in which operation and request."""
