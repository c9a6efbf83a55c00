"""Functions of one's own: `@tw.func` is inlined where it is called, and may return a tuple."""

import math

import numpy as np

import tilewright as tw

SQRT_HALF = math.sqrt(0.5)


@tw.func
def normal_cdf(x):
    """The distribution function of the standard normal distribution."""
    return 0.5 * tw.erfc(-x * SQRT_HALF)


@tw.func
def price(spot, strike, years, rate, sigma):
    """Call and put after Black and Scholes."""
    spread = sigma * tw.sqrt(years)
    d1 = (tw.log(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / spread
    d2 = d1 - spread
    call = spot * normal_cdf(d1) - strike * tw.exp(-rate * years) * normal_cdf(d2)
    return call, call - spot + strike * tw.exp(-rate * years)


@tw.kernel
def black_scholes(spot, strike, years, call, put, rate, sigma, BLOCK: tw.constexpr = 1024):
    """Prices of European options, `BLOCK` a program."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    call[i], put[i] = price(spot[i], strike[i], years[i], rate, sigma)


rng = np.random.default_rng()
spot, strike, years = (rng.uniform(*r, 100_000).astype(np.float32)
                       for r in ((20, 60), (20, 60), (0.1, 3)))  # fmt: skip
call, put = np.empty_like(spot), np.empty_like(spot)

black_scholes[tw.cdiv(spot.size, 1024)](spot, strike, years, call, put, 0.03, 0.25)

s, k, t = (v.astype(np.float64) for v in (spot, strike, years))
d1 = (np.log(s / k) + (0.03 + 0.25**2 / 2) * t) / (0.25 * np.sqrt(t))
cdf = np.vectorize(lambda v: 0.5 * math.erfc(-v * SQRT_HALF))
exact = s * cdf(d1) - k * np.exp(-0.03 * t) * cdf(d1 - 0.25 * np.sqrt(t))
error = max(np.abs(call - exact).max(), np.abs(put - (exact - s + k * np.exp(-0.03 * t))).max())
assert error < 1e-4
print(f"Black-Scholes: {spot.size} options, largest error {error:.1e}, prices to {exact.max():.0f}")
