"""The interpreter against expectations written in plain Python and NumPy."""
