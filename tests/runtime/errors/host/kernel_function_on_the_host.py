"""What exists only in kernels says so."""

# class: Error
# way out: on the host use NumPy's function of that name


tw.arange(8)  # error: tw.arange exists only in kernels: call it in a function under @tw.kernel
