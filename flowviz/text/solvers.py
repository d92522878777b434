"""The Solvers page.

Keys: ``solver.<name>`` and ``solver.<name>.about`` for every entry of ``flowviz.core.solvers``,
``solvers.solver_grid.<name>`` for every one of ``flowviz.core.solvers.time_grids``.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "solvers.title": Text("Solvers: how many steps are enough?", "求解器：几步才够？"),
    "solvers.lead": Text(
        "To generate a sample, a solver follows the flow from the prior to the data in a few "
        "steps. Every evaluation of the velocity costs one call of the network, so fewer is "
        "better. Here the exact trajectories are known, and you see the error of each step.",
        "生成一个样本，就是用求解器沿着流从先验走到数据。"
        "每计算一次速度，就要调用一次网络，所以步数越少越好。"
        "这里精确轨迹是已知的，每一步的误差都看得见。",
    ),
    # What the picture shows.
    "solvers.caption.1": Text(
        "Thin lines: the exact trajectories.",
        "细线：精确轨迹。",
    ),
    "solvers.caption.2": Text(
        "Bold lines with dots: the solver's trajectories, one dot per step. ✕: wrong data point.",
        "带圆点的粗线：求解器的轨迹，每步一个点。✕：到达了错误的数据点。",
    ),
    "solvers.caption.3": Text(
        "All solvers: error against number of evaluations. Lower left is better.",
        "所有求解器：误差与求值次数。越靠左下越好。",
    ),
    # Settings, as sentences about them name them.
    "field.solver_flow": Text("Velocity field", "速度场"),
    "field.solver_method": Text("Solver", "求解器"),
    "field.solver_steps": Text("Number of steps", "步数"),
    "field.solver_digits": Text("Accuracy (digits)", "精度（位数）"),
    "field.solver_grid": Text("Time grid", "时间网格"),
    "field.solver_rho": Text("Exponent ρ of the grid", "网格指数 ρ"),
    "field.solver_last": Text("Smallest time above 0", "0 之前的最小时刻"),
    "field.solver_lines": Text("Number of particles drawn", "画出的粒子数"),
    "field.solver_step": Text("Steps shown", "显示到第几步"),
    "field.solver_measure": Text("Measure", "误差指标"),
    "field.solver_way": Text("Time of measurement", "测量时刻"),
    # Widgets.
    "solvers.solver_flow": Text("Velocity field", "速度场"),
    "solvers.solver_flow.exact": Text("exact", "精确的"),
    "solvers.solver_flow.learned": Text("learned", "学到的"),
    "solvers.solver_flow.none": Text(
        "Train a network for this scene on the page “Train”; then the solvers can also follow the "
        "learned flow.",
        "先在“训练网络”页为当前场景训练一个网络，就可以让求解器沿学到的流求解。",
    ),
    "solvers.method": Text("Solver", "求解器"),
    "solvers.steps": Text("Steps", "步数"),
    "solvers.steps.help": Text(
        "More steps cost more and miss less.", "步数越多，误差越小，成本越高。"
    ),
    "solvers.digits": Text("Accuracy (digits)", "精度（位数）"),
    "solvers.digits.help": Text(
        "n digits: this solver chooses its own steps so that the estimated error of each stays "
        "below 10⁻ⁿ (1 + |x|).",
        "n 位：求解器自动选择步长，使每步的估计误差不超过 10⁻ⁿ(1 + |x|)。",
    ),
    "solvers.solver_grid": Text("Time grid", "时间网格"),
    "solvers.grid.custom": Text(
        "Steps are chosen automatically down to t = {last}; one Euler step covers the rest.",
        "自动选择步长，直到 t = {last}；余下的用一个欧拉步走完。",
    ),
    "solvers.last": Text("Smallest time above 0", "0 之前的最小时刻"),
    "solvers.last.help": Text(
        "Steps of equal ratio never reach 0: the grid goes down to this time, and one more step "
        "covers the rest.",
        "等比的步长永远到不了 0：网格取到这个时刻，余下的再用一步走完。",
    ),
    "solvers.rho": Text("Exponent ρ", "指数 ρ"),
    "solvers.rho.help": Text(
        "ρ = 1 gives equal steps; the larger ρ, the more of them near the data.",
        "ρ = 1 时步长相等；ρ 越大，靠近数据处的步越密。",
    ),
    "solvers.lines": Text("Particles drawn", "画出的粒子数"),
    "solvers.settings": Text("Solve", "求解设置"),
    # The solvers.
    "solver.euler": Text("Euler", "欧拉"),
    "solver.euler.about": Text(
        "One step straight ahead with the velocity at its start.",
        "按这一步起点处的速度直走一步。",
    ),
    "solver.midpoint": Text("Midpoint", "中点"),
    "solver.midpoint.about": Text(
        "Go half a step, evaluate the velocity there, and use it for the whole step.",
        "先走半步，用那里的速度走完整步。",
    ),
    "solver.heun": Text("Heun", "Heun 法"),
    "solver.heun.about": Text(
        "The mean of the velocities at both ends of an Euler step. At t = 0 the velocity is not "
        "defined, so the last step is an Euler step.",
        "即改进欧拉法：取欧拉步两端速度的平均。t = 0 处速度没有定义，所以最后一步用欧拉步。",
    ),
    "solver.rk4": Text("Runge–Kutta 4", "龙格–库塔 4"),
    "solver.rk4.about": Text(
        "Four evaluations per step, weighted so that errors cancel up to fourth order. The last "
        "step to t = 0 is an Euler step.",
        "每步求值四次，加权后误差抵消到四阶。到 t = 0 的最后一步用欧拉步。",
    ),
    "solver.dopri5": Text("Dormand–Prince 5(4)", "Dormand–Prince 5(4)"),
    "solver.dopri5.about": Text(
        "Two methods in one: their difference estimates the error, and the step size follows from "
        "it, but is never below t/50. Rejected steps count too.",
        "两种方法合一：二者之差用来估计误差，步长随之增减，但不短于 t/50。"
        "被拒绝的步也计入求值次数。",
    ),
    "solver.ddim": Text("DDIM", "DDIM（指数欧拉）"),
    "solver.ddim.about": Text(
        "Exponential Euler: the linear part is integrated exactly; only the denoiser output D, "
        "the posterior mean of x₀, is held fixed during the step. With the linear schedule it is "
        "Euler's method.",
        "指数欧拉法：线性部分精确积分，只把去噪结果 D（x₀ 的后验均值）在这一步内视为不变。"
        "线性调度下它就是欧拉法。",
    ),
    "solver.dpm2": Text("Exponential midpoint", "指数中点"),
    "solver.dpm2.about": Text(
        "DDIM to the middle in log u (u = σ/(α + σ)); then the whole step with the denoiser "
        "output found there. In the spirit of DPM-Solver-2.",
        "先用 DDIM 走到 log u（u = σ/(α + σ)）的中点，再用那里的去噪结果走完整步。"
        "思路同 DPM-Solver-2。",
    ),
    "solver.multistep": Text("Exponential multistep", "指数多步"),
    "solver.multistep.about": Text(
        "One evaluation per step: the change of the denoiser output is extrapolated in log u from "
        "the previous step, as in Adams–Bashforth. Related: DPM-Solver++(2M), DEIS.",
        "每步只求值一次：像 Adams–Bashforth 那样，用上一步的去噪结果在 log u 中外推。"
        "同类方法有 DPM-Solver++(2M) 和 DEIS。",
    ),
    "solver.mean_value": Text("Fitted intermediate time", "拟合中间时刻"),
    "solver.mean_value.about": Text(
        "In one dimension the mean value theorem promises an intermediate time at which one "
        "evaluation makes the step exact. Here one time per step is fitted to exact trajectories "
        "of {particles} other particles (in the spirit of AMED), so for each particle it is only "
        "approximately right. The fitting is not counted in NFE.",
        "一维时，中值定理保证存在一个中间时刻，在那里求值一次就能使这一步恰好精确。"
        "这里用另外 {particles} 个粒子的精确轨迹，为每一步拟合一个共用的中间时刻（思路同 AMED），"
        "因此对单个粒子只是近似成立。拟合不计入求值次数。",
    ),
    # As legends and tables name them.
    "solver.euler.short": Text("Euler", "欧拉"),
    "solver.midpoint.short": Text("midpoint", "中点"),
    "solver.heun.short": Text("Heun", "Heun"),
    "solver.rk4.short": Text("RK4", "RK4"),
    "solver.dopri5.short": Text("DoPri5", "DoPri5"),
    "solver.ddim.short": Text("DDIM", "DDIM"),
    "solver.dpm2.short": Text("exp. mid", "指数中点"),
    "solver.multistep.short": Text("exp. multi", "指数多步"),
    "solver.mean_value.short": Text("fitted time", "拟合中间时刻"),
    # The grids.
    "solvers.solver_grid.uniform": Text("uniform", "均匀"),
    "solvers.solver_grid.log": Text("log", "对数"),
    "solvers.solver_grid.cosine": Text("cosine", "余弦"),
    "solvers.solver_grid.karras": Text("Karras ρ", "Karras 型"),
    # The picture.
    "solvers.axis.t": Text(
        "← data        time t        prior →", "← 数据        时刻 t        先验 →"
    ),
    "solvers.axis.t.short": Text("← data    t    prior →", "← 数据    t    先验 →"),
    "solvers.axis.x": Text("x", "x"),
    "solvers.axis.y": Text("y", "y"),
    "solvers.alt": Text(
        "{n} numerical {n:trajectory|trajectories} of the solver {solver} over the exact ones, to "
        "the data: {points}",
        "求解器“{solver}”的 {n} 条数值轨迹与精确轨迹；数据点：{points}",
    ),
    "solvers.hint": Text(
        "Ticks below the picture: times of the steps. ✕: a particle at the wrong data point. "
        "Click a point to compute its likelihood.",
        "图下方的刻度是各步的时刻。✕ 表示到达了错误的数据点。单击一点可计算那里的似然。",
    ),
    "solvers.keys": Text("The arrow keys move it.", "可用方向键移动它。"),
    "solvers.back": Text("◂ Back", "◂ 后退"),
    "solvers.next": Text("One step ▸", "走一步 ▸"),
    "solvers.all": Text("All steps", "全部走完"),
    "solvers.now": Text(
        "Step {k} of {n}: from t = {t} to {to}", "第 {k} 步，共 {n} 步：从 t = {t} 到 {to}"
    ),
    "solvers.stage": Text("evaluation", "求值"),
    "solvers.stage.t": Text("at t", "时刻 t"),
    "solvers.stage.outside": Text("particles where pₜ = 0", "pₜ = 0 处的粒子"),
    "solvers.stages": Text(
        "The short segments are the velocities evaluated in this step, coloured as in the table.",
        "短线段是这一步里求得的速度，颜色与表中相同。",
    ),
    "solvers.cost": Text("Evaluations (NFE)", "求值次数（NFE）"),
    "solvers.cost.help": Text(
        "How often the velocity is evaluated for each particle (number of function evaluations).",
        "每个粒子计算速度的次数（函数求值次数）。",
    ),
    "solvers.error": Text("Mean error", "平均误差"),
    "solvers.error.at": Text("Mean error at t = {t}", "t = {t} 时的平均误差"),
    "solvers.error.at.help": Text(
        "Of the trajectories drawn: their distance from the exact ones after the steps shown.",
        "所画轨迹走过已显示的各步之后，与精确轨迹的距离。",
    ),
    "solvers.wrong": Text("Wrong data point", "到达错误的数据点"),
    "solvers.w2": Text("W₂", "W₂"),
    "solvers.outside": Text(
        "{fraction} of the particles were evaluated where pₜ = 0 ({evaluations} of all "
        "evaluations): the prior has a sharp edge, and a step can cross it. There is no velocity "
        "there; that towards the nearest data point's region is used instead.",
        "有 {fraction} 的粒子曾在 pₜ = 0 处求值（占全部求值的 {evaluations}）："
        "先验有边界，一步可能跨出去。"
        "那里没有速度，改用支撑集离它最近的那个数据点的条件速度。",
    ),
    "solvers.edges": Text(
        "This prior has sharp corners or edges, so the velocity has kinks or jumps and no solver "
        "reaches its full order.",
        "这个先验有尖角或边界，速度因而不光滑甚至有跳跃，任何求解器都达不到理论阶。",
    ),
    "solvers.edges.use": Text("Use a Gaussian prior", "改用高斯先验"),
    "solvers.others": Text(
        "This family is not of the form αx₀ + σx₁. The exponential methods treat it as straight "
        "lines, with D = x − t·fₜ(x) in log t. This stays finite down to t = 0, but is exact for "
        "a single data point only if its trajectories are straight.",
        "这个轨迹族不是 αx₀ + σx₁ 的形式。"
        "指数类方法把它当作直线族处理：在 log t 中取 D = x − t·fₜ(x)。"
        "这样直到 t = 0 都有限，但只有轨迹确为直线时，对单个数据点才精确。",
    ),
    # The chart.
    "solvers.chart": Text("All solvers at once", "所有求解器一览"),
    "solvers.solver_measure": Text("Measure", "误差指标"),
    "solvers.solver_measure.error": Text("error at t = 0", "t = 0 处误差"),
    "solvers.solver_measure.way": Text("error at time t", "t 时刻误差"),
    "solvers.solver_measure.wrong": Text("wrong data point", "到达错误的数据点"),
    "solvers.solver_measure.w2": Text("W₂ of the samples", "样本的 W₂"),
    "solvers.way": Text("Measured at t", "测量时刻 t"),
    "solvers.axis.nfe": Text("evaluations per particle (NFE)", "每个粒子的求值次数（NFE）"),
    "solvers.axis.nfe.short": Text("evaluations (NFE)", "求值次数（NFE）"),
    "solvers.axis.error": Text("mean error", "平均误差"),
    "solvers.axis.wrong": Text("share", "比例"),
    "solvers.axis.w2": Text("W₂", "W₂"),
    "solvers.alt.chart": Text(
        "Error of nine solvers against evaluations, both axes logarithmic",
        "九种求解器的误差随求值次数的变化，双对数坐标",
    ),
    "solvers.chart.error": Text(
        "In the end every particle is drawn into a data point, and small errors fade. What is "
        "left at t = 0 comes from particles near the boundary between basins, where a small error "
        "leads to the wrong data point; their share falls with the solver's order.",
        "粒子最终都会被拉到某个数据点，途中的小误差随之消失。"
        "t = 0 处剩下的误差几乎都来自吸引域分界附近的粒子：那里一点误差就会到达错误的数据点；"
        "这类粒子的比例按求解器的阶下降。",
    ),
    "solvers.chart.way": Text(
        "At this time no particle has reached its data point yet, so every particle still shows "
        "its error: the slopes are the textbook orders.",
        "此时粒子还没有到达各自的数据点，每个粒子都带着误差：曲线斜率就是教科书上的阶。",
    ),
    "solvers.chart.wrong": Text(
        "The share of particles that end nearest to another data point than the exact flow takes "
        "them to.",
        "终点最近的数据点与精确流所到达的不同的粒子，占全部粒子的比例。",
    ),
    "solvers.chart.w2": Text(
        "W₂ distance between the solver's samples and the exact ones. W₂ averages squared "
        "distances: where the share of wrong particles falls with order p, W₂ falls with order "
        "p/2.",
        "求解器的样本与精确样本之间的 W₂ 距离。"
        "W₂ 平均的是距离的平方：到错点的粒子比例按 p 阶下降时，W₂ 按 p/2 阶下降。",
    ),
    "solvers.chart.learned": Text(
        "The learned flow is measured against the exact one: where a curve stops falling, what "
        "remains is the network's own error, and more steps cannot reduce it.",
        "学到的流以精确的流为准来衡量：曲线不再下降之处，剩下的是网络自身的误差，"
        "增加步数也无济于事。",
    ),
    "solvers.chart.line": Text(
        "{q} particles, placed more densely near the boundaries between basins; each counts with "
        "the probability it represents.",
        "{q} 个粒子，在吸引域分界附近加密；每个粒子按它所代表的概率计权。",
    ),
    "solvers.chart.plane": Text(
        "{q} particles sampled from the prior; a curve that leaves the picture at the bottom has "
        "only rounding error left.",
        "从先验采样的 {q} 个粒子；从下方离开画面的曲线只剩舍入误差。",
    ),
    "solvers.table.solver": Text("Solver", "求解器"),
    "solvers.table.cost": Text("NFE per step", "每步求值"),
    "solvers.table.order": Text("order (theory)", "理论阶"),
    "solvers.table.slope": Text("order (measured)", "实测阶"),
    "solvers.table.best": Text("NFE for < 0.01", "< 0.01 所需 NFE"),
    "solvers.table.best.wrong": Text("NFE for < 1%", "< 1% 所需 NFE"),
    "solvers.table.outside": Text(
        "Particles evaluated where pₜ = 0, beyond the prior's edges, for the number of steps at "
        "which they are most: {fractions}.",
        "在先验边界之外（pₜ = 0）求过值的粒子所占的比例，取各步数中的最大值：{fractions}。",
    ),
    "solvers.table.caption": Text(
        "NFE per step; order in theory; order measured (slope through the last four values above "
        "rounding error; “—” if there are fewer than three, or if its standard error is above "
        "{doubt}); NFE from which the measure stays below {bound} (“—” if never).",
        "依次为：每步求值次数；理论阶；"
        "实测阶（由高于舍入误差的最后四点拟合的斜率，不足三点或标准误超过 {doubt} 时记“—”）；"
        "该指标从多少次求值起一直低于 {bound}（始终达不到记“—”）。",
    ),
    "solvers.chart.same": Text(
        "Euler and DDIM coincide here: with the linear schedule they are the same method.",
        "这里欧拉法与 DDIM 的曲线重合：线性调度下它们是同一种方法。",
    ),
    # Likelihood.
    "solvers.likelihood": Text("Likelihood at the query point", "查询点的似然"),
    "solvers.likelihood.none": Text(
        "Click a point in the picture: each solver then follows the flow from there up to the "
        "prior, adds up the divergence, and gives log p.",
        "在图中单击一点：每个求解器从那里沿流回到先验，一路累加散度，给出 log p。",
    ),
    "solvers.likelihood.nowhere": Text(
        "Here pₜ(x) = 0, so log p = −∞. A solver cannot tell: at its starting point the velocity "
        "is not defined.",
        "这里 pₜ(x) = 0，即 log p = −∞。求解器无从得知：它的起点处速度没有定义。",
    ),
    "solvers.likelihood.when": Text("Time t", "时刻 t"),
    "solvers.likelihood.exact": Text("exact", "精确值"),
    "solvers.likelihood.steps": Text("{n} {n:step|steps}", "{n} 步"),
    "solvers.likelihood.chosen": Text(
        "{solver} with {nfe} {nfe:evaluation|evaluations}: log p = {log_p}, exact {exact}; total "
        "probability {mass}",
        "{solver}，求值 {nfe} 次：log p = {log_p}，精确值 {exact}；总概率 {mass}",
    ),
    "solvers.likelihood.more": Text(
        "Why {nfe} {nfe:evaluation|evaluations} here and {above} above? The trajectories above "
        "end at t = 0, where the velocity is not defined, so their last step is an Euler step "
        "with one evaluation. From here up to the prior every step is a full one.",
        "为什么这里求值 {nfe} 次，而上面只要 {above} 次？上面的轨迹终止于 t = 0，那里速度没有定义，"
        "最后一步用只求值一次的欧拉步。从这里回到先验，每一步都是完整的。",
    ),
    "solvers.likelihood.caption": Text(
        "log p; in brackets the total probability ∫ exp(log p) dx that the solver's answers add "
        "up to (should be 1), estimated from {draws} samples of pₜ as the mean of exp(log p)/pₜ.",
        "表中为 log p；括号内是求解器所给结果的总概率 ∫ exp(log p) dx（应为 1），"
        "由 pₜ 的 {draws} 个样本上 exp(log p)/pₜ 的平均估计。",
    ),
    "solvers.likelihood.edges": Text(
        "At the edges of this prior the velocity jumps. A jump changes volume at once without any "
        "divergence along the trajectory, so even small steps miss it; the total probability "
        "shows it.",
        "这个先验的速度在边界处有跳跃。"
        "跳跃会瞬间改变体积，而沿途的散度反映不出来，步长再小也会漏掉；总概率偏离 1 就是证据。",
    ),
}
