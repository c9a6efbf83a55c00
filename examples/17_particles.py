"""Structs as arguments and values: particles in a box, several steps in one launch."""

from typing import NamedTuple

import numpy as np

import tilewright as tw


class Vector(NamedTuple):
    """Two tiles, two arrays, or two numbers."""

    x: object
    y: object


class Body(NamedTuple):
    """Where particles are and how fast they go."""

    place: Vector
    speed: Vector


@tw.func
def moved(a, b, scale):
    """The vector `a + scale * b`."""
    return Vector(a.x + scale * b.x, a.y + scale * b.y)


@tw.kernel
def fly(bodies: Body, gravity: Vector, dt, steps, BLOCK: tw.constexpr = 128):
    """Move `BLOCK` particles; who hits the floor at 0 bounces with half the speed."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    p = Vector(bodies.place.x[i], bodies.place.y[i])
    v = Vector(bodies.speed.x[i], bodies.speed.y[i])
    for _ in range(steps):
        v = moved(v, gravity, dt)
        p = moved(p, v, dt)
        if p.y < 0:  # for each particle by itself; p.x and v.x stay as they are
            p, v = p._replace(y=-p.y), v._replace(y=-0.5 * v.y)
    bodies.place.x[i], bodies.place.y[i] = p
    bodies.speed.x[i], bodies.speed.y[i] = v


rng = np.random.default_rng()
n, dt, steps = 1001, np.float32(0.01), 300
place, speed = rng.uniform(0, 3, (2, n)).astype(np.float32), rng.normal(size=(2, n))
bodies = Body(Vector(*place), Vector(*speed.astype(np.float32)))
exact, pace = place.astype(np.float64), np.array(bodies.speed, np.float64)
fly[tw.cdiv(n, 128)](bodies, Vector(0.5, -9.81), dt, steps)

for _ in range(steps):
    pace += np.array([[0.5], [-9.81]]) * dt
    exact += pace * dt
    below = exact[1] < 0
    exact[1], pace[1] = np.where(below, (-exact[1], -0.5 * pace[1]), (exact[1], pace[1]))
error = np.median(np.abs(np.array(bodies.place) - exact))
assert error < 1e-3
print(f"particles: {n} of them, {steps} steps, median error {error:.1e}")
