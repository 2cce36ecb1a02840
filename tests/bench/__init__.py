"""`make bench`: the figures we promise, each with its floor measured in the same run.

A floor is the least a server could do for the same work; see floor.py. floor and ours run in processes of their
own under the same uvicorn, and take turns, so that a busy machine slows both. Read figures.py.
"""
