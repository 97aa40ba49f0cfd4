"""Special functions as numbers, to their last digits: what Python's `math` does not have, or has with fewer digits.

They take floats, and are written with loops and `math` alone, so that machine code and the page can be made from them. Where a
function has no value it is NaN or infinite here; the table of primitives makes an error of that.
"""

from __future__ import annotations

import math
from typing import Final

# The zeta function at 36, 35, … 2, less 1: what the series of log Γ around 2 is made of
ZETA_LESS_1: Final = (
    1.4551921891041985e-11,
    2.9103850444971e-11,
    5.820772087902701e-11,
    1.164155017270052e-10,
    2.3283118336765053e-10,
    4.656629065033784e-10,
    9.313274324196682e-10,
    1.862659723513049e-09,
    3.725334024788457e-09,
    7.45071178983543e-09,
    1.4901554828365043e-08,
    2.980350351465228e-08,
    5.960818905125948e-08,
    1.1921992596531106e-07,
    2.38450502727733e-07,
    4.769329867878064e-07,
    9.539620338727962e-07,
    1.908212716553939e-06,
    3.81729326499984e-06,
    7.637197637899763e-06,
    1.528225940865187e-05,
    3.058823630702049e-05,
    6.124813505870483e-05,
    0.00012271334757848915,
    0.0002460865533080483,
    0.0004941886041194645,
    0.0009945751278180853,
    0.0020083928260822143,
    0.00407735619794434,
    0.008349277381922827,
    0.01734306198444914,
    0.03692775514336993,
    0.08232323371113819,
    0.2020569031595943,
    0.6449340668482264,
)
ONE_LESS_EULER: Final = 0.42278433509846714  # 1 − γ, which is ψ(2)
BERNOULLI: Final = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)  # B₂, B₄, … B₁₆
FAR: Final = 10.0  # from here on eight terms of an asymptotic series are enough


def to_nearest_whole(x: float) -> float:
    """How far a negative x is from the whole number nearest to it: from −½ to ½, exactly."""
    rest = -x % 1
    return 1 - rest if rest > 0.5 else -rest


def log_gamma(x: float) -> float:
    """log |Γ(x)|; infinity at 0, −1, −2, …

    Far out by Stirling's series. Nearer, Γ(x) = (x − 1)·Γ(x − 1) leads to a number near 2, and there by the series around it,
    in which the zero at 2 is a factor. Below 0 by Γ(x)·Γ(−x) = −π / (x·sin πx). Source: Abramowitz and Stegun, 6.1.
    """
    x = float(x)
    if x > 0 or x != x:
        return _log_gamma_above_0(x)
    sine = abs(math.sin(math.pi * to_nearest_whole(x))) if x > -math.inf else 0.0
    if sine == 0:
        return math.inf
    if x > -1e-20:
        return -math.log(-x)
    return math.log(math.pi) - math.log(sine) - math.log(-x) - _log_gamma_above_0(-x)


def _log_gamma_above_0(x: float) -> float:
    if x >= FAR:
        square, term, total = x * x, 1 / x, 0.0
        k = 2.0
        for number in BERNOULLI:
            total += number / (k * (k - 1)) * term
            term /= square
            k += 2
        return (x - 0.5) * (math.log(x) - 1) + (0.5 * math.log(2 * math.pi) - 0.5) + total
    if x < 0.5:
        return _log_gamma_beside_2(x) - math.log(x) - math.log1p(x)
    if x < 1.25:
        return _log_gamma_beside_2(x - 1) - math.log(x)
    factors = 1.0
    while x > 2.5:
        x -= 1
        factors *= x
    return _log_gamma_beside_2(x - 2) + math.log(factors)


def _log_gamma_beside_2(z: float) -> float:
    """log Γ(2 + z) = (1 − γ)·z + Σ (ζ(k) − 1)·(−z)ᵏ / k, for |z| ≤ ¾."""
    total, k = 0.0, 36.0
    for zeta in ZETA_LESS_1:
        total = zeta / k - z * total
        k -= 1
    return z * (ONE_LESS_EULER + z * total)


def psi(x: float) -> float:
    """ψ(x), the derivative of log Γ(x), by the same series; near its zeros to an absolute error of 1e-16. NaN at 0, −1, …"""
    x = float(x)
    if x > 0 or x != x:
        return _psi_above_0(x)
    tangent = math.tan(math.pi * to_nearest_whole(x)) if x > -math.inf else 0.0
    return _psi_above_0(1 - x) - math.pi / tangent if tangent else math.nan


def _psi_above_0(x: float) -> float:
    if x >= FAR:
        square, total = x * x, 0.0
        term = 1 / square
        k = 2.0
        for number in BERNOULLI:
            total += number / k * term
            term /= square
            k += 2
        return math.log(x) - 0.5 / x - total
    if x < 0.5:
        return _psi_beside_2(x) - 1 / (1 + x) - 1 / x
    if x < 1.25:
        return _psi_beside_2(x - 1) - 1 / x
    parts = 0.0
    while x > 2.5:
        x -= 1
        parts += 1 / x
    return _psi_beside_2(x - 2) + parts


def _psi_beside_2(z: float) -> float:
    """The derivative of `_log_gamma_beside_2`."""
    total = 0.0
    for zeta in ZETA_LESS_1:
        total = zeta - z * total
    return ONE_LESS_EULER + z * total


def psi_derivative(order: int, x: float) -> float:
    """The derivative of ψ(x) of an order from 1: (−1)ⁿ⁺¹·n!·Σ 1/(x + k)ⁿ⁺¹ over all k ≥ 0. NaN at 0, −1, −2, …

    Below 0 it is the sum over all whole k less that over the negative ones, each of which is a sum from above 0.
    """
    x, power = float(x), order + 1
    if x > 0 or x != x:
        total = _powers_of_reciprocals(power, x)
    else:
        d = to_nearest_whole(x)
        if d == 0 or d != d:
            return math.nan
        turned = 1 if power % 2 == 0 else -1
        beyond = _powers_of_reciprocals(power, 1 - d) - _powers_of_reciprocals(power, 1 - x)
        total = _reciprocal_power(d, power) + _powers_of_reciprocals(power, 1 + d) + turned * beyond
    factor = -1.0 if order % 2 == 0 else 1.0
    k = 2
    while k <= order:
        factor *= k
        k += 1
    return factor * total


def _powers_of_reciprocals(power: int, x: float) -> float:
    """Σ 1/(x + k)^power over all k ≥ 0, for x > 0: the first terms, then the Euler–Maclaurin formula."""
    total = 0.0
    while x < FAR + power:
        total += _reciprocal_power(x, power)
        x += 1
    if x == math.inf:
        return 0.0
    term, rest = power / (2 * x), 0.0
    k = 2.0
    for number in BERNOULLI:
        rest += number * term
        term *= (power + k - 1) / (k + 1) * (power + k) / (k + 2) / x / x
        k += 2
    return total + x ** (1 - power) * (1 / (power - 1) + (0.5 + rest) / x)


def _reciprocal_power(x: float, power: int) -> float:
    """1/x^power, and infinity where that is too large for a float."""
    size = abs(x) ** power
    sign = -1 if x < 0 and power % 2 == 1 else 1
    return sign / size if size else sign * math.inf


def cardinal_sine(order: int, x: float) -> float:
    """sin(πx)/(πx), or its derivative of an order from 1.

    Near 0 by its power series. Beyond by differentiating πx · sinc(x) = sin πx: each order follows from the one before.
    """
    x = float(x)
    size = abs(x)
    if size == math.inf:
        return 0.0
    sign = -1 if x < 0 and order % 2 == 1 else 1
    angle = math.pi * size
    if order > 0 and angle < order + 1.5:
        return sign * math.pi**order * _sinc_beside_0(order, angle)
    if size == 0 or x != x:
        return 1.0 + x  # NaN stays NaN
    rest = size % 1
    turned = -1 if size % 2 >= 1 else 1  # sin and cos of π·(k + rest) are those of π·rest, for an odd k with the other sign
    sine = turned * math.sin(math.pi * (1 - rest if rest > 0.5 else rest)) + 0.0  # and never -0.0
    cosine = turned * math.sin(math.pi * (0.5 - rest))
    total = sine / angle
    k = 1
    while k <= order:
        sine, cosine = cosine, -sine
        total = (sine - k * total) / angle
        k += 1
    return sign * math.pi**order * total


def _sinc_beside_0(order: int, u: float) -> float:
    """The derivative of sin(u)/u, Σ (−1)ᵏ·u²ᵏ / (2k + 1)!, of an order from 1."""
    j = order % 2  # the lowest power that is left
    term = (u if j else 1.0) * (-1 if (order + j) % 4 == 2 else 1)
    total = 0.0
    while j < 40 + 2 * order:
        total += term / (order + j + 1)
        term *= -u * u / ((j + 1) * (j + 2))
        j += 2
    return total
