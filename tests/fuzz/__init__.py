"""Random kernels in the user's language, run everywhere; failures shrink to a regression test."""
