"""The demo village: fictional, the same on every installation, and large enough to be believed.

Start at `plan` (the village as a table), then `house` (who lives there), `answers`, `ties` and
`helpers` (what the register says of them), `rounds` and `events` (who knocked where, and what was
noted), `care` and `home` (what was done for the children, and the village's place for them), `story` (all of it in order of time) and `build` (how it enters a registry).

Its figures are those of the domain brief, section 5. They hold on the as-of day (see `calendar`),
but for the numbers of August, September and October, which hold at the end of those months, and
the survey's, which are those of its events. Where that section says two things, this is how both
are true:

- 60 files in August, 4 new and 3 left make 61 in September, and in October the weekly video is
  "for 60": in October one more child got the parents back. So the as-of day has 60 again, and the
  tables by grid, sex, age and the rest are those of that day.
- 120 doors = 102 + 11 + 4 + 3 at the first visit; "4 refused then 2 agreed" and those not at home
  are the second round (see `rounds`). Children left behind were all met.
- 9 children are tagged as in hardship, 16 hardship children got a visit at Mid-Autumn: the 16 are
  all children of the households that get public help, the 9 among them.
- 71 % of the parents' work outside the province: 56 of the 79 parents who are away.
- 57 children paired "at the start" is how it stands on the as-of day: the last three wait.
- A locked, empty house still has its registered residents; all of them count as away.
"""
