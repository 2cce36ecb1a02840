"""What is printed besides forms and lists: cards, sheets to sign, letters, work books, sheets for the wall.

`kinds.py` says what a printout is and what it is made of, the modules beside it hold one family each, `catalogue.py`
names them all, `pages.py` serves them. Every one has a template `print_<template>.html` on `paper_base.html`.
"""
