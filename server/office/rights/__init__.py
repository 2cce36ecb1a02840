"""What a guardian may ask for (PIPL 44 to 47): to see what is held about a child, and to have it erased.

held.py finds everything that is about one child; access_report.py prints it; erasure.py takes it away; retention.py
lists the files whose time is over.
"""
