"""Whether this machine has the Java that Spark needs; as a program it says why not and fails.

Spark's own launcher takes the same: `JAVA_HOME` where it is set, else `java` on the PATH.
"""

import os
import re
import shutil
import subprocess
import sys

OLDEST = 17  # of Spark 4


def java_problem() -> str | None:
    """Why Spark cannot run here, with what to do; None where it can."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=os.path.join(home, "bin") if home else None)  # noqa: PTH118 - PATH's own form
    if java is None:
        return f"there is no Java {'in JAVA_HOME' if home else 'on the PATH'}; install Java {OLDEST} or newer"
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    if done.returncode or found is None:
        return f"{java} does not say its version; install Java {OLDEST} or newer"
    if int(found[1]) < OLDEST:
        return f"{java} is Java {found[1]}; Spark needs Java {OLDEST} or newer"
    return None


if __name__ == "__main__":
    if problem := java_problem():
        sys.exit(f"Spark is skipped: {problem}")
