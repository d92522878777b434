"""Priors, schedules and their parameters: names, and one line on what each is good for.

Keys follow the registries of ``flowviz.core``: ``prior.<name>``, ``prior.<name>.about``,
``schedule.<name>``, ``schedule.<name>.about``, and ``param.<field>`` for every dataclass field.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # Priors on the line.
    "prior.uniform": Text("Uniform", "均匀分布"),
    "prior.uniform.about": Text(
        "Every position between two ends is equally likely; this is the prior used in the article.",
        "两端点之间处处等可能；这是原文所用的先验。",
    ),
    "prior.gaussian": Text("Gaussian", "高斯分布"),
    "prior.gaussian.about": Text(
        "The bell curve of diffusion models; here it is one choice among many.",
        "扩散模型惯用的钟形曲线；在这里，它只是众多选择之一。",
    ),
    "prior.laplace": Text("Laplace", "拉普拉斯分布"),
    "prior.laplace.about": Text(
        "A sharp peak with exponential tails on both sides.",
        "中间是尖峰，两侧按指数衰减。",
    ),
    "prior.student_t": Text("Student t", "学生 t 分布"),
    "prior.student_t.about": Text(
        "Heavy tails: far starting points are rare, but never negligible.",
        "重尾：遥远的起点虽少，却从不可忽略。",
    ),
    "prior.logistic": Text("Logistic", "逻辑斯谛分布"),
    "prior.logistic.about": Text(
        "Looks like a Gaussian, with tails that fall off exponentially.",
        "形似高斯，但尾部按指数衰减。",
    ),
    "prior.gaussian_mixture": Text("Gaussian mixture", "高斯混合分布"),
    "prior.gaussian_mixture.about": Text(
        "Several bells side by side: the flow may start from separate clusters.",
        "若干钟形并立：流可以从彼此分开的几簇出发。",
    ),
    "prior.triangular": Text("Triangular", "三角分布"),
    "prior.triangular.about": Text(
        "Rises in a straight line to a peak and falls to zero again.",
        "沿直线升到峰值，再沿直线降到零。",
    ),
    "prior.exponential": Text("Exponential", "指数分布"),
    "prior.exponential.about": Text(
        "One-sided: zero below its lower end, a long tail above.",
        "单侧：左端点以下为零，以上拖着长尾。",
    ),
    "prior.arcsine": Text("Arcsine", "反正弦分布"),
    "prior.arcsine.about": Text(
        "Mass concentrates towards the two ends, where the density grows without bound. The flow "
        "is still exact.",
        "概率向两端集中，那里密度趋于无穷；流依然精确。",
    ),
    # Priors of the plane.
    "prior.disk": Text("Disk", "圆盘"),
    "prior.disk.about": Text(
        "Uniform inside a circle, zero outside.",
        "圆内均匀，圆外为零。",
    ),
    "prior.ring": Text("Ring", "圆环"),
    "prior.ring.about": Text(
        "Probability gathered around a circle, with a hole in the middle.",
        "概率聚集在一个圆周附近，中间是空的。",
    ),
    "prior.kernel_density": Text("Samples", "样本"),
    "prior.kernel_density.about": Text(
        "A bell of one width around each sample: from one set of points to another, exactly.",
        "以每个样本为中心放一个同样宽的钟形：从一组点精确地流向另一组点。",
    ),
    "prior.kernel_density_2d": Text("Samples, 2-D", "二维样本"),
    "prior.kernel_density_2d.about": Text(
        "A round bell of one width around each sample: from one set of points to another, exactly.",
        "以每个样本为中心放一个同样宽的圆钟形：从一组点精确地流向另一组点。",
    ),
    "prior.student_t_2d": Text("Student t, isotropic", "各向同性学生 t 分布"),
    "prior.student_t_2d.about": Text(
        "Round, with heavy tails: with one degree of freedom the flow is that of gravity (Poisson "
        "flow), with many that of a Gaussian.",
        "圆对称而重尾：自由度为 1 时，流就是引力的流（泊松流）；自由度很大时，就是高斯的流。",
    ),
    "prior.gaussian_mixture_2d": Text("Gaussian mixture, 2-D", "二维高斯混合分布"),
    "prior.gaussian_mixture_2d.about": Text(
        "Several bells placed anywhere in the plane.",
        "若干钟形，可放在平面上任意位置。",
    ),
    # Schedules.
    "schedule.linear": Text("Linear (CondOT)", "线性（CondOT）"),
    "schedule.linear.about": Text(
        "Each sample moves in a straight line to its data point at constant speed: α = 1 − t, σ = "
        "t.",
        "每个样本沿直线匀速走向数据点：α = 1 − t，σ = t。",
    ),
    "schedule.cosine": Text("Cosine (GVP)", "余弦（GVP）"),
    "schedule.cosine.about": Text(
        "(α, σ) moves along a quarter circle, α² + σ² = 1: α = cos(πt/2), σ = sin(πt/2).",
        "(α, σ) 沿四分之一圆弧移动，α² + σ² = 1：α = cos(πt/2)，σ = sin(πt/2)。",
    ),
    "schedule.vp": Text("Variance preserving (VP)", "方差保持（VP）"),
    "schedule.vp.about": Text(
        "DDPM's noise schedule, adjusted slightly so that t = 1 is exactly the prior; α² + σ² = 1.",
        "DDPM 的噪声调度，略作调整，使 t = 1 时恰为先验；α² + σ² = 1。",
    ),
    "schedule.quadratic": Text("Quadratic", "二次"),
    "schedule.quadratic.about": Text(
        "Still a straight line from x₁ to x₀, but slower near the data: α = 1 − t², σ = t².",
        "从 x₁ 到 x₀ 仍走直线，但越近数据越慢：α = 1 − t²，σ = t²。",
    ),
    "schedule.cubic": Text("Cubic", "三次"),
    "schedule.cubic.about": Text(
        "Slower still near the data: α = 1 − t³, σ = t³.",
        "临近数据时更慢：α = 1 − t³，σ = t³。",
    ),
    "schedule.names.help": Text(
        "Names elsewhere: Linear is CondOT and rectified flow, Cosine is GVP. VP is rescaled here: "
        "in flow_matching and SiT 0.0066 of the data are left at the prior. VE and EDM (Karras) "
        "reach no finite prior; divided by 1 + σ they are the same flow as Linear.",
        "其他库里的名称：线性就是 CondOT、rectified flow，余弦就是 GVP。这里的 VP 经过缩放："
        "flow_matching 与 SiT 的 VP 在先验处还留有 0.0066 倍的数据。VE 与 EDM（Karras）"
        "到不了有限的先验；除以 1 + σ 后，与线性是同一个流。",
    ),
    "schedule.formula": Text("Your own formula", "自己写公式"),
    "schedule.formula.about": Text(
        "Type α_t and σ_t in t: α falls from 1 to 0 while σ rises from 0 to 1.",
        "用 t 写出 α_t 与 σ_t：α 从 1 降到 0，σ 从 0 升到 1。",
    ),
    # Parameters, by field name.
    "param.loc": Text("Location", "位置"),
    "param.scale": Text("Scale", "尺度"),
    "param.low": Text("Lower end", "左端点"),
    "param.high": Text("Upper end", "右端点"),
    "param.mode": Text("Peak", "峰值位置"),
    "param.df": Text("Degrees of freedom", "自由度"),
    "param.means": Text("Means", "均值"),
    "param.scales": Text("Scales", "尺度（各分量）"),
    "param.weights": Text("Weights", "权重"),
    "param.samples": Text("Samples", "样本"),
    "param.samples_x": Text("Samples, x", "样本（x）"),
    "param.samples_y": Text("Samples, y", "样本（y）"),
    "param.bandwidth": Text("Bandwidth", "带宽"),
    "param.radius": Text("Radius", "半径"),
    "param.width": Text("Width", "宽度"),
    "param.means_x": Text("Means, x", "均值（x）"),
    "param.means_y": Text("Means, y", "均值（y）"),
    "param.scales_x": Text("Scales, x", "尺度（x）"),
    "param.scales_y": Text("Scales, y", "尺度（y）"),
    "param.correlations": Text("Correlations", "相关系数"),
    "param.alpha": Text("α_t =", "α_t ="),
    "param.sigma": Text("σ_t =", "σ_t ="),
    "param.bmin": Text("Noise rate at the data, β(0)", "数据端的噪声率 β(0)"),
    "param.bmax": Text("Noise rate at the prior, β(1)", "先验端的噪声率 β(1)"),
}
