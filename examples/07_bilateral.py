"""An edge-preserving filter: scalar loops around tile arithmetic, indices clamped at the border."""

import numpy as np

import tilewright as tw


@tw.kernel
def bilateral(image, out, space, tone, R: tw.constexpr, BLOCK: tw.constexpr = 128):
    """Mean of the neighbours within `R`, weighted by distance in space and in brightness."""
    i, j = tw.program_id(1), tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    bottom, right = image.shape[0] - 1, image.shape[1] - 1
    centre = image[i, j]
    total, weights = tw.zeros(BLOCK, tw.f32), tw.zeros(BLOCK, tw.f32)
    for di in range(-R, R + 1):
        row = min(max(i + di, 0), bottom)
        for dj in range(-R, R + 1):
            pixel = image[row, tw.clip(j + dj, 0, right)]
            apart = pixel - centre
            weight = tw.exp(-(di * di + dj * dj) * space - apart * apart * tone)
            total += weight * pixel
            weights += weight
    out[i, j] = total / weights


rng = np.random.default_rng()
image = np.where(np.arange(200) < 90, 0.2, 0.8) + 0.03 * rng.standard_normal((120, 200))
image = image.astype(np.float32)
out = np.empty_like(image)
space, tone, R = 1 / (2 * 2.0**2), 1 / (2 * 0.15**2), 4

bilateral[tw.cdiv(200, 128), 120](image, out, space, tone, R=R)

padded = np.pad(image.astype(np.float64), R, mode="edge")
total, weights = np.zeros(image.shape), np.zeros(image.shape)
for di in range(2 * R + 1):
    for dj in range(2 * R + 1):
        pixel = padded[di : di + 120, dj : dj + 200]
        weight = np.exp(-((di - R) ** 2 + (dj - R) ** 2) * space - (pixel - image) ** 2 * tone)
        total += weight * pixel
        weights += weight
error = np.abs(out - total / weights).max()
assert error < 1e-5
print(f"bilateral: noise {image[:, :80].std():.3f} before, {out[:, :80].std():.3f} after, "
      f"step kept, largest error {error:.1e}")  # fmt: skip
