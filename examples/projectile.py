"""An inverse problem: at which angle must a ball be thrown to land on a target, when the air slows it down?

There is no formula for the range with drag, but there is a simulation. It is written with the package's own functions, so it
can be differentiated as it stands, through all its time steps: the derivative of the landing point by the launch angle.
Newton's method on `landing(angle) − target` then finds the angle in a few throws.

    python examples/projectile.py
"""

from __future__ import annotations

import math
from typing import Any

from autograd_lite import cos, hypot, sin, value_and_grad

GRAVITY = 9.81  # m/s²
DRAG = 0.02  # 1/m: the deceleration is DRAG · speed²
STEP = 0.005  # s


def landing(angle: Any, speed: float = 30.0) -> Any:
    """Where a ball thrown from the ground comes down, in metres; `angle` in radians, `speed` in m/s."""
    x: Any = 0.0
    y: Any = 0.0
    velocity_x, velocity_y = speed * cos(angle), speed * sin(angle)
    while True:
        drag = DRAG * hypot(velocity_x, velocity_y)
        velocity_x, velocity_y = velocity_x - STEP * drag * velocity_x, velocity_y - STEP * (GRAVITY + drag * velocity_y)
        next_x, next_y = x + STEP * velocity_x, y + STEP * velocity_y
        if next_y < 0:  # the ground lies within this step: go the part of it that is left above
            return x + (next_x - x) * y / (y - next_y)
        x, y = next_x, next_y


def aim(target: float, angle: float = math.radians(20), tolerance: float = 1e-9) -> tuple[float, int]:
    """The low launch angle that hits `target` (metres), and the number of throws that finding it took."""
    throw = value_and_grad(landing)
    for throws in range(1, 30):
        distance, slope = throw(angle)
        if abs(distance - target) < tolerance:
            return angle, throws
        angle += (target - distance) / slope
        if not 0 < angle < math.pi / 2:  # it flies no further at any angle near this one
            break
    raise ValueError(f"no angle found that reaches {target} m: it may lie beyond the ball's range")


def main() -> float:
    target = 35.0
    angle, throws = aim(target)
    distance, slope = value_and_grad(landing)(angle)
    print(f"thrown at {math.degrees(angle):.6f}°, the ball lands at {distance:.9f} m (target {target} m; {throws} throws)")
    print(f"one degree more would carry it {slope * math.radians(1):.3f} m further")
    return distance


if __name__ == "__main__":
    main()
