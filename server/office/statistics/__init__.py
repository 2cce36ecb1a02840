"""The figures of the office: every indicator of the programme, computed from the register of one day.

- book.py     the village on a day: who counts, which events stand, in which groups a child is
- marks.py    marks (one a child, event or slot), measures over them, and tables of figures
- children.py, contacts.py, services.py, movement.py    the indicators, each a list of marks
- matrix.py   the table by grid, and whether everything adds up
- slots.py    weeks, months and periods that had to be filled
- charts.py   SVG; sheets.py Excel; pages.py the pages

A figure is counted from marks and leads back to them: the list behind a number is the marks it was counted from, so
that the two can never differ. Definitions in words stand in the programme (indicators.md).
"""
