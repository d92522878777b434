"""Findings on remembering and inventing that the page Images reproduces: ``-m benchmarks.images``.

Five tables: when class and image are decided, beside theory (Biroli et al. 2024); what windows
remember (Kamb, Ganguli 2025; Niedoba et al. 2025); errors on held-out images; two networks on
disjoint images (Kadkhodaie et al. 2024); what takes how long. CPU seconds are of one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable

import torch

from flowviz.core.images.memorising import mean_of, nearest
from flowviz.core.images.networks import DenoisingNet, train
from flowviz.scene import Scene
from flowviz.scene.settings import ImageWindow
from flowviz.ui.images import compute, tasks

COUNTS = (50, 100, 200, 500, 1000, 1797)
PUBLISHED = {50: 0.581, 100: 0.553, 200: 0.520, 500: 0.483, 1000: 0.457, 1797: 0.433}
"""Collapse measured independently of this program, by E r = ½."""
HALVES = (20, 100, 848)
WINDOWS: tuple[ImageWindow, ...] = ("whole", "seven", "five", "three", "shrinking")


def row(*cells: object) -> None:
    """A row of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def table(*head: str) -> None:
    """The head of a Markdown table."""
    print()
    row(*head)
    row(*("---" if k == 0 else "---:" for k in range(len(head))))


def decisions(counts: Iterable[int]) -> None:
    """Speciation and collapse, measured and expected."""
    table("N", "speciation", "theory", "collapse", "theory", "elsewhere", "seconds")
    for n in counts:
        began = time.process_time()
        found = compute.decision(n)
        times = (found.speciation, found.speciation_theory, found.collapse, found.collapse_theory)
        seconds = time.process_time() - began
        row(n, *(f"{t:.3f}" for t in times), PUBLISHED.get(n, ""), f"{seconds:.2f}")


def windows(n: int) -> None:
    """What each window remembers of n images."""
    table(f"window, N = {n}", "memorised", "to training", "to held-out", "seconds")
    compute.errors(n)
    for window in WINDOWS:
        began = time.process_time()
        made = compute.made(n, window, 0)
        means = (made.distance, made.held or made.distance)
        share = f"{made.memorised.value:.0%} ± {made.memorised.error:.0%}"
        distances = (f"{mean.value:.2f} ± {mean.error:.2f}" for mean in means)
        row(window, share, *distances, f"{time.process_time() - began:.2f}")
    real = compute.between_data(n)
    if real is not None:
        row("real images, held out", "", f"{real.value:.2f} ± {real.error:.2f}", "", "")


def errors(n: int) -> None:
    """Denoising errors for a pixel on held-out images."""
    found = compute.errors(n)
    at = [int((compute.ERROR_TIMES - t).abs().argmin()) for t in (0.2, 0.4, 0.6, 0.8)]
    table(f"N = {n}", *(f"t = {float(compute.ERROR_TIMES[k]):.2f}" for k in at))
    for name, values in found.items():
        row(name, *(f"{float(values[k].mean()):.3f}" for k in at))


def halves(counts: Iterable[int]) -> None:
    """Two perceptrons on disjoint images, from the same noise."""
    table("images each", "correlation", "memorised", "seconds for both")
    for n in counts:
        began, ends, shares = time.process_time(), [], []
        for which in range(tasks.NETWORKS):
            images = compute.half(n, which)
            net = DenoisingNet(images.x0, "mlp", compute.SHAPE)
            for _ in train(net, images.x0, tasks.STEPS["mlp"], seed=which):
                pass
            ends.append(compute.generate(net, compute.noise(0))[:, -1])
            shares.append(mean_of(nearest(ends[-1], images.x0).remembered))
        alike = compute.correlation(*ends)
        remembered = ", ".join(f"{share.value:.0%}" for share in shares)
        seconds = time.process_time() - began
        row(n, f"{alike.value:.3f} ± {alike.error:.3f}", remembered, f"{seconds:.0f}")


def speed() -> None:
    """CPU seconds of what the page does while somebody waits."""
    table("one thread", "N", "CPU seconds")
    noise = torch.randn(128, 64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for n in (500, 1697):
        field = compute.window_field(n, "shrinking")
        began = time.process_time()
        compute.generate(field, noise)
        row("128 images, shrinking window", n, f"{time.process_time() - began:.2f}")
    for kind in tasks.STEPS:
        began = time.process_time()
        for report in tasks.train_two(Scene(image_net=kind), b""):
            report()
        row(f"two networks, {kind}", Scene().image_count, f"{time.process_time() - began:.1f}")


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    decisions(COUNTS)
    windows(1000)
    errors(1000)
    halves(HALVES if len(sys.argv) < 2 else map(int, sys.argv[1:]))
    speed()


if __name__ == "__main__":
    main()
