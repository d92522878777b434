"""Below Green's function: where gravity comes from."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "demo.gravity": Text("A derivation without a choice: gravity", "不作选择的推导：引力"),
    "demo.gravity.field": Text(
        "On this page a family of trajectories is chosen. [Part 14 of the series]"
        "(https://kexue.fm/archives/9370) derives one instead. Let T run from 0 to ∞, and put "
        "density and flux into **one field of space and time**, u = (p, f p). The continuity "
        "equation says that u has no divergence away from x₀. Now suppose that no direction of "
        "space and time is preferred (**isotropy**): then u points away from x₀, and its size "
        "depends on the distance R alone.",
        "本页的轨迹族是选出来的；[系列第十四篇](https://kexue.fm/archives/9370)则推导出一个。"
        "让 T 从 0 走到 ∞，把密度与通量合成**一个时空中的场** u = (p, f p)。"
        "连续性方程就是说：在 x₀ 之外，u 的散度为 0。再假设时空中没有哪个方向是特殊的"
        "（**各向同性**）：那么 u 从 x₀ 指向外，大小只取决于距离 R。",
    ),
    "demo.gravity.power": Text("Exponent a", "指数 a"),
    "demo.gravity.axis.time": Text("T", "T"),
    "demo.gravity.axis.mass": Text("mass at T", "T 处的总概率"),
    "demo.gravity.alt": Text(
        "The field in space and time: lines from the data point at equal angles, and circles of "
        "equal distance",
        "时空中的场：从数据点出发、夹角相等的射线，以及等距离的圆",
    ),
    "demo.gravity.mass.alt": Text(
        "The total probability of each slice over T, and the 1 that a density has",
        "各个 T 处的总概率，以及密度应有的 1",
    ),
    "demo.gravity.rays.line": Text(
        "Equal angles between neighbouring lines: with a = 2 each gap has the same probability. "
        "Dashed: equal distance R.",
        "相邻射线的夹角相等：a = 2 时，每个间隔的概率都相同。虚线：距离 R 相等处。",
    ),
    "demo.gravity.rays.plane": Text(
        "A section through space and time along x. Lines at equal angles; dashed: equal distance "
        "R.",
        "沿 x 方向的时空剖面。射线夹角相等；虚线：距离 R 相等处。",
    ),
    "demo.gravity.mass": Text(
        "A density has mass 1 at each T (dashed).", "密度在每个 T 处的总概率都是 1（虚线）。"
    ),
    "demo.gravity.exact": Text(
        "With a = {a}, ∇·u is 0: measured at {n} positions, |∇·u| Rᵃ is at most {size}. "
        "The mass is {first} at T = {begin} and {last} at T = {end}. This is the field of a point "
        "mass in {dimension} dimensions, the **law of gravity**.",
        "a = {a} 时 ∇·u 为 0：在 {n} 个位置测得 |∇·u| Rᵃ 不超过 {size}。"
        "总概率在 T = {begin} 处是 {first}，在 T = {end} 处是 {last}。"
        "这就是 {dimension} 维空间中质点的场，即**万有引力定律**。",
    ),
    "demo.gravity.other": Text(
        "With a = {a}, ∇·u is not 0: measured at {n} positions, ∇·u Rᵃ is between {low} and "
        "{high}. The mass is {first} at T = {begin} and {last} at T = {end}: probability is "
        "created or lost on the way. Only a = {dimension} keeps it.",
        "a = {a} 时 ∇·u 不为 0：在 {n} 个位置测得 ∇·u Rᵃ 在 {low} 与 {high} 之间。"
        "总概率在 T = {begin} 处是 {first}，在 T = {end} 处是 {last}：途中概率有增减。"
        "只有 a = {dimension} 使它守恒。",
    ),
    "demo.gravity.same": Text(
        "With a = {a}, ∇·u is not 0: measured at {n} positions, ∇·u Rᵃ is {low} at each. The mass "
        "is {first} at T = {begin} and {last} at T = {end}: probability is created or lost on the "
        "way. Only a = {dimension} keeps it.",
        "a = {a} 时 ∇·u 不为 0：在 {n} 个位置测得 ∇·u Rᵃ 都是 {low}。"
        "总概率在 T = {begin} 处是 {first}，在 T = {end} 处是 {last}：途中概率有增减。"
        "只有 a = {dimension} 使它守恒。",
    ),
    "demo.gravity.flow": Text(
        "The first component is the density, and the others over it are the velocity:",
        "第一个分量就是密度，其余分量除以它就是速度：",
    ),
    "demo.gravity.lens": Text(
        "So the trajectories are the straight lines x = x₀ + T z, and z has Student's t "
        "distribution with **one degree of freedom** (Cauchy; in the plane the isotropic one). At "
        "the time T/(1 + T), all lengths divided by 1 + T, they are the straight lines of this "
        "page.",
        "所以轨迹是直线 x = x₀ + T z，而 z 服从**自由度为 1** 的学生 t 分布"
        "（柯西分布；二维时取各向同性的那个）。取时刻 T/(1 + T)，并把长度都除以 1 + T，"
        "就是本页的直线族。",
    ),
    "demo.gravity.use": Text("Show this flow at the top of the page", "在页首的图中显示这个流"),
    "demo.gravity.shown": Text(
        "The picture at the top of this page shows this flow now.",
        "本页顶部的图现在显示的就是这个流。",
    ),
    "checks.gravity": Text(
        "Straight lines under this prior are gravity", "这个先验下的直线族就是引力"
    ),
    "checks.gravity.why": Text(
        "The largest relative difference between their density, by a change of variables, and the "
        "first component of the field, at three times.",
        "三个时刻上，用变量替换算出的密度与场的第一个分量之间的最大相对差异。",
    ),
    "checks.gravity.bad": Text("The two densities differ.", "两个密度不相等。"),
}
