"""The Plane page: points dragged in two dimensions, and the exact flow to them."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "plane.title": Text("Plane: the flow in two dimensions", "平面：二维的流"),
    "plane.lead": Text(
        "Press play: particles drawn from the prior travel to the data, each to exactly one point, "
        "and each point receives exactly its share. **Drag a point** and watch the flow follow.",
        "按下播放：从先验抽出的粒子走向数据，每个粒子恰好到达一个点，每个点恰好得到它应得的份额。"
        "**拖动一个点**，看流随之改变。",
    ),
    # Sidebar.
    "plane.points.text": Text("Points (x, y), * weight", "点 (x, y)，* 权重"),
    "plane.points.help": Text(
        "(1, 0.5)*2, (-1, 0) means: a point at (1, 0.5) with twice the weight, then one at "
        "(-1, 0). Up to 5,000 points. You can also work in the picture with your hand.",
        "(1, 0.5)*2, (-1, 0) 表示：(1, 0.5) 处的点权重加倍，然后是 (-1, 0) 处的点。"
        "最多 5,000 个点。也可以直接在图中动手。",
    ),
    "plane.table.x": Text("x", "x"),
    "plane.table.y": Text("y", "y"),
    "plane.table.w": Text("Weight", "权重"),
    "plane.csv": Text(
        "Upload a CSV: two columns x, y, or three with weights",
        "上传 CSV：两列 x、y，或再加一列权重",
    ),
    "plane.particles": Text("Particles", "粒子数"),
    "plane.views": Text("Layers", "图层"),
    "plane.view.density": Text("Density pₜ", "密度 pₜ"),
    "plane.view.basins": Text("Basins", "盆地"),
    "plane.view.lines": Text("Trajectories", "轨迹"),
    "plane.view.straight": Text("Alone, one point each", "单点轨迹"),
    "plane.view.particles": Text("Particles", "粒子"),
    "plane.view.arrows": Text("Velocity −fₜ", "速度 −fₜ"),
    "plane.views.help": Text(
        "Basins: the colour of a place is the data point that a particle starting there reaches. "
        "Alone: the path each particle would take if its data point were the only one; the sum of "
        "all points bends it. Velocity: arrows point the way the particles go, from the prior to "
        "the data, which is −fₜ, since t falls on the way; none where next to nothing flows.",
        "盆地：某处的颜色，就是从那里出发的粒子所到达的数据点。"
        "单点轨迹：假如只有那一个数据点，粒子会走的路；所有点叠加之后，路就弯了。"
        "速度：箭头指向粒子行进的方向，即从先验到数据；途中 t 减小，所以画的是 −fₜ；"
        "几乎没有流的地方不画。",
    ),
    "plane.scale": Text("Density scale", "密度标度"),
    "plane.scale.linear": Text("linear", "线性"),
    "plane.scale.log": Text("logarithmic", "对数"),
    # The picture.
    "plane.alt": Text(
        "The plane with {n} data points; particles flow to them from the prior",
        "平面上的 {n} 个数据点；粒子从先验流向它们",
    ),
    "plane.tool.points": Text("Points", "点"),
    "plane.tool.points.help": Text(
        "Click to add a point, drag to move it, double-click to remove it.",
        "单击添加点，拖动移动，双击删除。",
    ),
    "plane.tool.brush": Text("Brush", "画笔"),
    "plane.tool.brush.help": Text(
        "Draw with the pointer: points along the stroke.", "按住拖动，沿笔迹撒点。"
    ),
    "plane.tool.probe": Text("Ask", "查询"),
    "plane.tool.probe.help": Text(
        "Click or drag: what the flow does at one place.", "单击或拖动：看流在一处的情形。"
    ),
    "plane.tool.write": Text("Write a word", "写一个词"),
    "plane.tool.write.go": Text("As points", "变成点"),
    "plane.top": Text("brightest cell: pₜ =", "最亮一格：pₜ ="),
    "plane.hint": Text(
        "Keys on a point: arrows move it, PgUp PgDn choose another, + − change its weight, Del "
        "removes it, space plays.",
        "选中一个点后：方向键移动，PgUp PgDn 换点，+ − 调权重，Del 删除，空格播放。",
    ),
    # Query point.
    "plane.query.none": Text(
        "Choose “Ask” above the picture and click: you will see towards which data points the flow "
        "there is pulled, and how much the pulls cancel.",
        "选图上方的“查询”，再单击一处：可以看到那里的流被哪些数据点牵引，以及这些牵引抵消了多少。",
    ),
    "plane.query.cancel": Text(
        "Of all the pulling, {left} is left; {gone} cancels.",
        "全部牵引中，{left} 留了下来，{gone} 彼此抵消。",
    ),
    "plane.query.caption": Text(
        "In the picture: each arrow is the pull −fₜ(x|x₀) of one data point, the bolder the larger "
        "its weight; the dashed one is their weighted mean −fₜ(x), the way the flow goes there.",
        "图中每支箭头是一个数据点的牵引 −fₜ(x|x₀)，权重越大越粗；虚线箭头是它们的加权平均 −fₜ(x)，"
        "也就是流在此处的去向。",
    ),
    "plane.lost": Text(
        "In places the density is unknown, not 0: for some data point no x₁ was found that leads "
        "there. They are left blank.",
        "有些位置的密度未知（并不是 0）：对某个数据点，没能找到通向那里的 x₁。这些位置留空。",
    ),
    "plane.download": Text("Download (PNG)", "下载（PNG）"),
    "plane.measuring": Text("Measuring for the picture as it is now …", "正在按当前画面测量……"),
    # Basins and checks.
    "plane.basins": Text("Who gets how much?", "各得多少？"),
    "plane.basins.point": Text("Data point", "数据点"),
    "plane.basins.exact": Text("Weight", "权重"),
    "plane.basins.mass": Text("Prior mass that arrives", "到达的先验概率"),
    "plane.basins.caption": Text(
        "{draws:,} draws from the prior were followed to their ends; ± is the standard error of "
        "counting.",
        "追踪了 {draws:,} 次先验抽样直到终点；± 是计数的标准误。",
    ),
    "plane.basins.rest": Text("… and {n:,} more", "……另有 {n:,} 个"),
    "plane.ends": Text(
        "Trajectories whose end differs from the straight line's: **{moved} of {n:,}**",
        "终点与直线时不同的轨迹：**{n:,} 条中的 {moved} 条**",
    ),
    "plane.ends.why": Text(
        "Try another schedule: the paths change their timing and shape, their ends never move.",
        "换一种时间安排试试：路的快慢与形状会变，终点纹丝不动。",
    ),
    "plane.ends.family": Text(
        "Of {n:,} trajectories, **{moved:,}** end elsewhere than along straight lines",
        "{n:,} 条轨迹中，有 **{moved:,}** 条的终点与走直线时不同",
    ),
    "plane.ends.why.family": Text(
        "This family is no change of time of straight lines: who goes where depends on it. What "
        "each data point receives does not.",
        "这个轨迹族不只是直线换了时间：谁去哪里随它而变，每个数据点得到多少却不变。",
    ),
    "checks.mass.plane": Text("∬ pₜ dx dy stays 1", "∬ pₜ dx dy 恒为 1"),
    "checks.continuity.plane": Text("∂ₜpₜ + ∇·(fₜpₜ) = 0", "∂ₜpₜ + ∇·(fₜpₜ) = 0"),
    "checks.refinement.plane": Text("Finer steps move no trajectory", "步长加密，轨迹不动"),
    "checks.refinement.plane.why": Text(
        "Some of the trajectories, solved again with a tolerance thirty times smaller: the "
        "largest move.",
        "取若干轨迹，以严格三十倍的容差重新求解：取最大的移动。",
    ),
    "checks.refinement.plane.bad": Text(
        "A trajectory starts close to a border between two basins, or the prior has an edge: "
        "there the steps cannot be as fine as elsewhere.",
        "有轨迹的起点贴近两个盆地的分界，或先验有棱边：那里的步长无法像别处一样精细。",
    ),
    "checks.masses.plane": Text("Each basin holds its weight", "每个盆地恰得其权重"),
    "checks.masses.plane.why": Text(
        "The largest difference between measured mass and weight, in standard errors of counting.",
        "测得的概率与权重之差的最大值，以计数的标准误为单位。",
    ),
    "checks.masses.plane.value": Text(
        "{value} standard errors (bound {bound})", "{value} 个标准误（上限 {bound}）"
    ),
    "checks.masses.one.plane": Text("The one basin holds all", "唯一的盆地容纳一切"),
    "checks.masses.one.plane.why": Text(
        "All data points are in one place, so there is no border and nothing to measure.",
        "所有数据点都在同一处，没有分界，也就没有什么可量。",
    ),
    "checks.masses.one.plane.value": Text(
        "Every draw from the prior arrived there.", "每一次先验抽样都到达了那里。"
    ),
    "checks.masses.plane.bad": Text(
        "The difference is larger than chance explains.", "差异之大，超出了随机误差所能解释的范围。"
    ),
}
