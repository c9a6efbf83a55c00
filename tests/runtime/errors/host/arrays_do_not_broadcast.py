"""`tw.Array`s broadcast as NumPy's do."""

# class: LaunchError
# way out: reshape one of them


tw.zeros(8) + tw.zeros(7)  # error: arrays of shapes (8,) and (7,) do not broadcast
