"""Tests of the CUDA backend; none needs a GPU, some need NVRTC."""
