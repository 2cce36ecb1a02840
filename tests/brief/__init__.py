"""The information model as it was asked for, against the programme as it is: what is missing, and the page that says so."""
