"""Speed, measured against a limit and a peer on the same cluster in the same run.

`./run bench NAME` runs one of the modules without a leading underscore. Absolute figures
belong to the machine; the ratios inside one run are what counts.
"""
