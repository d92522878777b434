"""The section of the Solvers page on noise that keeps the densities."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "field.solver_noise": Text("Noise λ", "噪声 λ"),
    "demo.noise": Text("Noise that keeps the densities", "不改变密度的噪声"),
    "solvers.noise.about": Text(
        "Each step has two parts: the **predictor** follows the velocity; the **corrector** adds "
        "noise and a drift along the score, which leave the density at that time as it is. Every "
        "data point keeps its share of the samples, but it receives other samples.",
        "每一步分两部分：**预测**沿速度前进；**校正**加入噪声和沿得分的漂移，"
        "而该时刻的密度保持不变。每个数据点分到的比例不变，但分到的样本换了一批。",
    ),
    "solvers.noise.jumps": Text(
        "Off for this prior: its density jumps, and at a jump the score is infinite, so noise "
        "would change the densities. It works with any prior whose density is continuous, such as "
        "the Gaussian.",
        "此先验下不可用：它的密度有跳跃，跳跃处得分无穷大，加噪声就会改变密度。"
        "密度连续的先验都可以，例如高斯。",
    ),
    "solvers.noise.strength": Text("Noise λ", "噪声 λ"),
    "solvers.noise.strength.help": Text(
        "λ = 0 is the solver without noise. The squared noise of a step is λ times what the "
        "scale σ² of the prior falls by in it.",
        "λ = 0 就是没有噪声的求解器。每一步噪声的平方，是先验的尺度 σ² 在这一步的减少量的 λ 倍。",
    ),
    "solvers.noise.none": Text("Move λ above 0 to add noise.", "把 λ 调到 0 以上，就加入噪声。"),
    "solvers.noise.long": Text(
        "Not shown: with so many data points, or so narrow a prior, the corrector would take too "
        "many parts.",
        "未显示：数据点这么多，或先验这么窄，校正需要的小步太多。",
    ),
    "solvers.noise.alt": Text("Paths with noise λ = {noise}", "带噪声的路径，λ = {noise}"),
    "solvers.noise.ends": Text(
        "{share} of {n:,} samples end at another data point than the exact flow takes them to; "
        "with the predictor alone it is {quiet}.",
        "{n:,} 个样本中，{share} 没有到达精确的流会带它去的数据点；只用预测时是 {quiet}。",
    ),
    "solvers.noise.cost": Text(
        "Evaluations for each sample: {velocities} of the velocity by the predictor, {scores} of "
        "the score by the corrector.",
        "每个样本的求值次数：预测求速度 {velocities} 次，校正求得分 {scores} 次。",
    ),
    "solvers.noise.table.point": Text("data point", "数据点"),
    "solvers.noise.table.weight": Text("weight", "权重"),
    "solvers.noise.table.alone": Text("predictor alone", "只用预测"),
    "solvers.noise.table.both": Text("with noise", "带噪声"),
    "checks.shares": Text(
        "With noise every data point keeps its share", "有噪声时各数据点的比例不变"
    ),
    "checks.shares.value": Text(
        "largest distance from the weight: {value} standard errors (bound {bound})",
        "与权重的最大差：{value} 个标准误差（上限 {bound}）",
    ),
    "checks.shares.why": Text(
        "The fraction of samples that reach each data point, beside its weight, in units of the "
        "standard error of so many independent samples.",
        "到达各数据点的样本比例与其权重之差，以这么多独立样本的标准误差为单位。",
    ),
    "checks.shares.bad": Text(
        "Some data point receives more or fewer samples than its weight says.",
        "有数据点分到的样本比权重所说的更多或更少。",
    ),
}
