"""The office's lists: what each is, how it is filtered, shown, taken out as Excel, and worked from.

`kinds.py` says what a list is made of, the modules beside it hold one group of lists each, `catalogue.py` names them
all, `pages.py` serves them. Every list is made from the same book as the statistics, so their numbers agree.
"""
