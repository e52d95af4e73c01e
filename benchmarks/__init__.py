"""The project's speed, measured: ``python -m benchmarks`` prints one row for each promise (see ``table``).

A ratio is always taken in one run on one machine, its two arms in turn (see ``timing``): absolute times depend on the
machine and on what else runs there, ratios much less.
"""
