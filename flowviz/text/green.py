"""The page on one point: its Green's function, derived step by step."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # Settings.
    "field.green_x0": Text("Data point x₀", "数据点 x₀"),
    "field.green_a": Text("Data point x₀: horizontal", "数据点 x₀：横坐标"),
    "field.green_b": Text("Data point x₀: vertical", "数据点 x₀：纵坐标"),
    "field.green_t": Text("Query point: time t", "查询点：时刻 t"),
    "field.green_x": Text("Query point: position x", "查询点：位置 x"),
    "field.green_u": Text("Query point: horizontal", "查询点：横坐标"),
    "field.green_v": Text("Query point: vertical", "查询点：纵坐标"),
    "field.green_lines": Text("Number of trajectories", "轨迹条数"),
    "field.green_bend": Text("How much it bends", "弯曲程度"),
    # The page.
    "green.title": Text("Green's function: the flow of a single point", "格林函数：单个点的流"),
    "green.lead": Text(
        "Take **one** data point x₀ and **any** family of trajectories that joins it with the "
        "prior. Velocity, divergence and density then follow by calculation, step by step below. "
        "Choose a family on the left or type your own; the flow of many points is a superposition "
        "of such single-point flows.",
        "取**一个**数据点 x₀，以及把它与先验连起来的**任意**一族轨迹，"
        "速度、散度、密度就都随之确定，推导见下面各步。请在左侧选一族轨迹，或自己写一个；"
        "多个数据点的流，就是这种单点流的叠加。",
    ),
    # What the picture shows.
    "green.caption.1": Text(
        "The data point x₀: all trajectories meet here at t = 0.",
        "数据点 x₀：t = 0 时所有轨迹汇聚于此。",
    ),
    "green.caption.2": Text(
        "The prior (t = 1): each trajectory belongs to one sample x₁.",
        "先验（t = 1）：每条轨迹对应一个样本 x₁。",
    ),
    "green.caption.3": Text(
        "Query point: drag it. The bold line is the trajectory through it; the arrow is −fₜ, the "
        "way generation goes.",
        "查询点：可以拖动。粗线是经过它的轨迹；箭头是 −fₜ，即生成的方向。",
    ),
    "green.family": Text("Family of trajectories", "轨迹族"),
    "green.place": Text("Data point and query point", "数据点与查询点"),
    # Step 1.
    "green.step.lines": Text("1 · Trajectories through x₀", "一、过 x₀ 的轨迹"),
    "green.lines": Text(
        "Each x₁ picks one trajectory: it is at x₀ when t = 0 and at x₁ when t = 1. Written for "
        "the position it is x = ψ(x₁); solved for x₁ it is x₁ = φ(x).",
        "每个 x₁ 对应一条轨迹：t = 0 时在 x₀，t = 1 时在 x₁。"
        "写成位置的表达式是 x = ψ(x₁)，反解出 x₁ 就是 x₁ = φ(x)。",
    ),
    "green.lines.alt": Text(
        "{n} {n:trajectory|trajectories} from the data point x₀ = {x0} to the prior; the one "
        "through the query point x = {x} at t = {t} is marked",
        "从数据点 x₀ = {x0} 到先验的 {n} 条轨迹，其中标出经过查询点 x = {x}（t = {t}）的一条",
    ),
    "green.lines.title": Text("Trajectories through x₀", "过 x₀ 的轨迹"),
    "green.hint.line": Text(
        "Drag x₀ on the left edge, and the query point (t, x). The bold line is the trajectory "
        "through the query point; the arrow is −fₜ there, the way generation goes.",
        "拖动左边的 x₀ 和查询点 (t, x)。粗线是经过查询点的轨迹；箭头是该处的 −fₜ，即生成的方向。",
    ),
    "green.hint.plane": Text(
        "Drag x₀ and the query point. The bold line is the trajectory that passes the query point "
        "at time t; the arrow is −fₜ there, the way generation goes.",
        "拖动 x₀ 和查询点。粗线是在时刻 t 经过查询点的轨迹；箭头是该处的 −fₜ，即生成的方向。",
    ),
    "green.keys": Text("The arrow keys move them too.", "也可用方向键移动。"),
    "green.handle.x0": Text("Data point x₀", "数据点 x₀"),
    "green.handle.query": Text("Query point", "查询点"),
    # Legal or not.
    "green.valid": Text("Is the family valid?", "这族轨迹有效吗？"),
    "green.valid.yes": Text("Valid: no problem was found.", "有效：没有发现问题。"),
    "green.valid.refused": Text(
        "The formula in the box cannot be read, so it was not checked. The picture is that of the "
        "formula before.",
        "无法读懂框中的公式，因此没有检查。图中仍是之前的公式。",
    ),
    "green.valid.no": Text("Not valid.", "无效。"),
    "green.valid.no.line": Text(
        "Not valid. The red marks in the picture show where.", "无效。图中的红色标记指出了位置。"
    ),
    "green.valid.no.plane": Text(
        "Not valid. The red cross marks the worst point, the red dots where trajectories cross at "
        "time t.",
        "无效。红叉标出最严重的一点，红点标出时刻 t 轨迹相交的位置。",
    ),
    "green.valid.nothing": Text(
        "This family has no values here, so it cannot be checked.",
        "这族轨迹在这里没有取值，无法检查。",
    ),
    "green.valid.sampled": Text(
        "Checked at {ends:,} endpoints x₁, {points} {points:data point|data points} and {times} "
        "times. A grid can find faults; it cannot prove that there are none.",
        "检查了 {ends:,} 个端点 x₁、{points} 个数据点、{times} 个时刻。"
        "网格检查能发现问题，但不能证明没有问题。",
    ),
    "green.relabelled": Text(
        "At t = 1 the position is a function of x₁, not x₁ itself. The family is valid, but the "
        "distribution there is no longer the prior you chose. Steps 4 and 5 need the two to agree.",
        "t = 1 时的位置是 x₁ 的某个函数，而不是 x₁ 本身。"
        "这族轨迹仍然有效，但那里的分布不再是所选的先验。第四、五步要求两者一致。",
    ),
    "green.rule.start": Text("All pass through x₀ at t = 0: ψ₀ = x₀", "t = 0 时都经过 x₀：ψ₀ = x₀"),
    "green.rule.end": Text(
        "The positions at t = 1 do not depend on x₀", "t = 1 时的位置与 x₀ 无关"
    ),
    "green.rule.invertible": Text(
        "Only one through each point: det ∂ψ/∂x₁ keeps its sign", "每点只过一条：det ∂ψ/∂x₁ 不变号"
    ),
    "green.rule.finite": Text("Values and derivatives are finite", "取值与导数都有限"),
    "green.rule.continuous": Text(
        "Neighbours stay neighbours: nothing is torn", "相邻的始终相邻：没有撕裂"
    ),
    "green.caustic": Text(
        "a caustic: det ∂ψ/∂x₁ = 0, trajectories cross", "焦散：det ∂ψ/∂x₁ = 0，轨迹相交"
    ),
    "green.bad.start": Text(
        "The trajectory of x₁ = {x1} misses x₀ by {value} at t = 0: the data point would be "
        "smeared out.",
        "x₁ = {x1} 的那条轨迹在 t = 0 时偏离 x₀ 达 {value}：数据点会被抹开。",
    ),
    "green.bad.end": Text(
        "For x₁ = {x1} the trajectories of two data points are {value} apart at t = 1: there is "
        "no single prior.",
        "取 x₁ = {x1}，两个数据点的轨迹在 t = 1 时相距 {value}：先验就不是同一个了。",
    ),
    "green.bad.invertible": Text(
        "At t = {t}, x = {x} the determinant is {value}: trajectories cross there, and a point on "
        "two of them would have two velocities.",
        "在 t = {t}、x = {x} 处行列式为 {value}：轨迹在此相交，同一点会有两个速度。",
    ),
    "green.bad.meet": Text(
        "At t = {t}, x = {x}, solving for x₁ gives another x₁ than the one it came from: two "
        "trajectories meet there.",
        "在 t = {t}、x = {x} 处反解得到的 x₁ 不是原来那个：两条轨迹在此相遇。",
    ),
    "green.bad.lost": Text(
        "At t = {t}, x = {x} no x₁ was found although one exists: the inverse is too complicated "
        "for Newton's method.",
        "在 t = {t}、x = {x} 处没能求出 x₁（它确实存在）：反函数太复杂，牛顿法不收敛。",
    ),
    "green.bad.continuous": Text(
        "At t = {t}, x = {x} the family jumps by {value}: neighbours are torn apart, "
        "and no velocity carries them there.",
        "在 t = {t}、x = {x} 处，这族轨迹跳了 {value}：相邻的轨迹被撕开，没有速度能把它们带过去。",
    ),
    "green.bad.finite": Text(
        "At t = {t} for x₁ = {x1} the value is not finite; this is so at {fraction} of the points "
        "checked.",
        "在 t = {t}、x₁ = {x1} 处取值不是有限的；检查过的点中有 {fraction} 如此。",
    ),
    # Steps 2 and 3.
    "green.step.velocity": Text("2 · Differentiate: the velocity", "二、求导：得到速度"),
    "green.velocity": Text(
        "Along a trajectory φ keeps its value x₁. So its total derivative is 0, and that is an "
        "equation for the velocity.",
        "沿一条轨迹，φ 恒等于 x₁。于是它的全导数为 0，由此解出速度。",
    ),
    "green.nowhere": Text(
        "No trajectory from the prior passes through this point: the density is 0. Move the query "
        "point.",
        "没有来自先验的轨迹经过这一点，密度为 0。请移动查询点。",
    ),
    "green.step.divergence": Text("3 · Its divergence", "三、速度的散度"),
    "green.divergence": Text(
        "How fast a small volume carried by the flow expands there, relative to its size.",
        "随流而动的一小块体积在该点的相对膨胀率。",
    ),
    "green.why": Text("Why d/t?", "为什么是 d/t？"),
    "green.why.text": Text(
        "For straight lines f = (x − x₀)/t, and each coordinate adds 1/t: in d dimensions the "
        "divergence is **d/t**, not 1/t. A small box carried by the flow shows why: each of its d "
        "side lengths is proportional to t, so its volume is proportional to t to the power d, "
        "and the divergence is the growth rate of the logarithm of the volume. Measured at t = "
        "{t}:",
        "对直线族，f = (x − x₀)/t，每个坐标贡献 1/t：d 维的散度是 **d/t**，而不是 1/t。"
        "看一个随流而动的小盒子就明白了：它在 d 个方向上的边长都正比于 t，体积正比于 t 的 d 次方，"
        "而散度正是体积对数的增长率。在 t = {t} 处测得：",
    ),
    "green.why.d": Text("Dimension", "维数"),
    "green.why.divergence": Text("Divergence", "散度"),
    "green.why.rate": Text("Growth of log volume", "体积对数的增长率"),
    "green.why.volume": Text("Volume", "体积"),
    "green.why.alt": Text(
        "Divergence of the straight-line velocity field, and volume of a shrinking box, in 1, 2, "
        "3 and 16 dimensions",
        "1、2、3、16 维中直线族速度场的散度与收缩盒子的体积",
    ),
    # Step 4.
    "green.step.characteristic": Text(
        "4 · Integrate along a characteristic: the density", "四、沿特征线积分：得到密度"
    ),
    "green.characteristic": Text(
        "Follow the velocity from the query point to t = 1, adding up the divergence along the "
        "characteristic. Besides the velocity, only the prior's density at x₁ is needed.",
        "从查询点沿速度走到 t = 1，一路累加散度（这条轨迹就是特征线）。"
        "除了速度场，只需要 x₁ 处的先验密度。",
    ),
    "green.characteristic.alt": Text(
        "The divergence along the characteristic and its integral", "特征线上的散度及其积分"
    ),
    "green.characteristic.invalid": Text(
        "This step needs a valid family with ψ₁ = x₁.",
        "这一步需要有效且满足 ψ₁ = x₁ 的轨迹族。",
    ),
    "green.characteristic.lost": Text(
        "The velocity could not be followed from here to t = 1.", "从此处沿速度走不到 t = 1。"
    ),
    # Step 5.
    "green.step.curves": Text(
        "5 · The same density by a change of variables", "五、用变量替换再算一遍密度"
    ),
    "green.curves": Text(
        "The second way needs no integral: φ maps the query point to x₁, and the determinant says "
        "by how much volume is stretched. Both results are drawn along x at time t = {t}.",
        "第二种方法不用积分：φ 把查询点映射到 x₁，行列式给出体积的伸缩倍数。"
        "两种结果都画在时刻 t = {t}、沿 x 方向。",
    ),
    "green.curves.cut": Text("The height is y = {y}.", "高度取 y = {y}。"),
    "green.curves.gap": Text(
        "Largest difference: **{gap}** (highest density: {top}).",
        "最大差异：**{gap}**（密度最大值为 {top}）。",
    ),
    "green.curves.lost": Text(
        "At {n} of the positions the velocity could not be followed to t = 1.",
        "有 {n} 个位置无法沿速度走到 t = 1。",
    ),
    "green.curves.alt": Text(
        "The density found in two ways, and the difference between them",
        "用两种方法求得的密度及其差异",
    ),
    "green.curves.changed": Text(
        "change of variables, p₁(φ) |det ∂φ/∂x|", "变量替换 p₁(φ) |det ∂φ/∂x|"
    ),
    "green.curves.followed": Text("along characteristics", "沿特征线"),
    # Step 6.
    "green.step.density": Text(
        "6 · The density at all positions and times", "六、所有位置与时刻的密度"
    ),
    "green.density.line": Text(
        "This is the Green's function: all probability is at x₀ when t = 0 and becomes the prior "
        "at t = 1. Move the time below the picture: the curve on the right is the density at that "
        "time.",
        "这就是格林函数：t = 0 时全部概率都在 x₀，t = 1 时变成先验。"
        "拖动图下的时间，右侧曲线就是那一刻的密度。",
    ),
    "green.density.plane": Text(
        "This is the Green's function: all probability is at x₀ when t = 0 and becomes the prior "
        "at t = 1. Move the time below the picture, or press play. Colours are relative to the "
        "highest density at that time.",
        "这就是格林函数：t = 0 时全部概率都在 x₀，t = 1 时变成先验。拖动图下的时间，或按播放。"
        "颜色相对于该时刻的最高密度。",
    ),
    "green.density.title": Text("Green's function pₜ(x|x₀)", "格林函数 pₜ(x|x₀)"),
    "green.density.alt": Text(
        "The density of the one point x₀ = {x0} over time", "单个点 x₀ = {x0} 的密度随时间的变化"
    ),
    "green.invalid.density": Text(
        "Not a density: where several trajectories pass, only one of them is counted.",
        "这不是密度：几条轨迹同过一处时，只计了其中一条。",
    ),
    "green.invalid.residual": Text(
        "Between the folds (caustics) the equation may hold, but what it describes is not a "
        "density.",
        "在折叠（焦散）之间方程或许成立，但它描述的并不是密度。",
    ),
    # Step 7.
    "green.step.residual": Text("7 · The continuity equation", "七、连续性方程"),
    "green.residual": Text(
        "The residual of the equation (it should be 0), by automatic differentiation at every "
        "point of the picture.",
        "方程的残差（应为 0），用自动微分在图中逐点计算。",
    ),
    "green.residual.time": Text("The picture shows the time t = {t}.", "图中为时刻 t = {t}。"),
    "green.residual.alt": Text("Size of the continuity residual", "连续性方程残差的大小"),
    # More complicated.
    "green.step.superposition": Text("More complicated?", "再复杂些？"),
    "green.superposition": Text(
        "A single point's trajectories may be bent in any way and stay as simple as before. When "
        "points are superposed, the bends interfere. Here **{family}** is bent by its parameter "
        "“{name}”. Compared with straight lines, the trajectories are **{length}** times as long "
        "and turn **{turning}** times as much.",
        "单个点的轨迹怎么弯都不会更复杂；但多个点叠加之后，弯曲会互相干扰。"
        "这里用参数“{name}”弯曲**{family}**。"
        "与直线族相比，轨迹长度是它的 **{length}** 倍，总转角是它的 **{turning}** 倍。",
    ),
    "green.superposition.many": Text(
        "Only the first {n} data points are superposed here.", "这里只叠加前 {n} 个数据点。"
    ),
    "green.superposition.invalid": Text(
        "Bent this far, the family is no longer valid, or it winds so much that following it "
        "would take too long.",
        "弯到这个程度，这族轨迹已经无效，或者绕得太厉害，计算耗时过长。",
    ),
    "green.superposition.alt": Text(
        "Trajectories of the superposed flow, straight and bent", "叠加流的轨迹：直的与弯的"
    ),
    "green.growth.alt": Text(
        "Length and turning beside the straight family's, over the strength of the bend",
        "相对直线族的长度与转弯随弯曲程度的变化",
    ),
    "green.superposition.straight": Text("straight", "直"),
    "green.superposition.bent": Text("bent", "弯"),
    "green.superposition.length": Text("length", "长度"),
    "green.superposition.turning": Text("total turning", "总转角"),
    "green.superposition.times": Text("relative to straight", "与直线族之比"),
    "green.superposition.strength": Text("strength", "弯曲程度"),
    # Axes.
    "green.axis.t": Text(
        "← data        time t        prior →", "← 数据        时刻 t        先验 →"
    ),
    "green.axis.time": Text("time t", "时刻 t"),
    "green.axis.x": Text("x", "x"),
    "green.axis.y": Text("y", "y"),
    "green.axis.divergence": Text("∇·f", "∇·f"),
    "green.axis.divergence.size": Text("∇·f", "∇·f"),
    "green.axis.gained": Text("its integral", "它的积分"),
    "green.axis.gap": Text("difference", "差异"),
    "green.axis.volume": Text("volume", "体积"),
    "green.axis.slice": Text("pₜ(x|x₀)", "pₜ(x|x₀)"),
    "green.axis.size": Text("|residual|", "|残差|"),
}
