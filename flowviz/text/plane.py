"""The Plane page: points dragged in two dimensions, and the exact flow to them."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "plane.title": Text(
        "Flow in 2-D: particles from the prior to the data", "二维的流：粒子从先验到数据"
    ),
    "plane.lead": Text(
        "Press play: particles sampled from the prior move along the exact flow. Each reaches "
        "exactly one data point, and the prior mass that a data point receives equals its weight. "
        "**Drag a data point**, and the flow changes with it.",
        "按下播放：从先验采样的粒子沿着精确的流运动。"
        "每个粒子恰好到达一个数据点，每个数据点分到的先验概率恰好等于它的权重。"
        "**拖动一个数据点**，流会随之改变。",
    ),
    # What the picture shows.
    "plane.caption.1": Text(
        "Large dots: the data points. A bigger dot has more weight.",
        "大圆点：数据点。点越大，权重越大。",
    ),
    "plane.caption.2": Text(
        "Small dots: samples of the prior on their way to the data (t from 1 to 0).",
        "小圆点：从先验出发、正走向数据的样本（t 从 1 到 0）。",
    ),
    "plane.caption.3": Text(
        "Colour: the data point that a particle reaches. Shading: the density at the time shown.",
        "颜色：粒子会到达哪个数据点。底色深浅：当前时刻的密度。",
    ),
    # Sidebar.
    "plane.points.text": Text("Points (x, y) * weight", "点 (x, y) * 权重"),
    "plane.points.help": Text(
        "(1, 0.5)*2, (-1, 0) means: a point at (1, 0.5) with weight 2, then one at (-1, 0) with "
        "weight 1. (1, 0.5)*2@a has the label a, for the page Guidance. Up to 5,000 points. You "
        "can also edit them in the picture.",
        "(1, 0.5)*2, (-1, 0) 表示：(1, 0.5) 处的点权重为 2，(-1, 0) 处的点权重为 1。"
        "(1, 0.5)*2@a 带有标签 a，用于“引导”页。最多 5,000 个点。也可以直接在图中编辑。",
    ),
    "plane.table.x": Text("x", "x"),
    "plane.table.y": Text("y", "y"),
    "plane.table.w": Text("Weight", "权重"),
    "plane.particles": Text("Particles", "粒子数"),
    "plane.views": Text("Layers", "图层"),
    "plane.view.density": Text("Density pₜ", "密度 pₜ"),
    "plane.view.basins": Text("Basins", "吸引域"),
    "plane.view.lines": Text("Trajectories", "轨迹"),
    "plane.view.straight": Text("Single-point trajectories", "单点轨迹"),
    "plane.view.particles": Text("Particles", "粒子"),
    "plane.view.arrows": Text("Velocity −fₜ", "速度 −fₜ"),
    "plane.views.help": Text(
        "Basins: each position has the colour of the data point that a sample starting there "
        "reaches. Single-point trajectories: where each particle would go if its data point were "
        "the only one; superposing all points bends them. Velocity: arrows show where the "
        "particles go, from the prior to the data. This is −fₜ, because t decreases on the way. "
        "No arrow where pₜ is almost 0.",
        "吸引域：每个位置的颜色，表示从那里出发的样本会到达哪个数据点。"
        "单点轨迹：假如只有那一个数据点，粒子会走的轨迹；所有点叠加后轨迹就弯了。"
        "速度：箭头指向粒子前进的方向（从先验到数据）；途中 t 减小，所以画的是 −fₜ。"
        "pₜ 几乎为 0 处不画箭头。",
    ),
    "plane.scale": Text("Density scale", "密度标度"),
    "plane.scale.linear": Text("linear", "线性"),
    "plane.scale.log": Text("logarithmic", "对数"),
    # The picture.
    "plane.alt": Text(
        "The plane with {n} {n:data point; particles flow to it|data points; particles flow to "
        "them} from the prior: {points}",
        "平面上的 {n} 个数据点；粒子从先验流向它们：{points}",
    ),
    "plane.tool.points": Text("Points", "点"),
    "plane.tool.points.help": Text(
        "Click to add a point; drag it, click it to see what reaches it, double-click to remove "
        "it.",
        "单击空处添加点；拖动可移动，单击它可看哪些粒子到达，双击可删除。",
    ),
    "plane.tool.brush": Text("Brush", "画笔"),
    "plane.tool.brush.help": Text(
        "Draw with the pointer: points along the stroke.", "按住拖动，沿笔迹撒点。"
    ),
    "plane.tool.probe": Text("Inspect", "查看"),
    "plane.tool.probe.help": Text(
        "Click or drag: what the flow does at that point.", "单击或拖动：查看流在该点的情形。"
    ),
    "plane.tool.write": Text("Write a word", "写一个词"),
    "plane.tool.write.go": Text("Make points", "生成点"),
    "plane.axis.density": Text("pₜ as a fraction of the highest", "pₜ 与最高值之比"),
    "plane.top": Text("highest pₜ", "最高 pₜ"),
    # Where pₜ is infinite at the prior's edges.
    "plane.axis.density.edges": Text("pₜ as a fraction of the scale's end", "pₜ 与标度上端之比"),
    "plane.top.edges": Text("scale ends at pₜ", "标度上端 pₜ"),
    "plane.keys": Text(
        "Keys on a point: arrows move it, PgUp PgDn choose another, + − change its weight, Del "
        "removes it, space plays.",
        "选中一个点后：方向键移动，PgUp PgDn 换点，+ − 调权重，Del 删除，空格播放。",
    ),
    # Query point.
    "plane.query.none": Text(
        "Choose “Inspect” above the picture, then click a point: you will see the velocity towards "
        "each data point there, its posterior weight, and how much of these velocities cancels "
        "out.",
        "先选图上方的“查看”，再单击一点：可以看到那里指向各数据点的速度与后验权重，"
        "以及这些速度相互抵消了多少。",
    ),
    "plane.query.cancel": Text(
        "Averaged with the posterior weights, the velocities keep {left} of their speed; "
        "{cancelled} cancels out.",
        "按后验权重平均之后，速度的大小剩下 {left}，其余 {cancelled} 相互抵消。",
    ),
    "plane.query.caption": Text(
        "Each arrow is the velocity −fₜ(x|x₀) of one data point; the larger its posterior weight, "
        "the bolder. The dashed arrow is their weighted mean −fₜ(x), the direction in which "
        "particles move here.",
        "每支箭头是一个数据点的速度 −fₜ(x|x₀)，后验权重越大越粗。"
        "虚线箭头是它们的加权平均 −fₜ(x)，也就是粒子在此处的运动方向。",
    ),
    "plane.lost": Text(
        "Blank where the density is unknown (not 0): for some data point no x₁ was found whose "
        "trajectory passes there.",
        "空白处密度未知（并不是 0）：对某个数据点，没能求出轨迹经过那里的 x₁。",
    ),
    # Basins and checks.
    "plane.basins": Text("How much prior mass reaches each point?", "每个数据点分到多少概率？"),
    "plane.basins.point": Text("Data point", "数据点"),
    "plane.basins.exact": Text("Weight", "权重"),
    "plane.basins.mass": Text("Prior mass that arrives", "到达的先验概率"),
    "plane.basins.caption": Text(
        "{draws:,} samples of the prior were followed to their ends; ± is the standard error.",
        "追踪了 {draws:,} 个先验样本直到终点；± 是标准误。",
    ),
    "plane.basins.none": Text(
        "Following samples of the prior would take too long here.", "在此处追踪先验样本耗时过长。"
    ),
    "plane.basins.coloured": Text(
        "{n:,} of the {count:,} cells of the basin map have a colour: more would take too long.",
        "吸引域图的 {count:,} 个格子中只有 {n:,} 个上了色：再多就算得太久了。",
    ),
    "plane.basins.rest": Text("… and {n:,} more", "……另有 {n:,} 个"),
    "plane.ends": Text(
        "Trajectories that reach another data point than under the linear schedule: **{moved} of "
        "{n:,}**",
        "与线性调度相比，到达了别的数据点的轨迹：**{moved} / {n:,}**",
    ),
    "plane.ends.why": Text(
        "Try another schedule: the trajectories change their timing and shape, but each still "
        "reaches the same data point.",
        "换一种调度试试：轨迹的快慢与形状会变，到达的数据点不变。",
    ),
    "plane.ends.family": Text(
        "Of {n:,} {n:trajectory|trajectories}, **{moved:,}** {moved:reaches|reach} another data "
        "point than along straight lines",
        "{n:,} 条轨迹中，有 **{moved:,}** 条到达的数据点与直线族不同",
    ),
    "plane.ends.why.family": Text(
        "This family is more than a change of schedule, so which samples reach which data point "
        "depends on it. How much each data point receives does not.",
        "这个轨迹族不只是换了调度：哪些样本到达哪个数据点会随之改变，每个数据点得到的概率则不变。",
    ),
    "checks.mass.plane": Text("∬ pₜ dx dy stays 1", "∬ pₜ dx dy 恒为 1"),
    "checks.continuity.plane": Text("∂ₜpₜ + ∇·(fₜpₜ) = 0", "∂ₜpₜ + ∇·(fₜpₜ) = 0"),
    "checks.refinement.plane": Text(
        "Smaller steps give the same trajectories", "减小步长，轨迹不变"
    ),
    "checks.refinement.plane.why": Text(
        "Some of the trajectories are solved again with a tolerance thirty times smaller; the "
        "change that comes nearest to its bound is shown. The bound is ten times the errors both "
        "state.",
        "取若干轨迹，以小三十倍的容差重新求解，显示最接近上限的变化。上限是两者自报误差之和的十倍。",
    ),
    "checks.refinement.plane.bad": Text(
        "A trajectory starts close to the boundary between two basins, or the prior has a sharp "
        "edge: steps cannot be as fine there.",
        "有轨迹的起点靠近两个吸引域的分界线，或先验有边界：那里的步长无法同样精细。",
    ),
    "checks.masses.plane": Text(
        "Each basin's prior mass equals its weight", "每个吸引域的先验概率等于权重"
    ),
    "checks.masses.plane.why": Text(
        "If every basin held exactly its weight, counts as far from the weights as these would "
        "still happen by chance with probability at most p. It is one number for all basins "
        "together; rare basins are counted as one.",
        "假如每个吸引域恰好得到它的权重，仅凭偶然，计数与权重的偏差达到这么大的概率至多为 p。"
        "p 是所有吸引域合在一起的一个数，稀少的吸引域合并计数。",
    ),
    "checks.masses.plane.value": Text(
        "p = {value} (red below {bound})", "p = {value}（低于 {bound} 则变红）"
    ),
    "checks.masses.one.plane": Text("One basin receives everything", "唯一的吸引域得到全部概率"),
    "checks.masses.one.plane.why": Text(
        "All data points are at the same position, so there is no boundary and nothing to measure.",
        "所有数据点都在同一位置，没有分界线，也就无须测量。",
    ),
    "checks.masses.one.plane.value": Text(
        "Every sample of the prior arrived there.", "所有先验样本都到达了那里。"
    ),
    "checks.masses.plane.bad": Text(
        "The difference is larger than chance explains.", "差异之大，超出了随机误差所能解释的范围。"
    ),
}
