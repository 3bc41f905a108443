"""How fast a BERT is fine-tuned, beside Hugging Face's Trainer: same base model, examples, batch size and machine.

- `bert_examples_per_s`: by our training loop, as a job runs it, with its validation (of 32 texts here).
- `bert_examples_per_s_padded`, `bert_examples_per_s_dynamic`: by the Trainer, which pads to 128 tokens, or with
  DataCollatorWithPadding to the longest of a batch. Both compute in float32, its default.
- `bert_examples_per_s_dynamic_bf16`: by the latter with `bf16=True`, where the machine has units for bfloat16. There
  our loop computes in it by itself; so this tells what of our lead comes of that.
- `bert_speed_ratio_…`: ours over the Trainer's.

Each side trains for 60 steps, in turns with the others, from the same weights on the same examples in an order that is
the same in each of its turns; medians of three turns. One turn more, before these, does not count: in it kernels are
compiled for each new length of a batch, as they are once in a long training, which then meets the same lengths again.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import project  # noqa: F401
import torch
from figures import Figure, parser_of, progress, show
from turns import sides

from sortline_training.bert.numerics import has_bfloat16

_BATCH = 32


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--steps", type=int, default=60, help="of a turn (default: 60)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side that count (default: 3)")
    arguments = parser.parse_args()
    rivals = ["padded", "dynamic"]
    if has_bfloat16("cuda" if torch.cuda.is_available() else "cpu"):
        rivals.append("dynamic_bf16")
    program = str(Path(__file__).with_name("training_side.py"))
    given = ["--data", str(arguments.data), "--steps", str(arguments.steps)]
    speeds: dict[str, list[float]] = {name: [] for name in ("ours", *rivals)}
    with sides({name: [program, name, *given] for name in speeds}) as ask:
        for number in range(arguments.rounds + 1):
            for name, measured in speeds.items():
                speed = arguments.steps * _BATCH / ask[name](None)["seconds"]
                progress(f"{'not counted' if number == 0 else f'turn {number}'}: {name} {speed:.1f} examples/s")
                if number > 0:
                    measured.append(speed)
    ours = median(speeds["ours"])
    show(
        {
            "bert_examples_per_s": Figure(ours, "examples/s"),
            **{f"bert_examples_per_s_{name}": Figure(median(speeds[name]), "examples/s") for name in rivals},
            **{f"bert_speed_ratio_{name}": Figure(ours / median(speeds[name]), "ratio") for name in rivals},
        }
    )


if __name__ == "__main__":
    main()
