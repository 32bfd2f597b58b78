"""Finance policies: what a company has decided once and every process obeys."""
