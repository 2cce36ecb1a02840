"""Golden recordings: what this version of the protocol was asked and what it answered, kept in v1/.

story.py tells what happens in one small village, stage.py is the village. `python -m tests.golden` records it anew; from
then on tests/server/api/test_golden.py asks every later server the recorded questions. The recordings of a protocol
version that phones still speak are never changed to please a server: the server has to serve them.
"""
