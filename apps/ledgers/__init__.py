"""The books: chart of accounts, journal, balances, periods."""
