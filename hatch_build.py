"""What a wheel needs depends on where it goes: pygraphviz, which carries Graphviz, has wheels for some platforms alone.

A wheel for one of those needs it. The one for any platform does not, so that it installs without a compiler where there is
musl, an old glibc, Windows on ARM or a browser. (Markers of dependencies cannot tell the first two from others.) A build makes
the wheel for this machine, or for the platform that the variable WHEEL_FOR names: one of PLATFORMS, or "any".
"""

from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_11_0_arm64", "macosx_11_0_x86_64", "win_amd64")


class WheelFor(BuildHookInterface):  # type: ignore[misc]  # as hatchling's types have it
    """Names the platform in the wheel, and the extra `draw` among what it needs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is built."""
        here = next((tag for tag in platform_tags() if tag in PLATFORMS), "any")
        platform = os.environ.get("WHEEL_FOR", here)
        if platform not in (*PLATFORMS, "any"):
            raise ValueError(f"WHEEL_FOR must be one of {', '.join(PLATFORMS)} or any, got {platform!r}")
        if platform != "any":
            build_data["tag"] = f"py3-none-{platform}"
            build_data["dependencies"] += self.metadata.core.optional_dependencies["draw"]
