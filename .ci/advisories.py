"""Whether an installed package has a known weakness: `python .ci/advisories.py SITE_PACKAGES`, which asks pip-audit.

It needs a database of advisories, and so a network. Without one nothing is known, and this says so: it passes, but it does not
claim that anything was checked.
"""

import json
import subprocess
import sys

command = [
    sys.executable,
    "-m",
    "pip_audit",
    "--path",
    sys.argv[1],
    "--format",
    "json",
    "--progress-spinner",
    "off",
    "--timeout",
    "5",
]
try:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = json.loads(done.stdout)["dependencies"]
except (subprocess.TimeoutExpired, json.JSONDecodeError):
    found = []
checked = [package for package in found if "vulns" in package]
unknown = [package["name"] for package in found if "vulns" not in package]
weak = [(package, weakness) for package in checked for weakness in package["vulns"]]
for package, weakness in weak:
    fixed = ", ".join(weakness["fix_versions"]) or "no release yet"
    print(f"{package['name']} {package['version']}: {weakness['id']}, mended in {fixed}")
if not checked:
    print("NOT CHECKED: no database of advisories can be reached from here")
else:
    print(
        f"checked: {len(checked)} packages" + (f"; NOT CHECKED, since unknown there: {', '.join(unknown)}" if unknown else "")
    )
sys.exit(bool(weak))
