"""The Couplings page.

Keys: ``couplings.coupling.<name>`` and ``couplings.about.<name>`` for every coupling.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "couplings.title": Text(
        "Couplings: which sample to which data point?", "耦合：哪个样本配哪个数据点？"
    ),
    "couplings.lead": Text(
        "A flow is made of pairs: a sample of the prior, and the data point that a straight line "
        "joins it with. How they are paired is the **coupling**. Every coupling leads from the "
        "same prior to the same data; couplings differ in how long the lines are, how often they "
        "cross, and how many steps a solver needs.",
        "流由配对构成：先验的一个样本，用直线连到一个数据点。怎样配对，就叫**耦合**。"
        "任何耦合都从同样的先验走到同样的数据；不同之处在于线有多长、相交多少，"
        "以及求解器需要走几步。",
    ),
    "couplings.caption.1": Text(
        "The pairs: each line joins a sample of the prior with the data point it is paired with.",
        "配对：每条线连接先验的一个样本和与它配对的数据点。",
    ),
    "couplings.caption.2": Text(
        "The flow of these pairs: at every place it takes the mean velocity of all that pass.",
        "这些配对构成的流：在每一处，都取经过那里的所有配对的平均速度。",
    ),
    "couplings.caption.3": Text(
        "Bars: what the pairs cost is the kinetic energy of the flow and the floor of the loss.",
        "柱状图：配对的成本等于流的动能加上损失的下限。",
    ),
    # Settings, as sentences about them name them.
    "field.coupling": Text("Coupling", "耦合"),
    "field.coupling_steps": Text("Euler steps", "欧拉步数"),
    "field.coupling_lines": Text("Number of lines", "线的条数"),
    "field.coupling_batch": Text("Batch size B", "批大小 B"),
    # Widgets.
    "couplings.coupling": Text("Coupling", "耦合"),
    "couplings.coupling.independent": Text("independent", "独立"),
    "couplings.coupling.optimal_transport": Text("optimal transport", "最优传输"),
    "couplings.coupling.reflow": Text("reflow", "再流"),
    "couplings.coupling.minibatch": Text("minibatch", "小批量"),
    "couplings.coupling_steps": Text("The flow, or Euler's method", "流，或欧拉法"),
    "couplings.coupling_steps.exact": Text("exact", "精确"),
    "couplings.coupling_steps.1": Text("1 step", "1 步"),
    "couplings.coupling_steps.2": Text("2 steps", "2 步"),
    "couplings.coupling_steps.4": Text("4 steps", "4 步"),
    "couplings.coupling_batch": Text("Batch size B", "批大小 B"),
    "couplings.coupling_batch.help": Text(
        "B samples of the prior and B of the data are drawn, and paired so that the sum of the "
        "squared distances is least. B = 1 is the independent coupling.",
        "各抽取 B 个先验样本和 B 个数据样本，使距离平方之和最小地配对。B = 1 就是独立耦合。",
    ),
    "couplings.lines": Text("Lines drawn", "画出的线数"),
    "couplings.time": Text("Time of the dots", "圆点所在的时刻"),
    # The pictures.
    "couplings.pairs": Text("The pairs", "配对"),
    "couplings.flow": Text("The flow", "流"),
    "couplings.steps": Text(
        "The flow, and Euler's method in {n} {n:step|steps}", "流与 {n} 步欧拉法"
    ),
    "couplings.alt.pairs": Text("Pairs, coupling: {coupling}", "配对，耦合：{coupling}"),
    "couplings.alt.flow": Text("Flow, coupling: {coupling}", "流，耦合：{coupling}"),
    "couplings.alt.cells": Text(
        "Cells of optimal transport over the basins of the flow", "最优传输的胞腔叠在流的吸引域上"
    ),
    "couplings.alt.costs": Text(
        "Bars of kinetic energy and floor, and the cost of each coupling: {costs}",
        "动能与下限的柱状图，以及各种耦合的成本：{costs}",
    ),
    "couplings.about.independent": Text(
        "**Independent**, the coupling of the article: every sample may be paired with every data "
        "point. The lines cross, and where they cross the flow can only take their mean: so it "
        "bends, and one Euler step ends at the mean of the data.",
        "**独立**，即原文的耦合：任何样本都可能配任何数据点。线会相交，"
        "而在相交处流只能取平均：所以它会弯，只走一步欧拉就停在数据的均值处。",
    ),
    "couplings.about.optimal_transport": Text(
        "**Optimal transport**: the pairs with the least mean squared distance. Each data point is "
        "paired with one cell of the prior, whose probability is its weight. The lines never "
        "cross, so each line is itself a trajectory, and one Euler step is exact.",
        "**最优传输**：平均距离平方最小的配对。每个数据点配先验的一个胞腔，"
        "胞腔的概率等于它的权重。线互不相交，所以每条线本身就是轨迹，一步欧拉即精确。",
    ),
    "couplings.about.reflow": Text(
        "**Reflow**: each sample is paired with the data point that the independent flow takes it "
        "to. The first velocity then points straight at that data point: one Euler step from the "
        "prior is exact.",
        "**再流（reflow）**：每个样本配独立的流把它带到的数据点。于是起始速度正指向那个数据点："
        "从先验出发，一步欧拉即精确。",
    ),
    "couplings.about.minibatch": Text(
        "**Minibatch optimal transport**: only the pairs within a batch are the best ones, as in "
        "training. The larger the batch, the nearer to optimal transport.",
        "**小批量最优传输**：只在一批之内配得最好，训练时就是这样做的。批越大，越接近最优传输。",
    ),
    "couplings.straight": Text(
        "Pairs are joined by straight lines here, whatever the family and the schedule of the "
        "scene: cost and kinetic energy are about straight lines.",
        "本页一律用直线连接配对，与场景的轨迹族和调度无关：成本与动能都是就直线而言的。",
    ),
    "couplings.none.time": Text(
        "{name}: not shown, as it would take too long for so many data points and this prior.",
        "{name}：未显示，因为对这么多数据点和这个先验，计算耗时过长。",
    ),
    "couplings.none.moment": Text(
        "{name}: no cost, as the squared distance from samples of this prior has no finite mean.",
        "{name}：没有成本，因为这个先验的样本，其距离平方没有有限的均值。",
    ),
    "couplings.none.flow": Text(
        "This coupling is known by its samples alone: its velocity has no formula.",
        "这种耦合只能通过样本得知：它的速度没有公式。",
    ),
    # Costs.
    "couplings.cost": Text("What the pairs cost", "配对的成本"),
    "couplings.cost.way": Text(
        "A pair moves with the velocity x₁ − x₀ all the way. The flow takes the mean of those "
        "that meet, and what it leaves out is their variance: so the mean squared distance of the "
        "pairs, their **cost**, is the **kinetic energy** of the flow plus the **floor** of the "
        "loss that no network can go below.",
        "每一对都以速度 x₁ − x₀ 匀速前进。流取相遇者的平均，舍去的部分就是方差：因此配对的"
        "平均距离平方，即**成本**，等于流的**动能**加上任何网络都降不下去的损失**下限**。",
    ),
    "couplings.kinetic": Text("kinetic energy", "动能"),
    "couplings.floor": Text("floor", "下限"),
    "couplings.batch": Text("minibatch, B = {n}", "小批量，B = {n}"),
    "couplings.table.coupling": Text("coupling", "耦合"),
    "couplings.table.cost": Text("cost", "成本"),
    "couplings.table.kinetic": Text("kinetic energy", "动能"),
    "couplings.table.floor": Text("floor", "下限"),
    "couplings.table.straightness": Text("straightness", "直线度"),
    "couplings.table.exchanges": Text("crossings", "相交"),
    "couplings.table.euler": Text("Euler, {n} {n:step|steps}", "欧拉 {n} 步"),
    "couplings.table.caption": Text(
        "Straightness: the mean squared difference between the velocity along a trajectory and "
        "that of its chord, 0 for straight trajectories. Crossings: the share of two pairs that "
        "would cost less with their data points exchanged, among {n:,} samples; on the line these "
        "are the pairs whose lines cross. Euler: the mean distance from the exact ends, of {ends} "
        "trajectories.",
        "直线度：轨迹上的速度与其弦的速度之差的平方均值，轨迹笔直时为 0。"
        "相交：{n:,} 个样本中，两对交换数据点后成本反而更低的比例；在一维，这正是连线相交的那些。"
        "欧拉：{ends} 条轨迹的终点与精确终点的平均距离。",
    ),
    "couplings.chain": Text(
        "Optimal transport ≤ the flow's own map ≤ kinetic energy ≤ independent pairs: {chain}",
        "最优传输 ≤ 流自身的映射 ≤ 动能 ≤ 独立配对：{chain}",
    ),
    # Cells and basins.
    "couplings.same": Text("Is flow matching optimal transport?", "流匹配就是最优传输吗？"),
    "couplings.same.line": Text(
        "On the line, yes: there is only one map that keeps the order and takes the prior to the "
        "data, and all three keep it. Trajectories cannot pass each other; crossing pairs would "
        "cost less exchanged; and reflow follows the trajectories. So each data point receives "
        "the same interval between two quantiles, whatever the coupling, and a second reflow "
        "changes nothing.",
        "在一维，是的：保持次序、并把先验变为数据的映射只有一个，而三者都保持次序。"
        "轨迹不能互相越过；相交的两对，交换后成本更低；再流则跟随轨迹。"
        "因此无论哪种耦合，每个数据点得到的都是同一个分位数区间，再流第二次也不会改变什么。",
    ),
    "couplings.same.plane": Text(
        "In the plane, nearly: colours are the basins of the flow, lines the edges between cells "
        "of optimal transport. {share} (± {noise}) of {n:,} samples of the prior belong to the "
        "same data point in both. The others lie where a line and a change of colour part.",
        "在二维，几乎是：颜色是流的吸引域，线是最优传输胞腔的边界。"
        "{n:,} 个先验样本中有 {share}（± {noise}）在两者中属于同一个数据点，"
        "其余的位于线与颜色分界不重合的地方。",
    ),
    "couplings.again": Text(
        "Reflowed once more, {n} of {count} samples {n:ends|end} at another data point.",
        "再流第二次，{count} 个样本中有 {n} 个到达别的数据点。",
    ),
    "couplings.table": Text(
        "The basins are a table of {side} × {side} cells: within a cell of a border, a sample may "
        "be counted on its other side.",
        "吸引域用 {side} × {side} 格的表来表示：离边界不到一格的样本，可能被算到另一侧。",
    ),
    # Checks.
    "checks.energy": Text("Cost = kinetic energy + floor", "成本 = 动能 + 下限"),
    "checks.energy.why": Text(
        "The three are integrals of their own, over samples, and over places and times; the "
        "largest difference among the couplings.",
        "三者分别积分：对样本，以及对位置与时间；取各耦合中最大的差。",
    ),
    "checks.energy.bad": Text(
        "The kinetic energy and the floor do not add up to the cost.", "动能与下限之和不等于成本。"
    ),
    "checks.energy_sampled": Text(
        "Cost = kinetic energy + floor, within five standard errors",
        "在五倍标准误差之内，成本 = 动能 + 下限",
    ),
    "checks.energy_sampled.why": Text(
        "The three are means over samples; the difference is compared with five standard errors.",
        "三者都是样本均值；差值与五倍标准误差比较。",
    ),
    "checks.energy_sampled.bad": Text(
        "The kinetic energy and the floor do not add up to the cost.", "动能与下限之和不等于成本。"
    ),
    "checks.cells": Text(
        "Each cell of optimal transport has the probability of its data point",
        "最优传输的每个胞腔，概率等于其数据点的权重",
    ),
    "checks.cells.why": Text(
        "The largest difference between the probability of a cell under the prior and its weight: "
        "on the line by the distribution function, in the plane by integrals along its edges.",
        "胞腔在先验下的概率与权重的最大差：一维由分布函数算出，二维由沿边界的积分算出。",
    ),
    "checks.cells.bad": Text(
        "A cell has another probability than its data point.", "有胞腔的概率与其数据点的权重不符。"
    ),
    "checks.one_map": Text(
        "Flow, optimal transport and reflow take each sample to the same place",
        "流、最优传输与再流把每个样本带到同一处",
    ),
    "checks.one_map.why": Text(
        "The largest distance between the ends of the three maps, in units of the data's extent: "
        "the flow just before the data, by its conserved distribution function; the cell of "
        "optimal transport; the end of the reflowed trajectory.",
        "三个映射终点之间的最大距离，以数据的范围为单位：流由守恒的分布函数算到数据之前；"
        "最优传输由胞腔得出；再流由轨迹的终点得出。",
    ),
    "checks.one_map.bad": Text(
        "On the line the three maps must be one.", "在一维，三个映射必须是同一个。"
    ),
}
