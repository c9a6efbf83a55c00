"""Dtypes are those of the language."""

# class: LaunchError
# way out: write `tw.f32`, or NumPy's name


tw.zeros(3, dtype="f33")  # error: 'f33' is no dtype
