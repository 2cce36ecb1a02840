"""`make faults`: real processes are killed at any moment, and nothing that was acknowledged may be missing afterwards.

A server tells a phone what it stored; a phone tells a person what it saved. Both are promises, and both are counted
here: see server.py and phone.py. The table of all faults and their tests is server/docs/faults.md.
"""
