"""What is said otherwise where readers prefer flow matching's time, in which t = 1 is the data.

An entry ``x`` of another topic is said with its indices and times turned (`shown_text`). Where a
sign, a direction or a formula in t changes with them, ``flow_matching.x`` is here.
"""

from flowviz.text.entry import Text

_TURNED: dict[str, Text] = {
    "fan.show.arrows": Text("Velocity fₜ", "速度 fₜ"),
    "fan.show.arrows.help": Text(
        "Arrows point from the prior to the data, as generation runs. This is fₜ itself, because "
        "fₜ is dx/dt and t increases on the way.",
        "箭头从先验指向数据，与生成的方向一致。fₜ 是 dx/dt，途中 t 增大，所以画的就是 fₜ。",
    ),
    "fan.query.start": Text(
        "At t = 1 all the probability sits on the data points, so there is no density to read. "
        "Choose an earlier time.",
        "t = 1 时概率全部集中在数据点上，没有密度可读。请选更早的时刻。",
    ),
    "fan.velocity": Text("fₜ", "fₜ"),
    "fan.query.table.velocity": Text("Velocity fₜ(x|x₁)", "速度 fₜ(x|x₁)"),
    "fan.balance.velocity": Text(
        "conditional velocity fₜ(x|x₁), the way generation goes", "条件速度 fₜ(x|x₁)（生成方向）"
    ),
    "fan.balance.caption": Text(
        "The marginal velocity fₜ(x) is the balance point (▲): the mean of the conditional "
        "velocities, weighted by r. All point the way generation goes, as the arrows do.",
        "边缘速度 fₜ(x) 就是平衡点（▲）：条件速度以 r 为权的加权平均。"
        "它们都指向生成的方向，与图中箭头一致。",
    ),
    "plane.caption.2": Text(
        "Small dots: samples of the prior on their way to the data (t from 0 to 1).",
        "小圆点：从先验出发、正走向数据的样本（t 从 0 到 1）。",
    ),
    "plane.view.arrows": Text("Velocity fₜ", "速度 fₜ"),
    "plane.views.help": Text(
        "Basins: each position has the colour of the data point that a sample starting there "
        "reaches. Single-point trajectories: where each particle would go if its data point were "
        "the only one; superposing all points bends them. Velocity: arrows show where the "
        "particles go, from the prior to the data. This is fₜ itself, because t increases on the "
        "way. No arrow where pₜ is almost 0.",
        "吸引域：每个位置的颜色，表示从那里出发的样本会到达哪个数据点。单点轨迹："
        "假如只有那一个数据点，粒子会走的轨迹；所有点叠加后轨迹就弯了。速度："
        "箭头指向粒子前进的方向（从先验到数据）；途中 t 增大，所以画的就是 fₜ。"
        "pₜ 几乎为 0 处不画箭头。",
    ),
    "plane.query.caption": Text(
        "Each arrow is the velocity fₜ(x|x₁) of one data point; the larger its posterior weight, "
        "the bolder. The dashed arrow is their weighted mean fₜ(x), the direction in which "
        "particles move here.",
        "每支箭头是一个数据点的速度 fₜ(x|x₁)，后验权重越大越粗。虚线箭头是它们的加权平均 fₜ(x)，"
        "也就是粒子在此处的运动方向。",
    ),
    "term.time.tip": Text(
        "t = 0 is the prior, t = 1 the data; generation runs from 0 to 1, as in flow-matching "
        "papers. (The diffusion literature runs it the other way.)",
        "t = 0 是先验，t = 1 是数据；生成从 0 走到 1，与流匹配的论文一致。"
        "（扩散模型的文献方向相反。）",
    ),
    "images.errors.about": Text(
        "Noise is added to {held} held-out images, and each model removes it as well as it can. "
        "Far from the data (small t) the exact posterior mean is the best of all. Near the data "
        "(large t) it is the worst: it puts all its weight on one training image, which is the "
        "wrong one. A model that generalises has to stop being exact.",
        "给 {held} 幅留出图像加噪，让各模型尽力去除。离数据远（t 小）时，精确的后验均值最好；"
        "离数据近（t 大）时，它反而最差：全部权重都压在一幅训练图像上，而那幅并不对。"
        "模型要能泛化，就不能再精确。",
    ),
    "learn.panel.learned": Text("Learned: arrows vθ", "学到的：箭头 vθ"),
    "learn.panel.exact": Text("Exact: arrows fₜ", "精确的：箭头 fₜ"),
    "learn.flows.line": Text(
        "Both start from the same samples. Colours: the data point that the exact flow reaches. "
        "Arrows point from the prior to the data, along time (vθ and fₜ). The error is relative "
        "to the typical speed at each time, and left blank where pₜ is almost 0, because no "
        "training example comes from there.",
        "两者从相同的样本出发。颜色：精确的流所到达的数据点。箭头从先验指向数据，"
        "与时间方向相同（vθ 与 fₜ）。误差相对于各时刻的典型速度；pₜ 几乎为 0 处留空，"
        "因为那里没有训练样本。",
    ),
    "learn.flows.plane": Text(
        "Both start from the same samples and share one clock. Colours: the data point that the "
        "exact flow reaches. Arrows point from the prior to the data, along time (vθ and fₜ). "
        "The error is relative to the typical speed at that time, and left blank where pₜ is "
        "almost 0.",
        "两者从相同的样本出发，时间同步。颜色：精确的流所到达的数据点。箭头从先验指向数据，"
        "与时间方向相同（vθ 与 fₜ）。误差相对于该时刻的典型速度；pₜ 几乎为 0 处留空。",
    ),
    "field.learn_t_min": Text("Largest time t", "最大时刻 t"),
    "green.caption.3": Text(
        "Query point: drag it. The bold line is the trajectory through it; the arrow is fₜ, the "
        "way generation goes.",
        "查询点：可以拖动。粗线是经过它的轨迹；箭头是 fₜ，即生成的方向。",
    ),
    "green.hint.line": Text(
        "Drag x₁ on the left edge, and the query point (t, x). The bold line is the trajectory "
        "through the query point; the arrow is fₜ there, the way generation goes.",
        "拖动左边的 x₁ 和查询点 (t, x)。粗线是经过查询点的轨迹；箭头是该处的 fₜ，即生成的方向。",
    ),
    "green.hint.plane": Text(
        "Drag x₁ and the query point. The bold line is the trajectory that passes the query point "
        "at time t; the arrow is fₜ there, the way generation goes.",
        "拖动 x₁ 和查询点。粗线是在时刻 t 经过查询点的轨迹；箭头是该处的 fₜ，即生成的方向。",
    ),
    "green.why": Text("Why −d/(1 − t)?", "为什么是 −d/(1 − t)？"),
    "green.why.text": Text(
        "For straight lines f = (x₁ − x)/(1 − t), and each coordinate adds −1/(1 − t): in d "
        "dimensions the divergence is **−d/(1 − t)**, not −1/(1 − t). A small box carried by the "
        "flow shows why: each of its d side lengths is proportional to 1 − t, so its volume is "
        "proportional to 1 − t to the power d, and the divergence is the growth rate of the "
        "logarithm of the volume: it shrinks. Measured at t = {t}:",
        "对直线族，f = (x₁ − x)/(1 − t)，每个坐标贡献 −1/(1 − t)：d 维的散度是 **−d/(1 − t)**，"
        "而不是 −1/(1 − t)。看一个随流而动的小盒子就明白了：它在 d 个方向上的边长都正比于 1 − t，"
        "体积正比于 1 − t 的 d 次方，而散度正是体积对数的增长率，这里是在收缩。"
        "在 t = {t} 处测得：",
    ),
    "path.per_axis.about": Text(
        "Horizontal and vertical run on different clocks: each uses its own power of 1 − t.",
        "横向与纵向的进度不同：各用 1 − t 的不同次幂。",
    ),
    "dataset.near_and_far.about": Text(
        "Close points are told apart only near the end, as t nears 1.",
        "相近的两点直到最后、t 接近 1 时才分得开。",
    ),
    "solvers.grid.custom": Text(
        "Steps are chosen automatically up to t = {last}; one Euler step covers the rest.",
        "自动选择步长，直到 t = {last}；余下的用一个欧拉步走完。",
    ),
    "solver.dopri5.about": Text(
        "Two methods in one: their difference estimates the error, and the step size follows "
        "from it, but is never below (1 − t)/50. Rejected steps count too.",
        "两种方法合一：二者之差用来估计误差，步长随之增减，但不短于 (1 − t)/50。"
        "被拒绝的步也计入求值次数。",
    ),
    "solvers.others": Text(
        "This family is not of the form αx₁ + σx₀. The exponential methods treat it as straight "
        "lines, with D = x + (1 − t)·fₜ(x) in log(1 − t). This stays finite up to t = 1, but is "
        "exact for a single data point only if its trajectories are straight.",
        "这个轨迹族不是 αx₁ + σx₀ 的形式。指数类方法把它当作直线族处理："
        "在 log(1 − t) 中取 D = x + (1 − t)·fₜ(x)。这样直到 t = 1 都有限，但只有轨迹确为直线时，"
        "对单个数据点才精确。",
    ),
    "solvers.last": Text("Largest time below 1", "1 之前的最大时刻"),
    "solvers.last.help": Text(
        "Steps of equal ratio never reach 1: the grid goes up to this time, and one more step "
        "covers the rest.",
        "等比的步长永远到不了 1：网格取到这个时刻，余下的再用一步走完。",
    ),
    "field.solver_last": Text("Largest time below 1", "1 之前的最大时刻"),
    "schedule.linear.about": Text(
        "Each sample moves in a straight line to its data point at constant speed: α = t, σ = 1 "
        "− t.",
        "每个样本沿直线匀速走向数据点：α = t，σ = 1 − t。",
    ),
    "schedule.cosine.about": Text(
        "(α, σ) moves along a quarter circle, α² + σ² = 1: α = sin(πt/2), σ = cos(πt/2).",
        "(α, σ) 沿四分之一圆弧移动，α² + σ² = 1：α = sin(πt/2)，σ = cos(πt/2)。",
    ),
    "schedule.quadratic.about": Text(
        "Still a straight line from x₀ to x₁, but slower near the data: α = 1 − (1 − t)², σ = (1 "
        "− t)².",
        "从 x₀ 到 x₁ 仍走直线，但越近数据越慢：α = 1 − (1 − t)²，σ = (1 − t)²。",
    ),
    "schedule.cubic.about": Text(
        "Slower still near the data: α = 1 − (1 − t)³, σ = (1 − t)³.",
        "临近数据时更慢：α = 1 − (1 − t)³，σ = (1 − t)³。",
    ),
    "param.bmin": Text("Noise rate at the data, β(1)", "数据端的噪声率 β(1)"),
    "param.bmax": Text("Noise rate at the prior, β(0)", "先验端的噪声率 β(0)"),
    "green.axis.divergence.size": Text("−∇·f", "−∇·f"),
    "demo.gravity.lens": Text(
        "So the trajectories are the straight lines x = x₁ + T z, and z has Student's t "
        "distribution with **one degree of freedom** (Cauchy; in the plane the isotropic one). At "
        "the time 1/(1 + T), all lengths divided by 1 + T, they are the straight lines of this "
        "page.",
        "所以轨迹是直线 x = x₁ + T z，而 z 服从**自由度为 1** 的学生 t 分布"
        "（柯西分布；二维时取各向同性的那个）。取时刻 1/(1 + T)，并把长度都除以 1 + T，"
        "就是本页的直线族。",
    ),
}

ENTRIES: dict[str, Text] = {f"flow_matching.{key}": text for key, text in _TURNED.items()}
