"""The Guidance page: a labelled flow, guided towards one class."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "nav.guidance": Text("Guidance", "引导"),
    "guidance.title": Text("Guidance towards one class", "引导：走向一类"),
    "guidance.lead": Text(
        "Give the data points labels, and each class has an exact flow of its own. **Guidance** "
        "adds to the velocity of all data s times the difference to the velocity of the class: at "
        "s = 0 samples reach all data, at s = 1 the class. Raise s further, as image generators "
        "do, and see **which points of the class lose their share**.",
        "给数据点加上标签，每一类就有自己的精确的流。**引导**在全部数据的速度上，"
        "加上 s 倍的“本类速度与它之差”：s = 0 时样本到达全部数据，s = 1 时只到达这一类。"
        "像图像生成模型那样继续加大 s，看看**这一类中哪些点失去了份额**。",
    ),
    # What the picture shows.
    "guidance.caption.1": Text(
        "Dots: the data points, one colour for each class.",
        "圆点：数据点，每类一种颜色。",
    ),
    "guidance.caption.2": Text(
        "Lines: the guided trajectories, in the colour of the class where they end.",
        "线：受引导的轨迹，颜色表示终点所属的类。",
    ),
    "guidance.caption.3": Text(
        "Query point: click anywhere. Arrows: the velocities there, towards the data.",
        "查询点：单击任意位置。箭头：那里的各个速度，指向数据。",
    ),
    # The same where no point has a label.
    "guidance.plain.caption.1": Text(
        "Dots: the data points, grey, as none has a label yet.",
        "圆点：数据点；都还没有标签，所以是灰色。",
    ),
    "guidance.plain.caption.2": Text(
        "Lines: trajectories of the flow of all data points. Nothing is guided yet.",
        "线：全部数据点的流的轨迹，还没有引导。",
    ),
    "guidance.plain.caption.3": Text(
        "Give the points labels by one of the buttons: the flow can then be guided towards a "
        "class.",
        "用按钮给数据点加上标签，就能引导这个流走向一类。",
    ),
    "guidance.alt": Text(
        "Trajectories of the flow guided with scale {scale} towards class {label}; data points: "
        "{points}",
        "以强度 {scale} 引导至 {label} 类的流的轨迹；数据点：{points}",
    ),
    "guidance.alt.plain": Text(
        "Trajectories of the flow of all data points: {points}",
        "全部数据点的流的轨迹：{points}",
    ),
    "guidance.saved": Text("Guidance with scale {scale}", "引导，强度 {scale}"),
    "guidance.hint": Text(
        "Click to move the query point.",
        "单击移动查询点。",
    ),
    "guidance.keys": Text("Keys: arrows move it.", "按键：方向键移动。"),
    # Settings, as sentences about them name them.
    "field.guidance_class": Text("Class", "类"),
    "field.guidance_scale": Text("Guidance scale s", "引导强度 s"),
    "field.guidance_begin": Text("Guidance begins at t", "引导始于 t"),
    "field.guidance_end": Text("Guidance ends at t", "引导终于 t"),
    "field.guidance_lines": Text("Trajectories drawn", "画出的轨迹数"),
    # Widgets.
    "guidance.class": Text("Towards class", "引导至"),
    "guidance.scale": Text("Guidance scale s", "引导强度 s"),
    "guidance.scale.help": Text(
        "0: the flow of all data; the class is not evaluated at all. 1: the exact flow of the "
        "class. Above 1 the difference of the two is exaggerated; this is what image generators "
        "call guidance.",
        "0：全部数据的流，完全不用计算该类。1：该类的精确的流。大于 1 则夸大两者之差，"
        "图像生成模型所说的“引导”就是这样。",
    ),
    "guidance.scale.all": Text("s = 0: all data", "s = 0：全部数据"),
    "guidance.scale.class": Text("s = 1: the class", "s = 1：该类"),
    "guidance.interval": Text("Only in an interval of time", "只在一段时间内引导"),
    "guidance.begin": Text("begins at t", "始于 t"),
    "guidance.end": Text("ends at t", "终于 t"),
    "guidance.interval.help": Text(
        "Outside the interval the flow is that of the class, s = 1. Guidance early in the "
        "generation chooses between points far apart; late it changes little.",
        "区间之外就是该类的流，即 s = 1。生成的前段决定去往相距较远的哪些点，后段影响很小。",
    ),
    "guidance.lines": Text("Trajectories drawn", "画出的轨迹数"),
    "guidance.settings": Text("Guide", "引导设置"),
    # Points without labels.
    "guidance.none": Text(
        "These points have no labels yet, so this is the flow of all of them. Divide them into two "
        "classes with one press, or write @a, @b behind points in the list.",
        "这些点还没有标签，所以现在是全部点的流。按一下即可分成两类，"
        "也可以在列表里的点后面写 @a、@b。",
    ),
    "guidance.label.halves": Text("Left and right half", "左右各半"),
    "guidance.label.centre": Text("Centre and outside", "中心与外围"),
    "guidance.label.sign": Text("By the sign of x", "按 x 的正负"),
    "guidance.label.example": Text("An example with two classes", "两类的示例"),
    "guidance.label.remove": Text("Remove all labels", "去掉所有标签"),
    # Beside the picture.
    "guidance.guided.one": Text("Guided towards class {label}", "引导至 {label} 类"),
    "guidance.about": Text(
        "No single formula gives a guided trajectory: it is no superposition of single-point "
        "flows. It is integrated with {nfe} evaluations of the velocity; with half as many steps "
        "the positions differ by {median} (median), {worst} at most.",
        "受引导的轨迹没有现成的公式：它不是单点流的叠加。这里用 {nfe} 次速度求值积分得到；"
        "步数减半，位置相差 {median}（中位数），最多 {worst}。",
    ),
    "guidance.outside": Text(
        "{share} of the evaluations are at places that the class or the data do not reach. No "
        "velocity is defined there; that of the nearest data point is used.",
        "{share} 的求值发生在该类或数据到达不了的地方。那里速度没有定义，改用最近数据点的速度。",
    ),
    "guidance.share": Text("ends in the class", "到达该类"),
    "guidance.share.help": Text(
        "The share of the flow that ends nearest to a point of the class.",
        "终点离该类的点最近的份额。",
    ),
    "guidance.entropy": Text("entropy, guided", "熵（引导后）"),
    "guidance.entropy.class": Text("entropy of the class", "熵（该类）"),
    "guidance.entropy.help": Text(
        "−Σ q log q over the points: the smaller, the less diverse the samples.",
        "对各点求 −Σ q log q：越小，样本越单一。",
    ),
    "guidance.bars": Text("Where the mass ends", "概率流向何处"),
    "guidance.bars.guided": Text("guided", "引导后"),
    "guidance.bars.class": Text("the class, p(·|y)", "该类，p(·|y)"),
    "guidance.bars.places": Text("data point", "数据点"),
    "guidance.bars.share": Text("share", "份额"),
    "guidance.bars.alt": Text(
        "Shares of the data points, guided and in the class: {shares}",
        "各数据点的份额，引导后与该类中：{shares}",
    ),
    "guidance.bars.line": Text(
        "Filled: guided. Outlined: p(·|y). On the line trajectories cannot cross, so a share is "
        "the prior mass between two borders of x₁. Half as many steps change it by {noise} at "
        "most.",
        "实心：引导后。空心：p(·|y)。一维轨迹不能相交，所以份额就是 x₁ 的两个分界点之间的"
        "先验概率。步数减半，份额最多改变 {noise}。",
    ),
    "guidance.bars.plane": Text(
        "Filled: guided, counted on {n:,} samples, with standard errors. Outlined: p(·|y).",
        "实心：引导后，由 {n:,} 个样本计数得出，附标准误差。空心：p(·|y)。",
    ),
    "guidance.bars.more": Text(
        "The {shown} points with the largest shares, of {n:,}.",
        "共 {n:,} 个点，列出份额最大的 {shown} 个。",
    ),
    "guidance.between": Text(
        "For s between 0 and 1 a sample may end between points; it counts for the nearest.",
        "s 在 0 与 1 之间时，样本可能停在两点之间，计入最近的点。",
    ),
    "guidance.borders": Text("Borders of x₁: {borders}", "x₁ 的分界点：{borders}"),
    # At the query point.
    "guidance.query": Text("At the query point", "查询点处"),
    "guidance.query.none": Text(
        "Click in the picture: the velocities there appear as arrows, and here as numbers.",
        "单击图中一点：那里的各个速度会以箭头画出，数值列在这里。",
    ),
    "guidance.query.nowhere": Text(
        "No velocity is defined here: the data or the class do not reach this point.",
        "这里速度没有定义：数据或该类到达不了这一点。",
    ),
    "guidance.query.at": Text(
        "At t = {t} a sample here belongs to class {label} with probability {share}; s = {scale}.",
        "在 t = {t}，位于此处的样本属于 {label} 类的概率为 {share}；s = {scale}。",
    ),
    "guidance.query.velocity": Text("velocity towards the data", "速度（指向数据）"),
    "guidance.query.every": Text("all data", "全部数据"),
    "guidance.query.class": Text("the class", "该类"),
    "guidance.query.guided": Text("guided (classifier-free)", "引导（无分类器）"),
    "guidance.query.classifier": Text("guided (classifier)", "引导（用分类器）"),
    "guidance.arrow.every": Text("all", "全部"),
    "guidance.arrow.class": Text("class", "该类"),
    "guidance.arrow.guided": Text("guided", "引导"),
    "guidance.arrow.classifier": Text("classifier", "分类器"),
    "guidance.angle.gaussian": Text(
        "Both guidances push in the same direction and equally far (angle {angle}°). That is so "
        "for a Gaussian prior, under which the velocity is a function of the score.",
        "两种引导的推动方向与大小都相同（夹角 {angle}°）。高斯先验就是这样：速度是得分的函数。",
    ),
    "guidance.angle.other": Text(
        "The pushes of the two guidances differ by an angle of {angle}°, and the classifier's is "
        "{ratio} times as long: under this prior the velocity is no function of the score, so "
        "adding to the score is something else.",
        "两种引导的推动方向相差 {angle}°，分类器的长度是另一种的 {ratio} 倍："
        "在这个先验下，速度不是得分的函数，加在得分上就是另一回事。",
    ),
    "guidance.angle.family": Text(
        "The classifier's form needs trajectories x = α x₀ + σ x₁; this family is another.",
        "用分类器的形式要求轨迹为 x = α x₀ + σ x₁，这一族不是。",
    ),
    # As the scale grows.
    "guidance.chart": Text("As s grows", "当 s 增大"),
    "guidance.chart.scale": Text("guidance scale s", "引导强度 s"),
    "guidance.chart.entropy": Text("entropy", "熵"),
    "guidance.chart.point": Text("ends at {point}", "到达 {point}"),
    "guidance.chart.rest": Text("other classes", "其他类"),
    "guidance.chart.alt": Text(
        "Shares of the points of the class and the entropy, for scales from 0 to 10",
        "强度从 0 到 10 时，该类各点的份额与熵",
    ),
    "guidance.chart.many": Text(
        "With more than {limit:,} points, or a family whose velocity solves equations, this chart "
        "would take too long: nothing is shown.",
        "超过 {limit:,} 个点，或速度需要解方程的轨迹族，这张图耗时过长，因此不显示。",
    ),
    "guidance.not": Text(
        "**What the slider is not:** it does not sample the tilted distribution "
        "p(x|y)ˢ p(x)¹⁻ˢ, as is often said. With one label for each point that distribution is "
        "p(·|y) for every s ≥ 1, so nothing should change; the bars show what does.",
        "**滑块不是什么**：它并不像常说的那样，从倾斜后的分布 p(x|y)ˢ p(x)¹⁻ˢ 采样。"
        "每点只有一个标签时，那个分布对一切 s ≥ 1 都是 p(·|y)，本不该有任何变化；"
        "而柱形图显示了实际的变化。",
    ),
    "guidance.density.none": Text(
        "No density is drawn: for this many points, or a prior with edges, it is not computed in "
        "the plane. The dots are samples at t = {t}.",
        "没有画密度：点数这么多，或先验有边界时，平面上不计算密度。小点是 t = {t} 时的样本。",
    ),
    "guidance.density.plane": Text(
        "Shading: the density at t = {t}, by the change of variables along trajectories; small "
        "dots: samples at that time.",
        "底色：t = {t} 时的密度，沿轨迹用变量替换算出；小点：该时刻的样本。",
    ),
    "guidance.density.line": Text(
        "Shading: the density between neighbouring trajectories, whose probability is conserved.",
        "底色：相邻轨迹之间的密度，两条轨迹之间的概率守恒。",
    ),
    # Checks.
    "checks.guide_ends": Text(
        "s = 0 and s = 1 are the flows of all data and of the class",
        "s = 0 与 s = 1 恰为全部数据与该类的流",
    ),
    "checks.guide_ends.why": Text(
        "The velocity that is integrated, at both scales, beside the exact fields at random "
        "positions: the largest relative difference.",
        "随机取点，在这两个强度下把积分所用的速度与精确的速度场相比，取最大相对差异。",
    ),
    "checks.guide_ends.bad": Text(
        "The guided velocity is not the exact one where it must be.",
        "在应当精确之处，引导后的速度并不精确。",
    ),
    "checks.guide_mixing": Text(
        "The velocity of all data is the mean of the classes'",
        "全部数据的速度是各类速度的平均",
    ),
    "checks.guide_mixing.why": Text(
        "Weighted with the probability of each class there: the largest relative difference at "
        "random positions.",
        "以各类在该处的概率加权；随机取点，取最大相对差异。",
    ),
    "checks.guide_mixing.bad": Text(
        "The velocities of the classes do not add up.", "各类的速度合不起来。"
    ),
    "checks.guide_variance": Text(
        "For Gaussian data the same steps end with variance 2¹⁻ˢ",
        "对高斯数据，同样的步长得到方差 2¹⁻ˢ",
    ),
    "checks.guide_variance.why": Text(
        "Class data N(0, 1) among all data N(0, 2) have a guided flow that is known: the relative "
        "error of its variance, integrated as here.",
        "该类数据服从 N(0, 1)、全部数据服从 N(0, 2) 时，引导后的流是已知的："
        "按此处的方法积分，看方差的相对误差。",
    ),
    "checks.guide_variance.bad": Text(
        "The steps are too long for this scale.", "对这个强度，步长太大了。"
    ),
    "checks.guide_mass": Text("Total probability is kept", "总概率守恒"),
    "checks.guide_mass.why": Text(
        "The density by the change of variables, integrated at the time shown: its distance from "
        "1, or in the plane from the share of samples that are in view.",
        "用变量替换得到的密度，在所示时刻积分：与 1 的差距；在平面上，与视野内样本所占比例的差距。",
    ),
    "checks.guide_mass.bad": Text(
        "The density is not that of the trajectories.", "密度与轨迹不符。"
    ),
    "notes.guidance.point": Text(
        "Begin at s = 1 and point at the inner data point of the class: it has its share. Raise s, "
        "and its basin shrinks, although no label is in doubt there. Then change the prior from "
        "Gaussian to another, and let the class say why the two arrows part.",
        "先停在 s = 1，指着该类靠内的那个点：它有自己的份额。加大 s，它的吸引域缩小，"
        "尽管那里的标签毫无疑问。再把先验从高斯换成别的，让学生说出两个箭头为何分开。",
    ),
}
