"""The field and the network read as velocity, denoiser, noise or score."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "prediction.missing.family": Text(
        "This family is not αₜx₀ + σₜx₁, so the velocity alone does not give this; the sum over "
        "the data points does.",
        "这个轨迹族不是 αₜx₀ + σₜx₁ 的形式，只由速度得不到它；这里由数据点的加权和算出。",
    ),
    "prediction.missing.prior": Text(
        "Only for a Gaussian prior does the velocity give the score; under this one it is summed "
        "over the data points.",
        "只有高斯先验的得分可由速度得出；这个先验下，由数据点的加权和算出。",
    ),
    "learn.prediction.error": Text(
        "Read as {name}, the network's relative error is {error}.",
        "把网络的输出读作{name}，相对误差是 {error}。",
    ),
    "learn.prediction.missing.family": Text(
        "This family is not αₜx₀ + σₜx₁: no denoiser, noise or score follows from the network's "
        "velocity.",
        "这个轨迹族不是 αₜx₀ + σₜx₁ 的形式：由网络的速度得不到去噪结果、噪声或得分。",
    ),
    "learn.prediction.missing.prior": Text(
        "Only for a Gaussian prior does a score follow from the network's velocity.",
        "只有先验是高斯分布时，才能由网络的速度得出得分。",
    ),
    "learn.panel.gap.denoiser": Text("Error of the denoiser", "去噪结果的误差"),
    "learn.panel.gap.noise": Text("Error of the noise", "噪声的误差"),
    "learn.panel.gap.score": Text("Error of the score", "得分的误差"),
}
