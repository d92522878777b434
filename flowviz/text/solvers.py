"""The words of the page Solvers.

Keys: ``solver.<name>`` and ``solver.<name>.about`` for every entry of ``flowviz.core.solvers``,
``solvers.solver_grid.<name>`` for every one of ``flowviz.core.stepping.time_grids``.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "solvers.title": Text("Solvers: how few steps?", "求解器：要走多少步？"),
    "solvers.lead": Text(
        "A generator walks the flow from the prior to the data in a few steps, and every look at "
        "the velocity costs one evaluation of the network. Here the exact way is known, so you "
        "can see what each step gets wrong: thin lines are the exact trajectories, strong ones "
        "with dots are the solver's.",
        "生成就是沿着流从先验走到数据，而每看一次速度就要调用一次网络。"
        "这里精确的路线是已知的，每一步错在哪里都看得见："
        "细线是精确轨迹，带圆点的粗线是求解器走出来的。",
    ),
    # Settings, as sentences about them name them.
    "field.solver_flow": Text("Flow to solve", "所求解的流"),
    "field.solver_method": Text("Solver", "求解器"),
    "field.solver_steps": Text("Number of steps", "步数"),
    "field.solver_digits": Text("Digits asked for", "要求的精度位数"),
    "field.solver_grid": Text("Time grid", "时间网格"),
    "field.solver_rho": Text("Exponent ρ of the grid", "网格指数 ρ"),
    "field.solver_last": Text("Last time before 0", "到 0 之前的最后时刻"),
    "field.solver_lines": Text("Number of particles drawn", "画出的粒子数"),
    "field.solver_step": Text("Steps shown", "显示到第几步"),
    "field.solver_measure": Text("Measure", "衡量标准"),
    "field.solver_way": Text("Time on the way", "途中时刻"),
    # Widgets.
    "solvers.solver_flow": Text("Walk along", "沿着"),
    "solvers.solver_flow.exact": Text("the exact flow", "精确的流"),
    "solvers.solver_flow.learned": Text("the learned one", "学到的流"),
    "solvers.solver_flow.none": Text(
        "Train a network for this scene on the page Learn, and you can let the solvers walk along "
        "what it has learned.",
        "在“学习”页为当前场景训练一个网络，就可以让求解器沿着它学到的流走。",
    ),
    "solvers.method": Text("Solver", "求解器"),
    "solvers.steps": Text("Steps", "步数"),
    "solvers.digits": Text("Digits asked for", "要求的精度位数"),
    "solvers.digits.help": Text(
        "This solver chooses its steps itself: it keeps the error of each below 10 to the minus "
        "so many, relative to 1 + |x|.",
        "这个求解器自己决定步长：每步误差（相对于 1 + |x|）不超过 10 的负这么多次方。",
    ),
    "solvers.solver_grid": Text("Time grid", "时间网格"),
    "solvers.grid.own": Text(
        "It chooses its steps itself, down to t = {last}; one Euler step takes the rest.",
        "它自己选步长，直到 t = {last}；余下的用一个欧拉步走完。",
    ),
    "solvers.last": Text("Last time before 0", "到 0 之前的最后时刻"),
    "solvers.last.help": Text(
        "Equal ratios never reach 0: the grid walks down to this time, and one step takes the "
        "rest.",
        "等比的步子永远走不到 0：网格走到这个时刻，余下的一步走完。",
    ),
    "solvers.rho": Text("Exponent ρ", "指数 ρ"),
    "solvers.rho.help": Text(
        "ρ = 1 gives equal steps; the larger ρ, the more of them near the data.",
        "ρ = 1 时步子相等；ρ 越大，靠近数据处步子越密。",
    ),
    "solvers.lines": Text("Particles drawn", "画出的粒子数"),
    "solvers.settings": Text("Walks", "行走"),
    # The solvers.
    "solver.euler": Text("Euler", "欧拉"),
    "solver.euler.about": Text(
        "Straight on with the velocity at the start of the step.",
        "按这一步起点处的速度一直走。",
    ),
    "solver.midpoint": Text("Midpoint", "中点"),
    "solver.midpoint.about": Text(
        "Half a step to look around, then the whole step with the velocity found there.",
        "先走半步看一看，再用那里的速度走完整步。",
    ),
    "solver.heun": Text("Heun", "霍恩 Heun"),
    "solver.heun.about": Text(
        "The mean of the velocities at both ends of an Euler step. At t = 0 the velocity has no "
        "value: the last step is Euler's.",
        "取欧拉步两端速度的平均。t = 0 处速度没有意义，所以最后一步用欧拉步。",
    ),
    "solver.rk4": Text("Runge–Kutta 4", "龙格–库塔 4"),
    "solver.rk4.about": Text(
        "Four looks a step, weighted so that errors cancel up to the fourth order. The last step "
        "to t = 0 is Euler's.",
        "每步看四次，加权后误差抵消到四阶。到 t = 0 的最后一步用欧拉步。",
    ),
    "solver.dopri5": Text("Dormand–Prince 5(4)", "多尔曼–普林斯 5(4)"),
    "solver.dopri5.about": Text(
        "Two methods in one: their difference is an estimate of the error, and the step is as "
        "long as it allows, but never shorter than a fiftieth of t. Refused steps are counted, "
        "too.",
        "两种方法合一：二者之差估计误差，步长随之放长或缩短，但不短于 t 的五十分之一。"
        "被退回的步也计入次数。",
    ),
    "solver.ddim": Text("DDIM", "DDIM（指数欧拉）"),
    "solver.ddim.about": Text(
        "Exponential Euler: the noise shrinks exactly, only the target D, the posterior mean, is "
        "held still. On straight lines it is Euler's method.",
        "指数欧拉：噪声的收缩是精确的，只把目标 D（后验均值）看作不动。在直线路径上它就是欧拉法。",
    ),
    "solver.dpm2": Text("Exponential midpoint", "指数中点"),
    "solver.dpm2.about": Text(
        "DDIM to the middle in log u, then the whole step towards the target seen there: in the "
        "spirit of DPM-Solver-2.",
        "先用 DDIM 走到 log u 的中点，再朝那里看到的目标走完整步：取法 DPM-Solver-2。",
    ),
    "solver.multistep": Text("Exponential multistep", "指数多步"),
    "solver.multistep.about": Text(
        "One look a step: the target's motion is guessed from the look before, as Adams and "
        "Bashforth did, in log u. Its kin are DPM-Solver++(2M) and DEIS.",
        "每步只看一次：借上一步所见，在 log u 中按亚当斯–巴什福斯的办法推测目标的移动。"
        "同类的有 DPM-Solver++(2M) 和 DEIS。",
    ),
    "solver.mean_value": Text("Mean value", "中值"),
    "solver.mean_value.about": Text(
        "By the mean value theorem some intermediate time makes a step exact. Here one time for "
        "each step is fitted on the spot to exact trajectories of {pupils} other particles (in the "
        "spirit of AMED). The fitting is not counted.",
        "中值定理说，总有某个中间时刻使一步恰好精确。"
        "这里每一步的中间时刻都当场用另外 {pupils} 个粒子的精确轨迹拟合（取法 AMED）。"
        "拟合不计入次数。",
    ),
    # As legends and tables name them.
    "solver.euler.short": Text("Euler", "欧拉"),
    "solver.midpoint.short": Text("midpoint", "中点"),
    "solver.heun.short": Text("Heun", "霍恩"),
    "solver.rk4.short": Text("RK4", "RK4"),
    "solver.dopri5.short": Text("DoPri 5(4)", "多尔曼 5(4)"),
    "solver.ddim.short": Text("DDIM", "DDIM 法"),
    "solver.dpm2.short": Text("exp. mid", "指数中点"),
    "solver.multistep.short": Text("exp. multi", "指数多步"),
    "solver.mean_value.short": Text("mean value", "中值"),
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
        "{n} walks of the solver {solver} over the exact trajectories",
        "求解器“{solver}”的 {n} 条路线与精确轨迹",
    ),
    "solvers.hint": Text(
        "Beneath: the times of the steps. ✕ marks a particle at the wrong data point. Click a "
        "place, or move it with the arrow keys, to ask for its likelihood.",
        "下方是各步的时刻。✕ 表示到错了数据点的粒子。单击一处（或用方向键移动）可查询那里的似然。",
    ),
    "solvers.back": Text("◂ Back", "◂ 后退"),
    "solvers.next": Text("One step ▸", "走一步 ▸"),
    "solvers.all": Text("All steps", "全部走完"),
    "solvers.now": Text(
        "Step {k} of {n}: from t = {t} to {to}", "第 {k} 步，共 {n} 步：从 t = {t} 到 {to}"
    ),
    "solvers.stage": Text("look", "观察"),
    "solvers.stage.t": Text("at t", "时刻 t"),
    "solvers.stage.outside": Text("particles where pₜ = 0", "pₜ = 0 处的粒子"),
    "solvers.stages": Text(
        "The short pieces are the slopes the solver saw in this step, coloured as in the table.",
        "短线段是这一步里求解器看到的斜率，颜色与表中相同。",
    ),
    "solvers.cost": Text("Evaluations", "求值次数"),
    "solvers.cost.help": Text(
        "How often the velocity was asked for, for each particle: NFE.",
        "每个粒子询问速度的次数，即 NFE。",
    ),
    "solvers.error": Text("Mean error", "平均误差"),
    "solvers.wrong": Text("Wrong data point", "到错数据点"),
    "solvers.w2": Text("W₂", "W₂"),
    "solvers.outside": Text(
        "{share} of the particles were evaluated where pₜ = 0 ({looks} of all evaluations): the "
        "prior has edges, and a step may end beyond them. There is no velocity there; that towards "
        "the data point whose part of the prior is nearest stands in.",
        "有 {share} 的粒子曾在 pₜ = 0 处求值（占全部求值的 {looks}）：先验有边界，一步可能跨出去。"
        "那里没有速度，改用先验支撑离得最近的那个数据点的速度。",
    ),
    "solvers.edges": Text(
        "This prior has corners or edges, so the velocity has kinks or jumps, and no solver "
        "keeps its order. Try a Gaussian prior.",
        "这个先验有棱角或边界，速度因而有折点或跳跃，任何求解器都保不住它的阶。试试高斯先验。",
    ),
    "solvers.others": Text(
        "This family is not αx₀ + σx₁. The exponential methods step it as if it were straight, "
        "with D = x − t·fₜ(x) in log t: finite down to t = 0, but exact for one data point only "
        "where its lines are straight.",
        "这个轨迹族不是 αx₀ + σx₁ 的形式。指数类方法把它当作直线族来走："
        "在 log t 中取 D = x − t·fₜ(x)，直到 t = 0 都有限，"
        "但只有轨迹真是直线时对单个数据点才精确。",
    ),
    # The chart.
    "solvers.chart": Text("All solvers at once", "所有求解器一览"),
    "solvers.solver_measure": Text("Measure", "衡量"),
    "solvers.solver_measure.error": Text("error at t = 0", "t = 0 处误差"),
    "solvers.solver_measure.way": Text("error on the way", "途中误差"),
    "solvers.solver_measure.wrong": Text("wrong data point", "到错数据点"),
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
        "A particle is pulled into its own data point in the end, and its errors fade. What is "
        "left at t = 0 comes from beside the borders between basins, where a small error means "
        "the wrong data point: its share falls with the solver's order.",
        "粒子最终会被拉进自己的数据点，途中的误差随之消失。"
        "t = 0 处剩下的误差几乎都来自盆地分界附近：那里差之毫厘，就到错数据点；"
        "其比例按求解器的阶下降。",
    ),
    "solvers.chart.way": Text(
        "Before the data pull, every particle carries its error: the slopes are the orders of "
        "the textbook.",
        "在数据点把粒子拉过去之前，人人都带着误差：斜率就是教科书上的阶。",
    ),
    "solvers.chart.wrong": Text(
        "The share of particles whose nearest data point at t = 0 is not the one the exact flow "
        "takes them to.",
        "在 t = 0 时，最近的数据点不是精确流所指那一个的粒子所占的比例。",
    ),
    "solvers.chart.w2": Text(
        "The distance between the laws of the solver's samples and of the exact ones. It is the "
        "root of a mean of squares: where the error falls with order p, it falls with p/2.",
        "求解器的样本与精确样本两个分布之间的距离。"
        "它是均方的平方根：误差按 p 阶下降时，它按 p/2 阶下降。",
    ),
    "solvers.chart.learned": Text(
        "The learned flow is judged by the exact one: where a line stops falling, what is left is "
        "the network's own error, and no more steps will mend it.",
        "这里拿精确的流来评判学到的流：曲线不再下降之处，剩下的是网络自己的误差，再多走几步也无济于事。",
    ),
    "solvers.chart.line": Text(
        "{q} particles, crowded at the borders between basins, each with the probability it "
        "stands for.",
        "{q} 个粒子，在盆地分界处加密，各按所代表的概率计。",
    ),
    "solvers.chart.plane": Text(
        "{q} particles drawn from the prior; a line that falls out of the picture has no error "
        "left but rounding.",
        "从先验抽取的 {q} 个粒子；掉出画面的线只剩舍入误差。",
    ),
    "solvers.table.solver": Text("Solver", "求解器"),
    "solvers.table.cost": Text("a step", "每步"),
    "solvers.table.order": Text("order", "阶"),
    "solvers.table.slope": Text("slope", "斜率"),
    "solvers.table.best": Text("< 0.01 from", "< 0.01 始于"),
    "solvers.table.best.wrong": Text("< 1 % from", "< 1 % 始于"),
    "solvers.table.outside": Text("where pₜ = 0", "到过 pₜ = 0"),
    "solvers.table.outside.caption": Text(
        "Last: the share of particles that were evaluated where pₜ = 0, beyond the prior's edges, "
        "with the number of steps that has most of them.",
        "最后一列：曾在先验边界之外（pₜ = 0）求值的粒子所占的比例，取各步数中的最大值。",
    ),
    "solvers.table.caption": Text(
        "Evaluations a step; the order in the textbook; the slope fitted to the last four values "
        "above rounding, “—” where there are fewer than three or they lie on no line (the slope's "
        "standard error is above {doubt}); the evaluations from which on the measure stays below "
        "{bound}, “—” where it does not.",
        "依次为：每步求值次数；教科书上的阶；由高于舍入误差的最后四点拟合的斜率，"
        "不足三点或不成直线（斜率的标准误差超过 {doubt}）记“—”；"
        "从多少次求值起该指标一直低于 {bound}，做不到记“—”。",
    ),
    "solvers.chart.same": Text(
        "Euler and DDIM lie on one line here: on straight lines they are the same method.",
        "这里欧拉与 DDIM 的曲线重合：在直线路径上它们是同一种方法。",
    ),
    # Likelihood.
    "solvers.likelihood": Text("Likelihood at one place", "一处的似然"),
    "solvers.likelihood.none": Text(
        "Click a place in the picture: each solver then walks from there up to the prior, adds up "
        "the divergence on its way, and says log p.",
        "在图中单击一处：每个求解器从那里走回先验，一路累加散度，给出 log p。",
    ),
    "solvers.likelihood.nowhere": Text(
        "Here pₜ(x) = 0, and log p = −∞. A solver knows nothing of it: where it starts there is "
        "no velocity.",
        "这里 pₜ(x) = 0，即 log p = −∞。求解器无从得知：它的起点处没有速度。",
    ),
    "solvers.likelihood.when": Text("Time t", "时刻 t"),
    "solvers.likelihood.exact": Text("exact", "精确值"),
    "solvers.likelihood.steps": Text("{n} steps", "{n} 步"),
    "solvers.likelihood.chosen": Text(
        "{solver} with {nfe} evaluations: log p = {log_p}, exact {exact}; mass {mass}",
        "{solver}，求值 {nfe} 次：log p = {log_p}，精确值 {exact}；总概率 {mass}",
    ),
    "solvers.likelihood.more": Text(
        "Why {nfe} evaluations, and {walk} in the walk above? That walk ends at t = 0, where the "
        "velocity has no value: its last step is Euler's, with a single look. From here up to the "
        "prior every step is whole.",
        "为什么这里求值 {nfe} 次，而上面的路线只要 {walk} 次？那条路线终止于 t = 0，"
        "那里速度没有意义，最后一步用只看一次的欧拉步。从这里走回先验，每一步都是完整的。",
    ),
    "solvers.likelihood.caption": Text(
        "log p, and in brackets the mass ∫ exp(log p) dx of the solver's answers, which should be "
        "1: the mean of exp(log p)/pₜ over {draws} draws from pₜ.",
        "表中为 log p；括号内是求解器所答的总概率 ∫ exp(log p) dx，应为 1："
        "在 pₜ 的 {draws} 个样本上取 exp(log p)/pₜ 的平均。",
    ),
    "solvers.likelihood.edges": Text(
        "The velocity of this prior jumps at its edges. A jump squeezes volume all at once, no "
        "divergence along the way sees it, and even fine steps miss it: the mass tells.",
        "这个先验的速度在边界处有跳跃。跳跃一下子就改变体积，沿途的散度却看不见，"
        "步子再细也会漏掉：总概率说明了这一点。",
    ),
}
