"""Events: what changed, told once to everybody who must know, whatever dies in between."""
