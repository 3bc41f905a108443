"""How much a request may ask of a model: what is computed well within the 60 seconds after which SageMaker ends it."""

from __future__ import annotations

from torch import nn

# Products of a weight and what comes in. On a CPU, as many as two cores compute in float32 in 15 seconds: where workers
# share the cores, or an endpoint has one or less, it takes longer. By their data sheets the smallest GPUs are 20 times
# as fast at least.
_MOST_PRODUCTS = {"cpu": 1e12, "cuda": 2e13}


def most_tokens_of(module: nn.Module, kind: str) -> int:
    """Tokens that the texts of a request may have together, windows counted, on a device (`cpu`, `cuda`).

    `module` in full precision: layers in int8 do not tell their weights.
    """
    looked_up = sum(each.weight.numel() for each in module.modules() if isinstance(each, nn.Embedding))
    weights = sum(each.numel() for each in module.parameters()) - looked_up
    return int(_MOST_PRODUCTS[kind] / max(1, weights * _uses_of_layers(module)))


def _uses_of_layers(module: nn.Module) -> float:
    """How often a layer is computed: in ALBERT one layer, or a few, stand for all."""
    config = getattr(module, "config", None)
    groups = getattr(config, "num_hidden_groups", None)
    return 1.0 if groups is None else max(1.0, config.num_hidden_layers / groups)
