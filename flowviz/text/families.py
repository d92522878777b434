"""Families of trajectories: their names, what each one shows, their parameters; the formula box.

Keys follow ``flowviz.core.paths``: ``path.<name>``, ``path.<name>.about``, and ``param.<field>``
for every dataclass field that a slider moves.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "path.affine": Text("Affine: αₜ x₀ + σₜ x₁", "仿射：αₜ x₀ + σₜ x₁"),
    "path.affine.about": Text(
        "Multiply the data point by αₜ and the prior sample by σₜ, and add them. A straight line "
        "whenever αₜ + σₜ = 1.",
        "数据点乘以 αₜ，先验样本乘以 σₜ，再相加。当 αₜ + σₜ = 1 时就是直线。",
    ),
    "path.parabola": Text("Parabola", "抛物线"),
    "path.parabola.about": Text(
        "Straight lines bowed into parabolas: the bend is largest in the middle and zero at both "
        "ends.",
        "把直线弯成抛物线：中间弯得最多，两端不变。",
    ),
    "path.wave": Text("Wave", "波浪"),
    "path.wave.about": Text(
        "Lines that swing from side to side on their way.",
        "直线在途中左右摇摆。",
    ),
    "path.swirl": Text("Swirl", "漩涡"),
    "path.swirl.about": Text(
        "A rotation about the data point that unwinds on the way to the prior.",
        "绕数据点旋转，朝先验走时逐渐松开。",
    ),
    "path.per_axis": Text("Different timing on each axis", "两轴不同步"),
    "path.per_axis.about": Text(
        "Horizontal and vertical run on different clocks: each uses its own power of t.",
        "横向与纵向的进度不同：各用 t 的不同次幂。",
    ),
    "path.detour": Text("Detour", "绕行"),
    "path.detour.about": Text(
        "The centre μₜ(x₀) is not proportional to x₀: some points swing wide, others hardly.",
        "中心 μₜ(x₀) 不与 x₀ 成正比：有的点绕得远，有的几乎不绕。",
    ),
    "path.squeeze": Text("Squeeze", "挤压"),
    "path.squeeze.about": Text(
        "Not linear in x₁, and no formula inverts it: the inverse is found by Newton’s method.",
        "对 x₁ 不是线性的，也没有现成的反函数公式：用牛顿法求出。",
    ),
    "path.formula": Text("Your own formula", "自己写公式"),
    "path.formula.about": Text(
        "Type one map; its inverse, velocity, determinant and density follow by themselves.",
        "写下一个映射；它的反函数、速度、行列式和密度会自动得出。",
    ),
    # Parameters.
    "param.bend": Text("Bend", "弯曲"),
    "param.height": Text("Height", "高度"),
    "param.halves": Text("Half waves", "半波数"),
    "param.turns": Text("Turns", "圈数"),
    "param.first": Text("Power, first axis", "幂次（横轴）"),
    "param.second": Text("Power, second axis", "幂次（纵轴）"),
    "param.swing": Text("Swing", "摆幅"),
    "param.k": Text("Strength k", "强度 k"),
    # The formula box.
    "formula.kind": Text("Form", "公式形式"),
    "formula.kind.forward": Text("x = ψ", "x = ψ"),
    "formula.kind.inverse": Text("x₁ = φ", "x₁ = φ"),
    "formula.kind.mean": Text("μ and σ", "μ 与 σ"),
    "formula.kind.help": Text(
        "ψ gives the position x from x₁; φ gives x₁ from the position x; μ and σ mean x = μ + σ "
        "x₁. One of them is enough.",
        "ψ 由 x₁ 给出位置 x；φ 由位置 x 给出 x₁；μ、σ 表示 x = μ + σ x₁。写出任意一种即可。",
    ),
    "formula.text.forward": Text("ψ(x1, x0, t) =", "ψ(x1, x0, t) ="),
    "formula.text.inverse": Text("φ(x, x0, t) =", "φ(x, x0, t) ="),
    "formula.text.mean": Text("μ(x0, t) =", "μ(x0, t) ="),
    "formula.text.sigma": Text("σ(t) =", "σ(t) ="),
    "formula.help": Text(
        "Write * between factors, or 2x0, (1-t)x0, t(1-t); ^ for powers. Functions: {functions}. "
        "Constants: pi, e. Any other single letter becomes a slider. ψ must be x0 at t = 0 and x1 "
        "at t = 1.",
        "因子之间写 *，也可写 2x0、(1-t)x0、t(1-t)；乘方写 ^。函数：{functions}。"
        "常数：pi、e。其余单个字母会变成滑块。ψ 在 t = 0 时应等于 x0，在 t = 1 时应等于 x1。",
    ),
    "formula.help.plane": Text(
        "In the plane: x0[0] and x0[1] are components, [a, b] makes a vector, rot(angle)*v turns "
        "one.",
        "在平面上：x0[0]、x0[1] 是分量，[a, b] 组成向量，rot(angle)*v 旋转向量。",
    ),
    "formula.time": Text(
        "Typed with the other time: here t = 0 is the data (x0), t = 1 the prior (x1).",
        "这里用另一个方向的时间来写：t = 0 是数据（x0），t = 1 是先验（x1）。",
    ),
    "formula.is.number": Text("number", "一个数"),
    "formula.is.vector": Text("vector", "一个向量"),
    "formula.is.rotation": Text("rotation", "一个旋转"),
    "formula.letter": Text("{name}", "{name}"),
    "formula.example": Text("Examples", "示例"),
    "formula.example.none": Text("Your own", "自己写"),
    "formula.example.bow": Text("Bow", "弓形"),
    "formula.example.tanh": Text("Nonlinear in x₁", "对 x₁ 非线性"),
    "formula.example.cubic": Text("A cubic inverse", "三次反函数"),
    "formula.example.centre": Text("Moving centre", "移动的中心"),
    "formula.example.fold": Text("A fold (not valid)", "折叠（无效）"),
    "formula.example.swirl": Text("A swirl", "漩涡"),
    "formula.example.radial": Text("Speed depends on distance", "速度随距离变化"),
    "formula.example.shear": Text("A shear", "剪切"),
}
