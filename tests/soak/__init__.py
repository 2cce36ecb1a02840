"""`make soak HOURS=8`: the evenings of many hours back to back, on one real server, and what grows meanwhile.

evening.py does what people do, watch.py says what it cost the machine. Kills are not its business (`make faults`): a
server that starts anew has forgotten what it leaked.
"""
