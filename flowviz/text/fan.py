"""The Fan page: the article's figure, in one dimension."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "fan.title": Text(
        "Flow in 1-D: straight lines superpose into curves", "一维的流：直线叠加成曲线"
    ),
    "fan.lead": Text(
        "Generation carries random samples of the **prior** (right) along a flow to the **data "
        "points** (left). For a single data point the trajectories are **straight lines**; "
        "superpose several points, and they **bend**. The picture is computed exactly: drag a "
        "data point and watch.",
        "生成，就是让**先验分布**（右）的随机样本沿着流到达**数据点**（左）。"
        "只有一个数据点时，轨迹是**直线**；多个点叠加之后，轨迹就**弯**了。"
        "整幅图都是精确计算的，拖动一个数据点看看。",
    ),
    "fan.lead.bent": Text(
        "Generation carries random samples of the **prior** (right) along a flow to the **data "
        "points** (left). For a single data point the trajectories are **the family you chose**; "
        "superpose several points, and they **change shape**. The picture is computed exactly: "
        "drag a data point and watch.",
        "生成，就是让**先验分布**（右）的随机样本沿着流到达**数据点**（左）。"
        "只有一个数据点时，轨迹就是**所选的那一族**；多个点叠加之后，**形状就变了**。"
        "整幅图都是精确计算的，拖动一个数据点看看。",
    ),
    # What the picture shows.
    "fan.caption.1": Text(
        "Data points: trajectories end here (t = 0). A bigger dot has more weight.",
        "数据点：轨迹的终点（t = 0）。点越大，权重越大。",
    ),
    "fan.caption.2": Text(
        "Prior: random samples start here (t = 1).",
        "先验分布：随机样本的起点（t = 1）。",
    ),
    "fan.caption.3": Text(
        "Colour of a line: the data point it reaches. Shading: how dense the samples are at that "
        "moment.",
        "线的颜色：到达哪个数据点。底色深浅：该时刻样本有多密。",
    ),
    # Sidebar: data.
    "fan.points": Text("Data points", "数据点"),
    "fan.points.text": Text("Positions and weights", "位置与权重"),
    "fan.points.help": Text(
        "0.5*2, 1.2, 1.7 means: 0.5 with weight 2, then 1.2 and 1.7 with weight 1. 0.5*2@a has the "
        "label a, for the page Guidance. Up to 2,000 points. You can also drag the points in the "
        "picture.",
        "0.5*2, 1.2, 1.7 表示：0.5 的权重为 2，1.2 和 1.7 的权重为 1。0.5*2@a 带有标签 a，"
        "用于“引导”页。最多 2,000 个点。也可以直接在图中拖动数据点。",
    ),
    "fan.points.count": Text("{n:,} {n:point|points}", "共 {n:,} 个点"),
    "fan.preset": Text("Examples", "示例"),
    "fan.preset.custom": Text("Your own", "自定义"),
    "fan.table": Text("Table and file", "表格与文件"),
    "fan.table.x": Text("Position", "位置"),
    "fan.table.w": Text("Weight", "权重"),
    "fan.csv": Text(
        "Upload a table: CSV, TSV, Excel, JSON, Parquet or NumPy",
        "上传表格：CSV、TSV、Excel、JSON、Parquet 或 NumPy",
    ),
    # Sidebar: prior, schedule, fan.
    "fan.prior": Text("Prior", "先验分布"),
    "fan.family": Text("Family of trajectories", "轨迹族"),
    "fan.family.help": Text(
        "How a data point and a prior sample are joined. In the affine family, another schedule "
        "changes the timing and shape of each trajectory, but not the data point it reaches.",
        "数据点与先验样本之间怎样连接。"
        "在仿射族里换一种调度，轨迹的快慢和形状会变，但到达的数据点不变。",
    ),
    "fan.family.invalid": Text(
        "This formula is not valid: {why} The picture still shows the last valid family.",
        "这个公式无效：{why}图中仍是上一个有效的轨迹族。",
    ),
    "fan.family.invalid.start": Text(
        "at t = 0 its trajectories do not all meet at the data point.",
        "t = 0 时它的轨迹没有都汇聚到数据点。",
    ),
    "fan.family.invalid.end": Text(
        "at t = 1 it still depends on the data point x₀.",
        "t = 1 时它仍然依赖数据点 x₀。",
    ),
    "fan.family.invalid.invertible": Text(
        "its trajectories cross, so x does not determine x₁.",
        "它的轨迹互相交叉，由 x 不能确定 x₁。",
    ),
    "fan.family.invalid.finite": Text(
        "for some samples of the prior its value is not a finite number.",
        "对先验的某些样本，它的值不是有限的数。",
    ),
    "fan.family.invalid.continuous": Text(
        "it jumps, and neighbouring trajectories are torn apart.",
        "它有跳跃，相邻的轨迹被撕开。",
    ),
    "fan.family.invalid.relabelled": Text(
        "at t = 1 it is not x₁ itself, so the distribution there is not the prior.",
        "t = 1 时它不是 x₁ 本身，得到的分布就不是先验。",
    ),
    "flow.followed": Text(
        "{n:,} of {count:,} trajectories {n:is|are} shown: computing more would take too long. "
        "Those shown are as accurate as ever.",
        "{count:,} 条轨迹中只显示 {n:,} 条：再多就算得太久了。显示出来的精度不变。",
    ),
    "fan.family.unfinished": Text(
        "{n} of {count} {count:trajectory|trajectories} needed more computation than allowed. "
        "From where they stopped, the trajectory of the data point with the largest posterior "
        "weight is drawn: roughly right, not exact.",
        "{count} 条轨迹中有 {n} 条超出了允许的计算量。"
        "从停下处起，改画后验权重最大的数据点的单点轨迹：大致正确，但不精确。",
    ),
    "fan.schedule": Text("Schedule αₜ, σₜ", "调度 αₜ、σₜ"),
    "fan.schedule.help": Text(
        "How fast, during generation, the data fades in and the prior fades out. Another schedule "
        "changes the timing and shape of each trajectory, but not the data point it reaches.",
        "生成过程中，数据成分增加、先验成分减少的快慢。"
        "换一种调度，轨迹的快慢和形状会变，但到达的数据点不变。",
    ),
    "fan.picture": Text("Picture", "画面"),
    "fan.trajectories": Text("Number of trajectories", "轨迹条数"),
    "fan.launch": Text("Starting points evenly spread in", "起点等距分布于"),
    "fan.launch.steps": Text("position", "位置"),
    "fan.launch.probability": Text("probability", "概率"),
    "fan.color": Text("Coloured by", "着色依据"),
    "fan.color.basin": Text("data point", "数据点"),
    "fan.color.x1": Text("start x₁", "起点 x₁"),
    "fan.show.heatmap": Text("Density pₜ", "密度 pₜ"),
    "fan.show.fan": Text("Trajectories", "轨迹"),
    "fan.show.arrows": Text("Velocity −fₜ", "速度 −fₜ"),
    "fan.show.arrows.help": Text(
        "Arrows point from the prior to the data, as generation runs. This is −fₜ, because fₜ is "
        "dx/dt and t decreases on the way.",
        "箭头从先验指向数据，与生成的方向一致。fₜ 是 dx/dt，途中 t 减小，所以画的是 −fₜ。",
    ),
    # In the figure.
    "fan.legend": Text("x₁ = {x}", "x₁ = {x}"),
    "fan.axis.t": Text("← data        time t        prior →", "← 数据        时刻 t        先验 →"),
    "fan.axis.x": Text("x", "x"),
    "fan.axis.density": Text("density pₜ(x)", "密度 pₜ(x)"),
    "fan.axis.slice": Text("pₜ(x); grey: prior", "pₜ(x)；灰：先验"),
    "fan.alt": Text(
        "Density of the flow over time, with {n} {n:trajectory|trajectories} from the prior to "
        "the data: {points}",
        "流的密度随时间的变化，以及从先验到数据的 {n} 条轨迹；数据点：{points}",
    ),
    "fan.alt.schedule": Text("Alpha and sigma over time", "α 与 σ 随时间的变化"),
    "fan.alt.balance": Text(
        "Conditional velocities weighted by the posterior, balancing at the marginal velocity",
        "以后验权重加权的条件速度，在边缘速度处平衡",
    ),
    "fan.play": Text("Play from the prior to the data (space)", "从先验播放到数据（空格键）"),
    "fan.pause": Text("Pause (space)", "暂停（空格键）"),
    "fan.time": Text("Time t", "时刻 t"),
    "fan.speed": Text("Playback speed", "播放速度"),
    "fan.loop": Text("Again and again", "循环播放"),
    "fan.trajectory": Text("trajectory", "轨迹"),
    "fan.separatrix": Text("on a separatrix: in no basin", "在分界点上：不属于任何吸引域"),
    "flow.separatrix": Text(
        "Grey, dashed: a start exactly on a separatrix. It belongs to no basin; its trajectory "
        "ends between two data points.",
        "灰色虚线：起点恰好在分界点上，不属于任何吸引域；其轨迹终止于两个数据点之间。",
    ),
    "fan.velocity": Text("−fₜ", "−fₜ"),
    "fan.nowhere": Text("no flow here (pₜ = 0)", "没有流经过（pₜ = 0）"),
    "fan.difference": Text(
        "While you dragged, this browser computed the flow itself. Largest distance between its "
        "trajectories and the server's: {{error}}",
        "拖动时由浏览器自行计算流。其轨迹与服务器结果的最大距离：{{error}}",
    ),
    "fan.undo": Text(
        "Undo the last edit of the points (Ctrl+Z)", "撤销对数据点的上一次修改（Ctrl+Z）"
    ),
    "fan.redo": Text(
        "Redo the edit of the points (Ctrl+Shift+Z)", "重做对数据点的修改（Ctrl+Shift+Z）"
    ),
    "fan.handle": Text(
        "Data point {{i}} of {{n}}, weight {{w}}%",
        "第 {{i}} 个数据点，共 {{n}} 个，权重 {{w}}%",
    ),
    "fan.hint": Text(
        "Drag the points on the left edge, click one to see what reaches it; click beside them to "
        "add one, double-click to remove one. Keys: ↑ ↓ move, ← → choose, PgUp PgDn weight, Del "
        "removes. Hover over the picture for values, click to inspect a point.",
        "拖动左边的数据点，单击数据点可看哪些轨迹到达它；在左边缘空处单击可添加，双击可删除。"
        "键盘：↑ ↓ 移动，← → 选点，PgUp PgDn 调权重，Del 删除。"
        "鼠标悬停可速览数值，单击可查看详情。",
    ),
    "fan.hint.touch": Text(
        "Drag the points on the left edge, tap one to see what reaches it; tap beside them to add "
        "one, double-tap to remove one. Tap in the picture to inspect a point; drag the dashed "
        "line to change the time.",
        "拖动左边的数据点，轻点数据点可看哪些轨迹到达它；在左边缘空处轻点可添加，双击可删除。"
        "在图中轻点可查看该点；拖动虚线可改变时刻。",
    ),
    # Query point.
    "fan.query": Text("At the query point", "查询点"),
    "fan.query.none": Text(
        "Click anywhere in the picture: you will see how strongly each data point acts there (its "
        "posterior weight), and how the conditional velocities average to fₜ(x).",
        "在图中任意处单击：可以看到各数据点在那里起多大作用（后验权重），"
        "以及条件速度怎样平均成 fₜ(x)。",
    ),
    "fan.query.start": Text(
        "At t = 0 all the probability sits on the data points, so there is no density to read. "
        "Choose a later time.",
        "t = 0 时概率全部集中在数据点上，没有密度可读。请选更晚的时刻。",
    ),
    "fan.query.unknown": Text(
        "The density here is unknown, not 0: for some data point no x₁ was found that leads here.",
        "这里的密度未知（并不是 0）：对某个数据点，没能找到通向这里的 x₁。",
    ),
    "fan.query.nowhere": Text(
        "Here pₜ(x) = 0: no trajectory passes, so the velocity is not defined.",
        "这里 pₜ(x) = 0：没有轨迹经过，速度没有定义。",
    ),
    "fan.query.table.point": Text("Data point x₀", "数据点 x₀"),
    "fan.query.table.posterior": Text("Posterior weight", "后验权重"),
    "fan.query.table.velocity": Text("Velocity −fₜ(x|x₀)", "速度 −fₜ(x|x₀)"),
    "fan.query.table.noise": Text("x₁ leading here", "通向此处的 x₁"),
    "fan.query.table.score": Text("Conditional score", "条件得分"),
    "fan.query.rest": Text(
        "The {n:,} data points with the largest posterior weights are listed; the others together "
        "have {rest}.",
        "只列出后验权重最大的 {n:,} 个数据点；其余各点合计 {rest}。",
    ),
    "fan.balance.velocity": Text(
        "conditional velocity −fₜ(x|x₀), the way generation goes", "条件速度 −fₜ(x|x₀)（生成方向）"
    ),
    "fan.balance.denoiser": Text("data point x₀", "数据点 x₀"),
    "fan.balance.noise": Text(
        "prior sample x₁ that leads here from x₀", "从 x₀ 通向此处的先验样本 x₁"
    ),
    "fan.balance.score": Text("conditional score ∇log pₜ(x|x₀)", "条件得分 ∇log pₜ(x|x₀)"),
    "fan.balance.posterior": Text("posterior weight r", "后验权重 r"),
    "fan.balance.caption": Text(
        "The marginal velocity −fₜ(x) is the balance point (▲): the mean of the conditional "
        "velocities, weighted by r. All point the way generation goes, as the arrows do.",
        "边缘速度 −fₜ(x) 就是平衡点（▲）：条件速度以 r 为权的加权平均。"
        "它们都指向生成的方向，与图中箭头一致。",
    ),
    "fan.balance.caption.denoiser": Text(
        "The denoiser E[x₀|x] is the balance point (▲): the mean of the data points, weighted by "
        "r.",
        "去噪结果 E[x₀|x] 就是平衡点（▲）：数据点以 r 为权的加权平均。",
    ),
    "fan.balance.caption.noise": Text(
        "The noise E[x₁|x] is the balance point (▲): the mean of the prior samples that lead here "
        "from each data point, weighted by r.",
        "噪声 E[x₁|x] 就是平衡点（▲）：从各数据点通向此处的先验样本以 r 为权的加权平均。",
    ),
    "fan.balance.caption.score": Text(
        "The score ∇log pₜ(x) is the balance point (▲): the mean of the conditional scores, "
        "weighted by r.",
        "得分 ∇log pₜ(x) 就是平衡点（▲）：条件得分以 r 为权的加权平均。",
    ),
    # Checks.
    "checks.title": Text("Is it right?", "算得对吗？"),
    "checks.mass": Text("∫ pₜ dx stays 1", "∫ pₜ dx 恒为 1"),
    "checks.mass.why": Text(
        "The largest distance from 1 at several times, by quadrature of the density. What the "
        "quadrature leaves open is part of the bound.",
        "对密度数值积分，取若干时刻与 1 的最大偏差；求积未能确定的部分已计入上限。",
    ),
    "checks.mass.bad": Text(
        "The integral of pₜ misses 1: the density has features too sharp for the quadrature. The "
        "trajectories are not affected.",
        "pₜ 的数值积分偏离 1：密度有过于尖锐的结构，求积公式分辨不了。轨迹不受影响。",
    ),
    "checks.conservation": Text(
        "Fₜ(xₜ) = F₁(x₁) along each trajectory", "沿每条轨迹 Fₜ(xₜ) = F₁(x₁)"
    ),
    "checks.conservation.why": Text(
        "Fₜ is the cumulative distribution function. In one dimension trajectories cannot cross, "
        "so the probability below each one stays the same.",
        "Fₜ 是累积分布函数。一维的轨迹互不相交，所以每条轨迹下方的概率保持不变。",
    ),
    "checks.conservation.bad": Text(
        "A trajectory left its level: it starts too close to the boundary between two basins for "
        "double precision.",
        "有轨迹偏离了它的累积概率：起点离两个吸引域的分界点太近，超出了双精度的分辨能力。",
    ),
    "checks.continuity": Text("∂ₜpₜ + ∂ₓ(fₜpₜ) = 0", "∂ₜpₜ + ∂ₓ(fₜpₜ) = 0"),
    "checks.continuity.why": Text(
        "Residual of the continuity equation by automatic differentiation, at random points of "
        "the flow; relative where its terms add up to more than 1.",
        "在流中随机取点，用自动微分计算连续性方程的残差；各项绝对值之和超过 1 处取相对值。",
    ),
    "checks.continuity.bad": Text(
        "Above the bound: near an edge of the prior, derivatives of the density lose accuracy.",
        "超出上限：在先验密度的边界附近，导数会损失精度。",
    ),
    "checks.value": Text("{value} (bound {bound})", "{value}（上限 {bound}）"),
}
