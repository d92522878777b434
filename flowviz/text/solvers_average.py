"""The section of the Solvers page on the average velocity."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "field.solver_mean_t": Text("Start of the average", "平均的起始时刻"),
    "field.solver_mean_s": Text("End of the average", "平均的终止时刻"),
    "demo.average": Text(
        "The average velocity: one step (MeanFlow)", "平均速度：只走一步（MeanFlow）"
    ),
    "solvers.average.about": Text(
        "A solver needs several steps because the velocity changes on the way. The **average "
        "velocity** u between two times needs one: it points along the chord from where a "
        "trajectory is to where it will be. A network can learn it, for an identity ties it to "
        "the velocity itself.",
        "求解器之所以要走几步，是因为速度一路在变。两个时刻之间的**平均速度** u 只要一步："
        "它沿着弦，从轨迹现在的位置指向它将到的位置。网络可以学会它，"
        "因为有一个恒等式把它与速度本身联系起来。",
    ),
    "solvers.average.from": Text("From the time t", "从时刻 t"),
    "solvers.average.to": Text("To the time s", "到时刻 s"),
    "solvers.average.order": Text(
        "The second time must lie nearer to the data than the first: choose other times.",
        "第二个时刻必须比第一个更靠近数据：请另选时刻。",
    ),
    "solvers.average.long": Text(
        "Not shown: it would take too long for this family, prior and number of data points.",
        "未显示：对这个轨迹族、先验和这么多数据点，计算耗时过长。",
    ),
    "solvers.average.alt": Text(
        "Trajectories, and the chords of their average velocities", "轨迹与平均速度的弦"
    ),
    "solvers.average.size": Text(
        "Squares: one step with the average velocity; it ends on the exact trajectory. The mean "
        "size of u over {n} {n:trajectory|trajectories} is {size}.",
        "方块：用平均速度走一步，终点就在精确轨迹上。{n} 条轨迹上 u 的平均大小是 {size}。",
    ),
    "solvers.average.share": Text(
        "Trajectories are nearly straight: {share} of the variance of one is in its main "
        "direction, on average.",
        "轨迹几乎是直的：平均而言，一条轨迹 {share} 的方差在它的主方向上。",
    ),
    "solvers.average.unchecked": Text(
        "The identity is checked for smooth priors and families with a schedule: where the "
        "velocity jumps, u has a corner and no derivative.",
        "恒等式只对光滑的先验和有调度的轨迹族检验：速度跳跃之处，u 有折角，没有导数。",
    ),
    "checks.mean_flow": Text(
        "The average velocity satisfies its identity", "平均速度满足它的恒等式"
    ),
    "checks.mean_flow.why": Text(
        "The largest difference between both sides, in units of 1 plus the size of the velocity; "
        "the derivative is that of a polynomial through u at nodes along the trajectory.",
        "等式两边的最大差，以 1 加速度的大小为单位；导数取自沿轨迹各节点上 u 的插值多项式。",
    ),
    "checks.mean_flow.bad": Text(
        "The average velocity is not that of the velocity shown.", "平均速度与所示的速度不符。"
    ),
}
