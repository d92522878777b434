"""The checks of several pages: what is checked, how it is measured, why it may fail."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "checks.all": Text("Is it right? All {n} checks hold.", "算得对吗？{n} 项检验全部通过。"),
    "checks.some": Text(
        "Is it right? {bad} of {n} checks {bad:fails|fail}.",
        "算得对吗？{n} 项检验中有 {bad} 项未通过。",
    ),
    "checks.unmeasured": Text("The measurement gave no number.", "测量没有得出数值。"),
    "checks.measuring": Text("Measuring…", "测量中……"),
    "checks.out_of_budget": Text(
        "Not measured: here it would take too long, so nothing is claimed.",
        "未测量：在此处耗时过长，因此不作断言。",
    ),
    "checks.superposition": Text(
        "pₜ and fₜ are the weighted sums over the data points", "pₜ 与 fₜ 恰为各数据点的加权叠加"
    ),
    "checks.superposition.why": Text(
        "The largest relative error of the density and the velocity at random positions, beside a "
        "plain sum over the data points with finite differences.",
        "随机取点，用有限差分逐个数据点直接求和，取密度与速度的最大相对误差。",
    ),
    "checks.superposition.bad": Text(
        "The picture's density or velocity is not the one of these data points and weights.",
        "图中的密度或速度并不属于这些数据点与权重。",
    ),
    "checks.superposition.green": Text("pₜ and fₜ follow from φ and ψ", "pₜ 与 fₜ 确由 φ、ψ 得出"),
    "checks.superposition.green.why": Text(
        "The largest relative error of the density and the velocity at random positions, beside "
        "finite differences of the family.",
        "随机取点，与轨迹族的有限差分对照，取密度与速度的最大相对误差。",
    ),
    "checks.superposition.green.bad": Text(
        "The density or the velocity shown is not the one of this family.",
        "所示的密度或速度并不属于这个轨迹族。",
    ),
    "checks.endpoints": Text(
        "Each trajectory joins its x₁ and its data point", "每条轨迹都连接各自的 x₁ 与数据点"
    ),
    "checks.endpoints.why": Text(
        "The largest distance of an end from where it must be; the posterior weights just before "
        "t = 0 say which data point that is.",
        "轨迹两端与应在之处的最大距离；应到哪个数据点，由临近 t = 0 时的后验权重判定。",
    ),
    "checks.endpoints.bad": Text(
        "A trajectory ends beside its data point, or has the colour of another.",
        "有轨迹没有到达它的数据点，或者用了别的数据点的颜色。",
    ),
    "checks.integration": Text(
        "Trajectories follow fₜ from node to node", "轨迹在相邻节点之间服从 fₜ"
    ),
    "checks.integration.why": Text(
        "Runge–Kutta steps of the velocity from each node of random trajectories to the next: the "
        "gap, less what halving the steps leaves open, that comes nearest to its bound. The bound "
        "is ten times the error the trajectory itself states.",
        "随机取轨迹，从每个节点用龙格–库塔法走到下一个，差距要减去步长减半仍未确定的部分，"
        "取最接近上限的一处。上限是轨迹自报误差的十倍。",
    ),
    "checks.integration.bad": Text(
        "Somewhere a trajectory leaves the velocity field: do not trust where it ends.",
        "有轨迹在某处偏离了速度场：它的终点不可信。",
    ),
    "checks.distribution": Text(
        "Density, distribution function and quantiles of the prior agree",
        "先验的密度、分布函数与分位数一致",
    ),
    "checks.distribution.why": Text(
        "The largest difference between the integral of the density and the distribution function, "
        "and of that at its own quantiles, at seventeen levels.",
        "在十七个概率水平上，比较密度的积分与分布函数、分布函数与它的分位数：取最大差异。",
    ),
    "checks.distribution.bad": Text(
        "The prior that is drawn is not the one the trajectories start from.",
        "画出的先验与轨迹出发的先验不是同一个。",
    ),
    "checks.samples": Text("Samples of the prior follow its density", "先验样本服从其密度"),
    "checks.samples.why": Text(
        "The probability that as large a difference between 20,000 samples and the density arises "
        "by chance, by Neyman's smooth test.",
        "取两万个样本，用奈曼光滑检验与密度对照：这样大的差异纯属偶然的概率。",
    ),
    "checks.samples.value": Text(
        "p = {value} (red below {bound})", "p = {value}（低于 {bound} 则变红）"
    ),
    "checks.samples.bad": Text(
        "The particles start from another distribution than the density shows.",
        "粒子的起点与所示的密度不是同一个分布。",
    ),
    "checks.two_ways": Text("Both ways lead to one density", "两条路得到同一个密度"),
    "checks.two_ways.why": Text(
        "The largest difference between the density along characteristics and by change of "
        "variables, relative to the highest density.",
        "沿特征线与用变量替换求得的密度之差的最大值，相对于密度的最大值。",
    ),
    "checks.two_ways.bad": Text(
        "The velocity and the density do not belong together.", "速度与密度并不相配。"
    ),
    "checks.floor": Text("The floor is the mean variance", "损失下限等于平均方差"),
    "checks.floor.why": Text(
        "The difference from the variance of the conditional velocities by a plain sum at random "
        "positions, in standard errors.",
        "随机取点，直接求条件速度的方差：与下限之差，以标准误为单位。",
    ),
    "checks.floor.value": Text(
        "{value} standard errors (bound {bound})", "{value} 个标准误（上限 {bound}）"
    ),
    "checks.floor.bad": Text(
        "The difference is larger than chance explains.", "差异之大，超出了随机误差所能解释的范围。"
    ),
    "checks.particle_weights": Text(
        "Particles of each data point stand for its weight", "各数据点的粒子合计恰为其权重"
    ),
    "checks.particle_weights.why": Text(
        "The largest difference between a data point's weight and the probability of the particles "
        "that are judged as its own.",
        "数据点的权重与判归它的粒子概率之和：取最大差异。",
    ),
    "checks.particle_weights.bad": Text(
        "Particles are judged by the wrong data points.", "有粒子被判归了错误的数据点。"
    ),
}
