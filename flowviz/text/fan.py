"""The Fan page: the article's figure, in one dimension."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "fan.title": Text("Fan: the article's figure, alive", "轨迹扇：让文章里的图动起来"),
    "fan.lead": Text(
        "Each data point alone sends **straight lines** to the prior. Superpose the points and the "
        "lines **bend**: this is the exact flow between them, from the prior (right) to the data "
        "(left).",
        "单个数据点到先验分布的轨迹是**直线**；多个点一叠加，直线就**弯**了。"
        "这就是两者之间精确的流：从先验（右）到数据（左）。",
    ),
    "fan.lead.bent": Text(
        "Each data point alone sends **trajectories of the chosen family** to the prior. Superpose "
        "the points and the trajectories **bend differently**: this is the exact flow between "
        "them, from the prior (right) to the data (left).",
        "单个数据点到先验分布的轨迹，就是**所选的那一族**；多个点一叠加，轨迹就**弯得不一样**了。"
        "这就是两者之间精确的流：从先验（右）到数据（左）。",
    ),
    # Sidebar: data.
    "fan.points": Text("Data points", "数据点"),
    "fan.points.text": Text("Positions and weights", "位置与权重"),
    "fan.points.help": Text(
        "0.5*2, 1.2, 1.7 means: 0.5 with twice the weight, then 1.2 and 1.7. Up to 2,000 points. "
        "You can also drag the points on the left edge of the picture.",
        "0.5*2, 1.2, 1.7 表示：0.5 的权重加倍，然后是 1.2 和 1.7。最多 2,000 个点。"
        "也可以直接在图的左缘拖动这些点。",
    ),
    "fan.points.count": Text("{n:,} points", "共 {n:,} 个点"),
    "fan.preset": Text("Examples", "示例"),
    "fan.preset.own": Text("Your own", "自定义"),
    "fan.table": Text("Table and CSV", "表格与 CSV"),
    "fan.table.x": Text("Position", "位置"),
    "fan.table.w": Text("Weight", "权重"),
    "fan.csv": Text(
        "Upload a CSV: one column of positions, or two with weights",
        "上传 CSV：一列位置，或再加一列权重",
    ),
    "fan.csv.rounded": Text(
        "The points were rounded a little so that they fit into the link.",
        "为了放进链接，各点已略作舍入。",
    ),
    # Sidebar: prior, schedule, fan.
    "fan.prior": Text("Prior", "先验分布"),
    "fan.family": Text("Family of trajectories", "轨迹族"),
    "fan.family.help": Text(
        "How a data point and a draw of the prior are joined. Within the affine family every "
        "schedule shows the same flow through its own lens: each trajectory keeps its end.",
        "数据点与先验样本之间怎样相连。在仿射族里，不同的时间安排只是换一副眼镜看同一个流："
        "每条轨迹的终点都不变。",
    ),
    "fan.family.illegal": Text(
        "This formula does not make a flow: {why} The picture shows the last family that did.",
        "这个公式构不成流：{why}画面上仍是上一个可用的轨迹族。",
    ),
    "fan.family.illegal.start": Text(
        "at t = 0 its lines do not all meet in the data point.",
        "t = 0 时它的轨迹没有汇聚到数据点。",
    ),
    "fan.family.illegal.end": Text(
        "at t = 1 it still depends on the data point x₀.",
        "t = 1 时它仍然依赖数据点 x₀。",
    ),
    "fan.family.illegal.invertible": Text(
        "its trajectories cross, so that x does not tell x₁.",
        "它的轨迹互相交叉，由 x 定不出 x₁。",
    ),
    "fan.family.illegal.finite": Text(
        "where the prior has mass, some of its values are not numbers.",
        "在先验有概率的地方，它有些值不是数。",
    ),
    "fan.family.illegal.continuous": Text(
        "it jumps, and neighbouring trajectories are torn apart.",
        "它有跳跃，相邻的轨迹被撕开。",
    ),
    "fan.family.illegal.relabelled": Text(
        "at t = 1 it is not x₁ itself, so that its law is not the prior's.",
        "t = 1 时它不是 x₁ 本身，得到的分布就不是先验。",
    ),
    "fan.family.unfinished": Text(
        "{n} of {count} trajectories would have taken more steps than are allowed. From where "
        "they stopped they are drawn as their likeliest data point's own: roughly right, not "
        "exact.",
        "{count} 条轨迹中有 {n} 条超出了允许的步数。从停下处起，画的是最可能的数据点自己的轨迹："
        "大致对，但不精确。",
    ),
    "fan.schedule": Text("Schedule", "时间安排"),
    "fan.schedule.help": Text(
        "Every schedule shows the same flow through its own lens: each trajectory keeps its end.",
        "不同的时间安排只是换一副眼镜看同一个流：每条轨迹的终点都不变。",
    ),
    "fan.picture": Text("Picture", "画面"),
    "fan.trajectories": Text("Trajectories", "轨迹条数"),
    "fan.launch": Text("Start at equal steps of", "起点等分"),
    "fan.launch.steps": Text("position", "位置"),
    "fan.launch.probability": Text("probability", "概率"),
    "fan.color": Text("Coloured by", "着色依据"),
    "fan.color.basin": Text("data point", "数据点"),
    "fan.color.x1": Text("start x₁", "起点 x₁"),
    "fan.show.heatmap": Text("Density pₜ", "密度 pₜ"),
    "fan.show.fan": Text("Trajectories", "轨迹"),
    "fan.show.arrows": Text("Velocity fₜ", "速度 fₜ"),
    "fan.show.arrows.help": Text(
        "Arrows point the way t grows, from the data to the prior: fₜ is dx/dt. Generation runs "
        "against them.",
        "箭头指向 t 增大的方向，即从数据到先验：fₜ 就是 dx/dt。生成过程与箭头方向相反。",
    ),
    # In the figure.
    "fan.axis.t": Text("← data        time t        prior →", "← 数据        时刻 t        先验 →"),
    "fan.axis.x": Text("x", "x"),
    "fan.axis.density": Text("density pₜ(x)", "密度 pₜ(x)"),
    "fan.axis.slice": Text("pₜ(x); grey: t = 1", "pₜ(x)；灰：t = 1"),
    "fan.alt": Text(
        "Density of the flow over time, with {n} trajectories from the prior to the data",
        "流的密度随时间的变化，以及从先验到数据的 {n} 条轨迹",
    ),
    "fan.alt.schedule": Text("Alpha and sigma over time", "α 与 σ 随时间的变化"),
    "fan.alt.balance": Text(
        "Conditional velocities weighted by the posterior, balancing at the marginal velocity",
        "以后验概率加权的条件速度，在边际速度处平衡",
    ),
    "fan.play": Text("Play from the prior to the data (space)", "从先验播放到数据（空格键）"),
    "fan.pause": Text("Pause (space)", "暂停（空格键）"),
    "fan.time": Text("Time t", "时刻 t"),
    "fan.speed": Text("Speed", "速度"),
    "fan.nowhere": Text("nothing flows here", "此处没有流"),
    "fan.undo": Text("Undo the last change of the points (Ctrl+Z)", "撤销上一次改点（Ctrl+Z）"),
    "fan.download": Text("Download the figure (SVG)", "下载此图（SVG）"),
    "fan.handle": Text(
        "Data point {{i}} of {{n}}, weight {{w}} percent",
        "第 {{i}} 个数据点，共 {{n}} 个，权重 {{w}}%",
    ),
    "fan.hint": Text(
        "Drag the points on the left edge; click there to add one, double-click to remove it. "
        "Keys: ↑ ↓ move, ← → choose, PgUp PgDn weight, Del. "
        "Hover over the plane for a glance at a place, click to ask about it.",
        "拖动左缘的点；在左缘单击添加，双击删除。"
        "键盘：↑ ↓ 移动，← → 选点，PgUp PgDn 调权重，Del 删除。"
        "鼠标停在图中可略读该处，单击则细看。",
    ),
    "fan.hint.touch": Text(
        "Drag the points on the left edge; tap there to add one, double-tap to remove it. "
        "Tap in the plane to ask about a place; drag the dashed line to move time.",
        "拖动左缘的点；在左缘轻点添加，双击删除。在图中轻点可查询该处；拖动虚线可改变时刻。",
    ),
    # Query point.
    "fan.query": Text("At one place", "看一处"),
    "fan.query.none": Text(
        "Click anywhere in the plane: you will see which data points the flow there is headed for, "
        "and how their velocities average to fₜ(x).",
        "在图中任意一处单击：可以看到那里的流正奔向哪些数据点，以及它们的速度怎样平均成 fₜ(x)。",
    ),
    "fan.query.unknown": Text(
        "The density here is unknown, not 0: for some data point no x₁ was found that leads here.",
        "这里的密度未知（并不是 0）：对某个数据点，没能找到通向这里的 x₁。",
    ),
    "fan.query.nowhere": Text(
        "Here pₜ(x) = 0: no trajectory passes, so the velocity has no value.",
        "这里 pₜ(x) = 0：没有轨迹经过，速度没有意义。",
    ),
    "fan.query.table.point": Text("Data point x₀", "数据点 x₀"),
    "fan.query.table.posterior": Text("Posterior weight", "后验权重"),
    "fan.query.table.velocity": Text("Conditional velocity", "条件速度"),
    "fan.query.rest": Text(
        "The {n:,} points with the largest weights are listed; the others hold {rest} together.",
        "此处列出权重最大的 {n:,} 个点；其余各点合计 {rest}。",
    ),
    "fan.balance.velocity": Text("velocity fₜ(x|x₀)", "速度 fₜ(x|x₀)"),
    "fan.balance.posterior": Text("weight r", "权重 r"),
    "fan.balance.caption": Text(
        "The velocity of the flow is where the weights balance (▲).",
        "流的速度就是这些权重的平衡点（▲）。",
    ),
    # Checks.
    "checks.title": Text("Is it right?", "算得对吗？"),
    "checks.mass": Text("∫ pₜ dx stays 1", "∫ pₜ dx 恒为 1"),
    "checks.mass.why": Text(
        "The largest distance from 1 over all times shown, by quadrature of the density.",
        "对密度数值积分，取各时刻与 1 的最大偏差。",
    ),
    "checks.mass.bad": Text(
        "The quadrature of pₜ misses 1: the density has features too sharp for it. The "
        "trajectories do not depend on it.",
        "pₜ 的数值积分偏离 1：密度有求积公式跟不上的尖锐之处。轨迹不受影响。",
    ),
    "checks.conservation": Text(
        "Fₜ(xₜ) = F₁(x₁) along each trajectory", "沿每条轨迹 Fₜ(xₜ) = F₁(x₁)"
    ),
    "checks.conservation.why": Text(
        "The flow conserves the share of probability below it.", "流保持其下方概率的份额不变。"
    ),
    "checks.conservation.bad": Text(
        "A trajectory leaves its level: it starts too close to a border between two basins for "
        "double precision.",
        "有轨迹偏离了它的概率水平：其起点离两个盆地的分界太近，超出了双精度的分辨能力。",
    ),
    "checks.continuity": Text("∂ₜpₜ + ∂ₓ(fₜpₜ) = 0", "∂ₜpₜ + ∂ₓ(fₜpₜ) = 0"),
    "checks.continuity.why": Text(
        "The continuity equation by automatic differentiation, at random places of the flow; "
        "where its terms exceed 1, relative to them.",
        "在流中随机取点，用自动微分检验连续性方程；各项之和超过 1 处，按相对大小计。",
    ),
    "checks.continuity.bad": Text(
        "Above its bound: near an edge of the prior's density derivatives lose their digits.",
        "超出上限：先验密度在棱角附近，导数会损失有效数字。",
    ),
    "checks.value": Text("{value} (bound {bound})", "{value}（上限 {bound}）"),
}
