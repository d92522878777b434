"""The field's terms, one word for one thing on every page, and a tip for each.

A term's entries are ``term.<name>``, its word, and ``term.<name>.tip``, what a "?" shows of it.
"""

from __future__ import annotations

from typing import NamedTuple

from flowviz.text.entry import Text


class Term(NamedTuple):
    """A term: its word and its tip."""

    word: Text
    tip: Text


TERMS: dict[str, Term] = {
    "prior": Term(
        Text("prior", "先验分布（先验）"),
        Text(
            "The simple distribution that generation starts from (t = 1); random samples are easy "
            "to get from it.",
            "生成的出发点（t = 1）：一个容易采样的简单分布。",
        ),
    ),
    "data_point": Term(
        Text("data point", "数据点"),
        Text(
            "One example of what is to be generated; here every trajectory ends at one of them (t "
            "= 0).",
            "要生成的一个样例；每条轨迹最终都到达某个数据点（t = 0）。",
        ),
    ),
    "weight": Term(
        Text("weight", "权重"),
        Text(
            "How often a data point occurs: weight 2 means twice as many samples must end there.",
            "数据点出现的频率：权重为 2，就应有两倍的样本到达那里。",
        ),
    ),
    "probability_path": Term(
        Text("probability path", "概率路径"),
        Text(
            "The distribution of all samples at each time t, changing smoothly from the prior to "
            "the data.",
            "各个时刻 t 全体样本的分布，从先验连续地变到数据。",
        ),
    ),
    "schedule": Term(
        Text("schedule", "调度（schedule）"),
        Text(
            "How much of the data (αₜ) and of the prior (σₜ) is mixed at time t: x = αₜx₀ + σₜx₁.",
            "时刻 t 数据（αₜ）与先验（σₜ）各占多少：x = αₜx₀ + σₜx₁。",
        ),
    ),
    "trajectory": Term(
        Text("trajectory", "轨迹"),
        Text(
            "The curve that one sample follows from the prior to the data.",
            "一个样本从先验走到数据的曲线。",
        ),
    ),
    "family": Term(
        Text("family of trajectories", "轨迹族（原文作“轨迹簇”）"),
        Text(
            "The chosen curves that join one data point with every sample of the prior.",
            "把一个数据点与所有先验样本连起来的一族曲线，形状可以任选。",
        ),
    ),
    "conditional_velocity": Term(
        Text("conditional velocity", "条件速度"),
        Text(
            "The velocity at x if x₀ were the only data point.",
            "假如只有 x₀ 这一个数据点，x 处的速度。",
        ),
    ),
    "marginal_velocity": Term(
        Text("marginal velocity", "边缘速度（速度场）"),
        Text(
            "The velocity of the whole flow: the mean of the conditional velocities, weighted by "
            "the posterior weights.",
            "整个流的速度：条件速度以后验权重加权的平均。",
        ),
    ),
    "posterior_weight": Term(
        Text("posterior weight", "后验权重"),
        Text(
            "Given that a sample is at x at time t, the probability that it was made from this "
            "data point. It says how strongly the point acts, not where the trajectory ends.",
            "已知样本在时刻 t 位于 x，它由这个数据点构造而来的概率。"
            "它表示该点的影响有多大，并不表示轨迹终止于哪里。",
        ),
    ),
    "basin": Term(
        Text("basin (of attraction)", "吸引域"),
        Text(
            "All starting positions whose trajectories reach the same data point; its prior mass "
            "equals the point's weight.",
            "轨迹到达同一数据点的所有起点；其先验概率恰好等于该点的权重。",
        ),
    ),
    "separatrix": Term(
        Text("separatrix", "分界线（一维为分界点）"),
        Text(
            "The boundary between two basins: starts on its two sides reach different data points.",
            "两个吸引域之间的分界：起点在其两侧，到达的数据点就不同。",
        ),
    ),
    "density": Term(
        Text("density", "密度（概率密度）"),
        Text(
            "How closely samples lie around x at time t.",
            "时刻 t 样本在 x 附近有多密。",
        ),
    ),
    "continuity": Term(
        Text("continuity equation", "连续性方程"),
        Text(
            "Probability is moved, never created or lost: density changes only by flowing in or "
            "out.",
            "概率只会流动，不会凭空增减：密度的变化全部来自流入与流出。",
        ),
    ),
    "characteristic": Term(
        Text("characteristic", "特征线"),
        Text(
            "A trajectory used for computing: along it the partial differential equation becomes "
            "an ordinary one.",
            "沿着它，偏微分方程化为常微分方程；这里就是流的轨迹。",
        ),
    ),
    "green": Term(
        Text("Green's function", "格林函数"),
        Text(
            "The solution for a single data point; solutions for many points are weighted sums of "
            "it.",
            "只有一个数据点时的解；多个点的解就是它的加权叠加。",
        ),
    ),
    "jacobian": Term(
        Text("Jacobian (determinant)", "雅可比矩阵（行列式）"),
        Text(
            "By how much a map stretches small volumes; the density is multiplied by it.",
            "映射把小体积放大了多少倍；密度要乘上相应的倍数。",
        ),
    ),
    "caustic": Term(
        Text("caustic", "焦散（线）"),
        Text(
            "Where neighbouring trajectories of a family cross: the determinant is 0, and the "
            "family is not valid.",
            "同族相邻轨迹相交之处：行列式为 0，轨迹族无效。",
        ),
    ),
    "loss_floor": Term(
        Text("loss floor", "损失下限"),
        Text(
            "The part of the loss that no network can remove: the variance of the targets at the "
            "same point.",
            "任何网络都消除不了的那部分损失：同一点上目标值的方差。",
        ),
    ),
    "relative_error": Term(
        Text("relative error", "相对误差"),
        Text(
            "Size of the error divided by the size of the exact velocity (root mean square).",
            "误差的大小除以精确速度的大小（均方根）。",
        ),
    ),
    "nfe": Term(
        Text("number of function evaluations (NFE)", "函数求值次数（NFE）"),
        Text(
            "How often the velocity (the network) is computed for one sample: the price of "
            "generation.",
            "生成一个样本要计算多少次速度（调用多少次网络）：即生成的成本。",
        ),
    ),
    "order": Term(
        Text("order of a solver", "求解器的阶"),
        Text(
            "With order p, halving the step divides the error by about 2ᵖ.",
            "p 阶：步长减半，误差约缩小为 1/2ᵖ。",
        ),
    ),
    "likelihood": Term(
        Text("(log-)likelihood", "（对数）似然"),
        Text(
            "The logarithm of the density that a model assigns to a given point.",
            "模型在给定点处的概率密度（取对数）。",
        ),
    ),
    "w2": Term(
        Text("W₂ (2-Wasserstein) distance", "W₂ 距离（2-Wasserstein）"),
        Text(
            "The least root-mean-square distance by which one set of samples must be moved to "
            "become the other.",
            "把一组样本搬成另一组，所需的最小均方根距离。",
        ),
    ),
    "energy_distance": Term(
        Text("energy distance", "能量距离"),
        Text(
            "Compares two sets of samples by their mean distances; 0 only for equal distributions.",
            "用样本间的平均距离比较两个分布；分布相同时为 0。",
        ),
    ),
    "denoiser": Term(
        Text("denoiser (posterior mean of x₀)", "去噪结果 D（x₀ 的后验均值）"),
        Text(
            "The best guess of the data point from the position x at time t: the mean of the data "
            "points, weighted by the posterior weights.",
            "由时刻 t 的位置 x 对数据点的最佳估计：以后验权重加权的数据点平均。",
        ),
    ),
    "score": Term(
        Text("score", "得分函数"),
        Text(
            "The direction in which the density rises fastest (gradient of its logarithm).",
            "对数密度的梯度，指向密度增长最快的方向。",
        ),
    ),
    "guidance": Term(
        Text("guidance", "引导"),
        Text(
            "Strengthening a wanted label by extrapolating between the flow with and without it.",
            "在有标签与无标签的流之间外推，以加强想要的类别。",
        ),
    ),
    "coupling": Term(
        Text("coupling", "耦合"),
        Text(
            "The rule that pairs samples of the prior with data points for training; here "
            "independent.",
            "训练时先验样本与数据点怎样配对的规则；这里是独立配对。",
        ),
    ),
    "flow_matching": Term(
        Text("conditional flow matching", "条件流匹配"),
        Text(
            "Training a network on the conditional velocities of random pairs; on average it "
            "learns the marginal velocity.",
            "用随机配对的条件速度训练网络；平均之后，学到的就是边缘速度。",
        ),
    ),
    "time": Term(
        Text("time", "时刻 t"),
        Text(
            "t = 0 is the data, t = 1 the prior; generation runs from 1 to 0. (Many papers run it "
            "the other way.)",
            "t = 0 是数据，t = 1 是先验；生成从 1 走到 0。（许多论文方向相反。）",
        ),
    ),
    "support": Term(
        Text("support", "支撑集"),
        Text(
            "Where the prior's density is not 0.",
            "先验密度不为 0 的范围。",
        ),
    ),
}

ENTRIES: dict[str, Text] = {
    "term.said": Text("**{term}**: {tip}", "**{term}**：{tip}"),
    **{f"term.{name}": term.word for name, term in TERMS.items()},
    **{f"term.{name}.tip": term.tip for name, term in TERMS.items()},
}
