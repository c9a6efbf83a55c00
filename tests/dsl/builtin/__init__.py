"""The builtins: the types they give, the ops they become, what they refuse.

In the singular, because a package of tests called `builtins` would hide Python's own module.
"""
