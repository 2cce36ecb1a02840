"""Mistakes that are easily made in a sync engine, planted one by one to see which test catches them.

`make mutants`. A trap is a small patch (trap.py); the lists are engine.py, registry.py and phone.py; tree.py plants them in a
copy of the sources and runs the tests chosen for them. A trap nobody catches, or one that no longer fits, fails.
"""
