"""Measurements against other libraries; `run.py` is the way in."""
