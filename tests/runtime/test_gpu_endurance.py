"""What launches on a GPU leave behind: nothing; and what a kernel that faults leaves: the CPU."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .endurance import growth_over

CYCLES = 10_000
MOST_GROWTH = 4 << 20  # of the host's memory: less than half a kilobyte a cycle is no leak
FAULT = """
import numpy as np
import tilewright as tw

@tw.kernel
def stray(x: "*f32", far):
    tw.store(x + far, 1.0)

@tw.kernel
def count(out):
    out[tw.program_id(0)] = tw.program_id(0)

x = tw.zeros(16, device="cuda:0")
count[16](x)
assert x.numpy()[15] == 15
stray[1](x, np.int64(1 << 40))
for use in (lambda: tw.synchronize("cuda:0"), x.numpy, lambda: tw.empty(3, device="cuda:0")):
    try:
        use()
    except tw.DeviceError as error:
        print(str(error).splitlines()[0])
        print("note" if "only the CPU" in str(error) else "no note")
out = np.zeros(5, np.float32)
count[5](out)
print(out.tolist())
"""


@pytest.mark.cuda
def test_10_000_cycles_leave_nothing() -> None:
    used, reserved, resident = growth_over("cuda:0", CYCLES)
    assert (used, reserved) == (0, 0)
    assert resident < MOST_GROWTH


@pytest.mark.cuda
def test_a_kernel_that_faults_costs_the_gpu_only(tmp_path: Path) -> None:
    """In a process of its own: it can use the GPU no longer."""
    program = tmp_path / "fault.py"
    program.write_text(FAULT)
    done = subprocess.run(
        [sys.executable, "-P", program], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    *told, last = done.stdout.splitlines()
    assert len(told) == 6 and told[1::2] == ["note"] * 3
    for line in told[::2]:
        assert line.startswith("cuda:0 is lost: CUDA_ERROR_") and "stray" in line
    assert last == "[0.0, 1.0, 2.0, 3.0, 4.0]"
