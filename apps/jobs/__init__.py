"""Long work: who claims it, how far it is, how it ends."""
