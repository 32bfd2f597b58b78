"""Forms of channels, statements and mappings."""
