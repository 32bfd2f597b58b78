"""What a person typed on pages of reconciliation."""
