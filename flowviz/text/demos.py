"""Demonstrations below the figures and in the lesson: one idea, one control each."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # Two trajectories that merge.
    "demo.far": Text("How far is far enough?", "多远才算够远？"),
    "demo.far.text": Text(
        "With one degree of freedom the flow is the field of gravity of the data points (Poisson "
        "flow), and it comes from infinity. Begun at a finite distance T, it starts from the field "
        "of one mass at the origin, as if all data were there; then the shares are not the "
        "weights. Lines: the share of each data point when begun at T. Dashed: the weights, which "
        "are its share from infinity, as on this page.",
        "自由度为 1 时，流就是各数据点的引力场（泊松流），它来自无穷远。若从有限的距离 T 出发，"
        "起点取自原点处单个质量的场，就像全部数据都在那里；于是比例不再等于权重。"
        "实线：从 T 出发时各数据点的比例。虚线：权重，即像本页这样从无穷远出发时的比例。",
    ),
    "demo.far.long": Text(
        "Not shown: it would take too long for so many data points.",
        "未显示：数据点这么多，计算耗时过长。",
    ),
    "demo.far.distance": Text("distance T at which the flow is begun", "流的起始距离 T"),
    "demo.far.share": Text("share", "比例"),
    "demo.far.alt": Text(
        "Shares over the starting distance: {shares} at the one named below, weights {weights}",
        "比例随起始距离的变化：下述距离处为 {shares}，权重为 {weights}",
    ),
    "demo.far.named": Text(
        "Begun at T = {distance}: {shares} in place of {weights}.",
        "从 T = {distance} 出发：{shares}，而应为 {weights}。",
    ),
    "demo.merging": Text("Why do two trajectories never merge?", "两条轨迹为什么从不汇合？"),
    "demo.merging.t": Text("If they met at t", "假如在 t 时相遇"),
    "demo.merging.mark": Text("cannot be", "不可能"),
    "demo.merging.alt": Text(
        "Two trajectories to one data point; dashed, how they would look if they merged",
        "到达同一数据点的两条轨迹；虚线表示假如它们汇合会是什么样子",
    ),
    "demo.merging.text": Text(
        "At t = {t} the two trajectories are {gap} apart, and {mass} of all samples are between "
        "them, as at every other time: to leave, a sample would have to cross one of them. The "
        "mean density there is {density}. Had they merged (dashed), as many samples would be in an "
        "interval of length 0, and from one point an ODE would lead back to two different pasts. "
        "They only meet at the data point itself.",
        "在 t = {t} 时，两条轨迹相距 {gap}，全部样本的 {mass} 在它们之间，任何时刻都是如此："
        "样本要离开，就得穿过其中一条。那里的平均密度是 {density}。假如它们汇合（虚线），"
        "同样多的样本就会挤进长度为 0 的区间，而常微分方程会从同一点倒推出两个不同的过去。"
        "它们只在数据点处相遇。",
    ),
    # One training example.
    "demo.example": Text("One training example, line by line", "一个训练样本，逐行写出"),
    "demo.example.alt": Text(
        "The conditional trajectory of one training example, with its target velocity, the exact "
        "velocity and the network's at its position",
        "一个训练样本的条件轨迹，以及它所在位置处的目标速度、精确速度和网络给出的速度",
    ),
    "demo.example.x0": Text(
        "A data point, drawn by weight: x₀ = {x}", "按权重抽取一个数据点：x₀ = {x}"
    ),
    "demo.example.x1": Text("A sample of the prior: x₁ = {x}", "从先验分布抽取一个样本：x₁ = {x}"),
    "demo.example.t": Text("A time: t = {t}", "抽取一个时刻：t = {t}"),
    "demo.example.x": Text(
        "The position on the trajectory between them: xₜ = ψₜ(x₁|x₀) = {x}",
        "两者之间的轨迹上的位置：xₜ = ψₜ(x₁|x₀) = {x}",
    ),
    "demo.example.target": Text(
        "The target, the velocity of that trajectory there: fₜ(xₜ|x₀) = {v}",
        "目标值，即这条轨迹在该处的速度：fₜ(xₜ|x₀) = {v}",
    ),
    "demo.example.network": Text(
        "The network's velocity: vθ(xₜ, t) = {v}. Loss of this example: ‖vθ − fₜ(xₜ|x₀)‖² = {loss}",
        "网络给出的速度：vθ(xₜ, t) = {v}。这个样本的损失：‖vθ − fₜ(xₜ|x₀)‖² = {loss}",
    ),
    "demo.example.exact": Text(
        "The exact velocity, the mean of all targets there: fₜ(xₜ) = {v}. Even its loss is {loss}; "
        "the mean of this over all examples is the floor",
        "精确速度，即该处所有目标值的平均：fₜ(xₜ) = {v}。它的损失也有 {loss}；"
        "对全部样本取平均就是损失下限",
    ),
    "demo.example.next": Text("Another example", "换一个样本"),
    # A grid that the flow deforms.
    "demo.grid": Text("A grid that the flow deforms", "被流变形的网格"),
    "demo.grid.t": Text("Time t", "时刻 t"),
    "demo.grid.alt": Text(
        "A grid over the prior, carried by the flow; its cells shaded by the ratio of their areas",
        "先验分布上的网格随流运动，每一格按面积之比着色",
    ),
    "demo.grid.text": Text(
        "At t = {t} the area of a cell is {low} to {high} times what it was at the prior (blue: "
        "compressed, orange: stretched). The ratio is |det ∂xₜ/∂x₁| = p₁(x₁)/pₜ(xₜ), exact at each "
        "cell's centre: what a cell loses in area, it gains in density.",
        "在 t = {t} 时，各格的面积是先验处的 {low} 到 {high} 倍（蓝色：压缩，橙色：拉伸）。"
        "这个比就是 |det ∂xₜ/∂x₁| = p₁(x₁)/pₜ(xₜ)，在每格中心精确算出："
        "面积缩小多少倍，密度就增大多少倍。",
    ),
    # A box that is dragged.
    "demo.box": Text("A box: mass inside, flux through its sides", "一个区间：内部概率与边界流量"),
    "demo.box.t": Text("Time t", "时刻 t"),
    "demo.box.side.1": Text("Left side of the box", "区间左端"),
    "demo.box.side.2": Text("Right side of the box", "区间右端"),
    "demo.box.hint": Text(
        "Drag either side, tap the figure, or use the arrow keys.",
        "拖动任一端、在图上点一下，或使用方向键。",
    ),
    "demo.box.alt": Text(
        "The density at a time, with an interval whose sides can be moved",
        "某一时刻的密度，以及一个两端可以移动的区间",
    ),
    "demo.box.text": Text(
        "Inside: **{mass}** of all samples. Flux pₜfₜ (to the right positive): {left} through the "
        "left side, {right} through the right side. So the mass inside changes by "
        "d/dt = {left} − ({right}) = **{rate}**, and the masses just before and after t give "
        "{measured}: what is inside changes only by what flows in and out.",
        "区间内有全部样本的 **{mass}**。流量 pₜfₜ（向右为正）：左端 {left}，右端 {right}。"
        "因此内部概率的变化率为 d/dt = {left} − ({right}) = **{rate}**；"
        "由 t 前后的概率算得 {measured}：内部的变化只来自流入与流出。",
    ),
    # The same in the plane.
    "demo.plane_box": Text(
        "A box: mass inside, flux through its four sides", "一个方框：内部概率与四边流量"
    ),
    "demo.plane_box.t": Text("Time t", "时刻 t"),
    "demo.plane_box.side.1": Text("Left side of the box", "方框左边"),
    "demo.plane_box.side.2": Text("Right side of the box", "方框右边"),
    "demo.plane_box.side.3": Text("Lower side of the box", "方框下边"),
    "demo.plane_box.side.4": Text("Upper side of the box", "方框上边"),
    "demo.plane_box.hint": Text(
        "Drag a side by its handle, tap the figure to move the nearest corner, or use the arrow "
        "keys. Arrows: the flux through each side, the longest for the largest.",
        "拖动各边的手柄，在图上点一下可移动最近的角，也可使用方向键。"
        "箭头：穿过各边的流量，最长的表示最大的流量。",
    ),
    "demo.plane_box.alt": Text(
        "The density at a time in the plane, with a box whose sides can be moved, and the flux "
        "through each side as an arrow",
        "某一时刻平面上的密度，一个各边可以移动的方框，以及用箭头表示的各边流量",
    ),
    "demo.plane_box.text": Text(
        "Inside: **{mass}** of all samples. Flux pₜfₜ through the sides: left {left}, right "
        "{right} (to the right positive), lower {lower}, upper {upper} (upwards positive). So the "
        "mass inside changes by d/dt = {left} − ({right}) + {lower} − ({upper}) = **{rate}**, and "
        "the masses just before and after t give {measured}: what is inside changes only by what "
        "flows through the sides.",
        "方框内有全部样本的 **{mass}**。穿过各边的流量 pₜfₜ：左边 {left}，右边 {right}"
        "（向右为正），下边 {lower}，上边 {upper}（向上为正）。"
        "所以内部概率的变化率 d/dt = {left} − ({right}) + {lower} − ({upper}) = **{rate}**，"
        "而用 t 前后一瞬的概率算出的是 {measured}：内部的变化只来自穿过四边的流量。",
    ),
    "demo.plane_box.long": Text(
        "Not shown: for this family and so many data points it would take too long.",
        "未显示：对这族轨迹和这么多数据点，计算耗时过长。",
    ),
    # Samples while a network learns.
    "demo.one_step": Text("One step of the network", "网络只走一步"),
    "demo.one_step.none": Text(
        "Train on the average velocity to see what one step does.",
        "以平均速度为目标训练，即可看到一步的结果。",
    ),
    "demo.one_step.alt": Text(
        "Samples that one step of the network generates, with the data points",
        "网络一步生成的样本，以及数据点",
    ),
    "demo.one_step.text": Text(
        "{n:,} {n:sample|samples} after one step x₁ − u(x₁, 0, 1). Root mean square distance from "
        "where the exact flow carries them: **{average}**; of one Euler step with the same "
        "network's velocity at t = 1: **{euler}**. Nearest to the right data point: {right}.",
        "{n:,} 个样本，只走一步 x₁ − u(x₁, 0, 1)。与精确的流送达之处的均方根距离：**{average}**；"
        "用同一网络在 t = 1 的速度走一步 Euler：**{euler}**。离正确的数据点最近的有 {right}。",
    ),
    "demo.guided": Text("Guided samples of the network", "网络的引导样本"),
    "demo.guided.none": Text(
        "The network is not given labels: switch them on in the sidebar.",
        "网络没有得到标签：请在侧栏打开。",
    ),
    "demo.guided.untrained": Text(
        "The samples appear when the network is trained.", "网络训练之后，这里出现样本。"
    ),
    "demo.guided.place": Text("data point", "数据点"),
    "demo.guided.class": Text("in the class", "该类之中"),
    "demo.guided.exact": Text("exact guided flow", "精确的引导流"),
    "demo.guided.network": Text("network", "网络"),
    "demo.guided.text": Text(
        "Shares of the samples by the nearest data point: of the exact flow guided with scale s, "
        "and of {n:,} {n:sample|samples} of the network guided in the same way, with their "
        "standard errors.",
        "按最近的数据点统计的样本份额：精确的流以强度 s 引导；网络以同样方式引导，共 {n:,} 个样本，"
        "附标准误差。",
    ),
    "demo.checkpoints": Text("Samples while the network learns", "训练过程中生成的样本"),
    "demo.checkpoints.step": Text("After so many steps", "训练步数"),
    "demo.checkpoints.none": Text(
        "The samples appear with the training: at its start, and at ever later steps.",
        "样本随训练出现：开始时有一次，之后在越来越晚的步数各有一次。",
    ),
    "demo.checkpoints.alt": Text(
        "Samples that the network generates after the chosen number of steps, with the data points",
        "网络训练到所选步数时生成的样本，以及数据点",
    ),
    "demo.checkpoints.text": Text(
        "{n:,} samples of the prior, the same each time, carried to t = 0 by the network as it was "
        "after {step:,} {step:step|steps}.",
        "同一组 {n:,} 个先验样本，由训练了 {step:,} 步的网络送到 t = 0。",
    ),
}
