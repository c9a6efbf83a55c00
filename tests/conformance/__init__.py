"""One suite over every op, dtype and layout: what is compiled does what the interpreter does."""
