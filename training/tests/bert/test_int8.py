from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs torch and transformers")

from torch import nn  # noqa: E402

from sortline_training.bert import int8  # noqa: E402
from sortline_training.bert.int8 import Int8Linear  # noqa: E402


def layer(*, bias: bool = True) -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(64, 48, bias=bias)


@torch.inference_mode()
def test_a_token_comes_out_the_same_whatever_else_is_in_its_batch() -> None:
    int8_layer = Int8Linear(layer())
    tokens = torch.randn(2, 5, 64)
    among_large_ones = torch.cat([tokens, 1_000 * torch.randn(3, 5, 64)])
    torch.testing.assert_close(int8_layer(among_large_ones)[:2], int8_layer(tokens), rtol=0, atol=0)


@torch.inference_mode()
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("vnni", "lost"), [(True, 0.02), (False, 0.04)])
def test_what_comes_out_is_that_of_full_precision_but_for_the_rounding(
    monkeypatch: pytest.MonkeyPatch, bias: bool, vnni: bool, lost: float
) -> None:
    monkeypatch.setattr(int8, "has_vnni", lambda: vnni)
    linear = layer(bias=bias)
    # All of one sign, as behind an activation, and of very different sizes.
    tokens = torch.randn(200, 64).abs() * torch.logspace(-4, 4, 200)[:, None]
    tokens[100] = 0
    expected, computed = linear(tokens), Int8Linear(linear)(tokens)
    assert computed[100].equal(torch.zeros(48) if linear.bias is None else linear.bias)
    size = tokens.norm(dim=1, keepdim=True).clamp(min=1e-9)
    assert float(((computed - expected) / size).abs().max()) < lost
