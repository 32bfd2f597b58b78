"""Pages of channels, statements and mappings."""
