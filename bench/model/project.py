"""Makes the training code importable: the programs of this folder import this module before it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "training"

sys.path.insert(0, str(TRAINING))
