"""Texts of the village: rules for the wall, duties of helpers, the programme of the year.

- catalogue.py   which texts there are
- store.py       the village's own wording, else the one that comes along, with its facts filled in
- pages.py       the pages: read, poster, .docx, change and back

The wording that comes along lies in `programme/texts`, with an English reading aid beside each.
"""
