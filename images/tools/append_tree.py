"""Make the target's code importable without letting it shadow anything: the copy goes to the end of the path.

Loaded by pytest as its last `-p`, when every other plugin has been found in the image. A .pth file would do it at the start of
every interpreter, before pytest looks for its plugins, and would let a sitecustomize.py of the tree run.
"""

import os
import sys

TREE = "/copy"

if TREE not in sys.path:
    sys.path.append(TREE)
# Interpreters that a test starts find it too, as they would in a checkout.
os.environ["PYTHONPATH"] = TREE
