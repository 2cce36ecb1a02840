"""The demo village: fictional, the same on every installation, and large enough to be believed.

Start at `plan` (the village as a table), then `house` (who lives there), `answers` (what the
survey found), `story` (what happened from July to November) and `build` (how it enters a
registry). Nothing in it describes real people.
"""
