"""The page on one point: its Green's function, derived step by step."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # Settings.
    "field.green_x0": Text("Data point x₀", "数据点 x₀"),
    "field.green_a": Text("Data point x₀, across", "数据点 x₀（横）"),
    "field.green_b": Text("Data point x₀, up", "数据点 x₀（纵）"),
    "field.green_t": Text("Time t of the place", "所看之处的时刻 t"),
    "field.green_x": Text("Position x of the place", "所看之处的位置 x"),
    "field.green_u": Text("Position of the place, across", "所看之处的位置（横）"),
    "field.green_v": Text("Position of the place, up", "所看之处的位置（纵）"),
    "field.green_lines": Text("Number of trajectories", "轨迹条数"),
    "field.green_bend": Text("How much it bends", "弯曲程度"),
    # The page.
    "green.title": Text("Green's function: one point", "格林函数：一个点"),
    "green.lead": Text(
        "Take **one** data point x₀ and **any** family of trajectories that leads from it to the "
        "prior. Everything else follows by itself: the velocity, its divergence, the density. "
        "Choose a family at the left, or type your own.",
        "取**一个**数据点 x₀，以及从它通向先验的**任意**一族轨迹。其余的都会自己出来："
        "速度、散度、密度。请在左侧选一族轨迹，或者自己写一个。",
    ),
    "green.family": Text("Trajectories", "轨迹族"),
    "green.place": Text("Data point and place", "数据点与所看之处"),
    # Step 1.
    "green.step.lines": Text("1 · Trajectories through x₀", "一、过 x₀ 的轨迹"),
    "green.lines": Text(
        "Each value of x₁ picks one member: it leaves x₀ at t = 0 and is at x₁ when t = 1. Solved "
        "for its free end, the family is φ; solved for the position, it is ψ.",
        "每个 x₁ 选出一条：t = 0 时离开 x₀，t = 1 时到达 x₁。解出自由端，就是 φ；"
        "解出位置，就是 ψ。",
    ),
    "green.lines.alt": Text(
        "Trajectories from the data point x₀ to the prior, with the one through the chosen place",
        "从数据点 x₀ 到先验的轨迹，其中标出经过所选之处的一条",
    ),
    "green.hint.line": Text(
        "Drag x₀ on the left edge, and the place (t, x); or use arrow keys. The bold line is the "
        "member through the place, the arrow its velocity.",
        "拖动左缘的 x₀ 和所看之处 (t, x)，也可用方向键。粗线是经过该处的那条轨迹，箭头是它的速度。",
    ),
    "green.hint.plane": Text(
        "Drag x₀ and the place; or use arrow keys. The bold line is the member that passes the "
        "place at time t, the arrow its velocity.",
        "拖动 x₀ 和所看之处，也可用方向键。粗线是在时刻 t 经过该处的那条轨迹，箭头是它的速度。",
    ),
    "green.handle.x0": Text("Data point x₀", "数据点 x₀"),
    "green.handle.place": Text("The place that is looked at", "所看之处"),
    # Legal or not.
    "green.legal": Text("Is the family legal?", "这族轨迹合法吗？"),
    "green.legal.yes": Text("Legal: nothing was found against it.", "合法：没有发现问题。"),
    "green.legal.no.line": Text(
        "Not legal. The red marks in the picture show where.", "不合法。图中的红色记号标出了位置。"
    ),
    "green.legal.no.plane": Text(
        "Not legal. The red marks in the picture show where: the cross the worst place, the dots "
        "where trajectories cross at time t.",
        "不合法。图中的红色记号标出了位置：叉是最严重的一处，点是时刻 t 轨迹相交之处。",
    ),
    "green.legal.nothing": Text(
        "This family has no values here: it cannot be looked at.",
        "这族轨迹在这里没有取值，无法检查。",
    ),
    "green.legal.sampled": Text(
        "Looked at {ends:,} free ends, {points} data points and {times} times. A grid finds what a "
        "picture would show; it proves nothing.",
        "检查了 {ends:,} 个自由端、{points} 个数据点、{times} 个时刻。"
        "网格只能发现图上看得出的问题，并不构成证明。",
    ),
    "green.relabelled": Text(
        "At t = 1 the trajectories do not end at x₁ itself but at a function of it: legal, only "
        "the law there is no longer the prior as it was chosen. Steps 4 and 5 need it unchanged.",
        "t = 1 时轨迹的终点不是 x₁ 本身，而是它的函数：合法，只是那里的分布不再是所选的先验。"
        "第四、五步需要两者一致。",
    ),
    "green.rule.start": Text("They all start at x₀: ψ₀ = x₀", "都从 x₀ 出发：ψ₀ = x₀"),
    "green.rule.end": Text("Where they end does not depend on x₀", "终点与 x₀ 无关"),
    "green.rule.invertible": Text(
        "One through each place: det ∂ψ/∂x₁ keeps its sign", "每处只过一条：det ∂ψ/∂x₁ 不变号"
    ),
    "green.rule.finite": Text("Values and slopes are numbers", "取值与斜率都是有限的数"),
    "green.rule.continuous": Text(
        "Neighbours stay neighbours: nothing is torn", "相邻的始终相邻：没有撕裂"
    ),
    "green.bad.start": Text(
        "The one to x₁ = {x1} is off by {value} at t = 0: the data point would be smeared out.",
        "通向 x₁ = {x1} 的那条在 t = 0 时差了 {value}：数据点会被抹开。",
    ),
    "green.bad.end": Text(
        "For x₁ = {x1} two data points end {value} apart at t = 1: there is no single prior.",
        "取 x₁ = {x1}，两个数据点的终点在 t = 1 时相差 {value}：先验就不是同一个了。",
    ),
    "green.bad.invertible": Text(
        "At t = {t}, x = {x} the determinant is {value}: trajectories cross there, and a place on "
        "two of them would have two velocities.",
        "在 t = {t}、x = {x} 处行列式为 {value}：轨迹在此相交，同在两条上的一处就会有两个速度。",
    ),
    "green.bad.meet": Text(
        "At t = {t}, x = {x} the way back leads to another x₁ than the one it came from: two "
        "trajectories meet there.",
        "在 t = {t}、x = {x} 处，反推得到的 x₁ 不是原来那个：两条轨迹在此相遇。",
    ),
    "green.bad.lost": Text(
        "At t = {t}, x = {x} no x₁ was found that leads there, although one does: the inverse is "
        "too entangled for Newton's method.",
        "在 t = {t}、x = {x} 处没能找到通向它的 x₁，尽管确实存在：反函数太曲折，牛顿法解不出来。",
    ),
    "green.bad.continuous": Text(
        "At t = {t}, x = {x} the family jumps by {value}: neighbours are torn apart, "
        "and no velocity carries them there.",
        "在 t = {t}、x = {x} 处，这族轨迹跳了 {value}：相邻的轨迹被撕开，没有速度能把它们带过去。",
    ),
    "green.bad.finite": Text(
        "At t = {t} for x₁ = {x1} there is no finite value; so it is at {share} of all places.",
        "在 t = {t}、x₁ = {x1} 处没有有限的值；这样的位置占全部的 {share}。",
    ),
    # Steps 2 and 3.
    "green.step.velocity": Text("2 · Differentiate: the velocity", "二、求导：得到速度"),
    "green.velocity": Text(
        "Along a trajectory φ keeps its value x₁. So its total derivative is 0, and that is an "
        "equation for the velocity.",
        "沿一条轨迹，φ 恒等于 x₁。于是它的全导数为 0，由此解出速度。",
    ),
    "green.nowhere": Text(
        "No trajectory from the prior passes this place: its density is 0. Move the place.",
        "没有来自先验的轨迹经过此处，密度为 0。请换一处看。",
    ),
    "green.step.divergence": Text("3 · Its divergence", "三、速度的散度"),
    "green.divergence": Text(
        "How fast a small box of probability is blown up there.", "一小盒概率在此处膨胀得多快。"
    ),
    "green.why": Text("Why d/t?", "为什么是 d/t？"),
    "green.why.text": Text(
        "For straight lines f = (x − x₀)/t, and each coordinate adds 1/t: in d dimensions the "
        "divergence is **d/t**, not 1/t. A box carried by the flow shows it. Each of its d sides "
        "is as long as t, so its volume is t to the power d, and the divergence is the rate at "
        "which the logarithm of the volume grows. Measured at t = {t}:",
        "对直线族，f = (x − x₀)/t，每个坐标贡献 1/t：d 维的散度是 **d/t**，而不是 1/t。"
        "随流而动的盒子说明了这一点：它有 d 条边，每条边长正比于 t，体积就是 t 的 d 次方，"
        "而散度正是体积的对数的增长率。在 t = {t} 处测得：",
    ),
    "green.why.d": Text("Dimension", "维数"),
    "green.why.divergence": Text("Divergence", "散度"),
    "green.why.rate": Text("Growth of log volume", "体积对数的增长率"),
    "green.why.volume": Text("Volume", "体积"),
    "green.why.alt": Text(
        "Divergence of the straight-line field and volume of a shrinking box, in 1, 2, 3 and 16 "
        "dimensions",
        "1、2、3、16 维中直线场的散度与收缩盒子的体积",
    ),
    # Step 4.
    "green.step.way": Text(
        "4 · Integrate along a characteristic: the density", "四、沿特征线积分：得到密度"
    ),
    "green.way": Text(
        "Follow the velocity from the place to t = 1, adding up the divergence on the way. Nothing "
        "is used but the velocity field.",
        "从所看之处沿速度走到 t = 1，一路累加散度。除了速度场，什么也没有用。",
    ),
    "green.way.alt": Text(
        "The divergence along the characteristic and its integral", "特征线上的散度及其积分"
    ),
    "green.way.illegal": Text(
        "This step needs a legal family that ends at x₁ itself.",
        "这一步需要一族合法的、终点就是 x₁ 的轨迹。",
    ),
    "green.way.lost": Text(
        "The velocity could not be followed from here to t = 1.", "从此处沿速度走不到 t = 1。"
    ),
    # Step 5.
    "green.step.curves": Text("5 · The same by a change of variables", "五、用变量替换再算一遍"),
    "green.curves": Text(
        "The other way needs no integral: φ carries the place to x₁, and the determinant says how "
        "much it stretches. Both are drawn along x, at time t = {t}.",
        "另一条路不用积分：φ 把所看之处变到 x₁，行列式给出伸缩的倍数。"
        "两者都画在时刻 t = {t}，沿 x 方向。",
    ),
    "green.curves.cut": Text("The height is y = {y}.", "高度取 y = {y}。"),
    "green.curves.gap": Text(
        "Largest difference: **{gap}**, beside a highest density of {top}.",
        "最大之差：**{gap}**，而密度的最大值为 {top}。",
    ),
    "green.curves.lost": Text(
        "At {n} of the positions the velocity could not be followed.",
        "有 {n} 个位置无法沿速度走到终点。",
    ),
    "green.curves.alt": Text(
        "The density found in two ways, and the difference between them",
        "用两种方法求得的密度及其差",
    ),
    "green.curves.changed": Text(
        "change of variables, p₁(φ) |det ∂φ/∂x|", "变量替换 p₁(φ) |det ∂φ/∂x|"
    ),
    "green.curves.followed": Text("along characteristics", "沿特征线"),
    # Step 6.
    "green.step.density": Text("6 · Everywhere and at all times", "六、处处、时时"),
    "green.density.line": Text(
        "This is the Green's function: all probability sits on x₀ at t = 0 and becomes the prior "
        "at t = 1. Move the time under the picture: the curve at the right is the density then.",
        "这就是格林函数：t = 0 时全部概率都在 x₀，t = 1 时变成先验。"
        "拖动图下的时间，右侧曲线就是那一刻的密度。",
    ),
    "green.density.plane": Text(
        "This is the Green's function: all probability sits on x₀ at t = 0 and becomes the prior "
        "at t = 1. Move the time under the picture, or press play. Colours are relative to the "
        "highest density of the moment.",
        "这就是格林函数：t = 0 时全部概率都在 x₀，t = 1 时变成先验。拖动图下的时间，或按播放。"
        "颜色以当时的最高密度为准。",
    ),
    "green.density.alt": Text("The density of the one point over time", "单个点的密度随时间的变化"),
    "green.illegal.density": Text(
        "Not a density: where several trajectories pass, only one of them is counted.",
        "这不是密度：几条轨迹同过一处时，只计了其中一条。",
    ),
    "green.illegal.residual": Text(
        "Between its folds the family may satisfy the equation, but what it describes is no "
        "density.",
        "在各个折痕之间方程或许成立，但它描述的并不是密度。",
    ),
    # Step 7.
    "green.step.residual": Text("7 · The continuity equation", "七、连续性方程"),
    "green.residual": Text(
        "What is left of the equation, measured by automatic differentiation at every place of the "
        "picture.",
        "用自动微分在图中每一处测量方程两边之差。",
    ),
    "green.residual.time": Text("The picture shows the time t = {t}.", "图中为时刻 t = {t}。"),
    "green.residual.alt": Text("Size of the continuity residual", "连续性方程残差的大小"),
    # More complicated.
    "green.step.tangle": Text("More complicated?", "更复杂了吗？"),
    "green.tangle": Text(
        "One point may be given any bend and stays as simple as before. Superpose the points of "
        "the other pages, and the bends interfere. Bent here: **{family}**, by its parameter "
        "“{name}”. Beside the straight family the trajectories are **{length}** times as long and "
        "turn **{turning}** times as much.",
        "单个点怎么弯都一样简单。把别的页面上的各点叠加起来，弯曲就会互相干扰。"
        "这里弯的是**{family}**的参数“{name}”。"
        "与直线族相比，轨迹的长度是它的 **{length}** 倍，总转角是它的 **{turning}** 倍。",
    ),
    "green.tangle.many": Text(
        "Only the first {n} data points are superposed here.", "这里只叠加前 {n} 个数据点。"
    ),
    "green.tangle.illegal": Text(
        "Bent so far the family is no longer legal, and the points have no common flow; or it "
        "winds so much that following it would take too long.",
        "弯到这个程度，这族轨迹已不合法，各点没有共同的流；或者它绕得太紧，跟踪下去耗时过长。",
    ),
    "green.tangle.alt": Text(
        "Trajectories of the superposed flow, straight and bent", "叠加流的轨迹：直的与弯的"
    ),
    "green.growth.alt": Text(
        "Length and turning beside the straight family's, over the strength of the bend",
        "相对直线族的长度与转弯随弯曲程度的变化",
    ),
    "green.tangle.straight": Text("straight", "直"),
    "green.tangle.bent": Text("bent", "弯"),
    "green.tangle.length": Text("length", "长度"),
    "green.tangle.turning": Text("total turning", "总转角"),
    "green.tangle.times": Text("times the straight", "与直线之比"),
    "green.tangle.strength": Text("strength", "弯曲程度"),
    # Axes.
    "green.axis.t": Text(
        "← data        time t        prior →", "← 数据        时刻 t        先验 →"
    ),
    "green.axis.time": Text("time t", "时刻 t"),
    "green.axis.x": Text("x", "x"),
    "green.axis.y": Text("y", "y"),
    "green.axis.divergence": Text("∇·f", "∇·f"),
    "green.axis.gained": Text("its integral", "它的积分"),
    "green.axis.gap": Text("difference", "差"),
    "green.axis.volume": Text("volume", "体积"),
    "green.axis.slice": Text("pₜ(x|x₀)", "pₜ(x|x₀)"),
    "green.axis.size": Text("size", "大小"),
}
