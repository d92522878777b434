"""The lesson: ten steps and an exit question; predict, lock, see, explain, do."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "nav.lesson": Text("Lesson", "课程"),
    "lesson.title": Text("The lesson: flows in fifteen predictions", "课程：用十五次预测弄懂流"),
    "lesson.lead": Text(
        "Each step asks before it shows. Say what you expect, lock it, then look: a prediction "
        "that "
        "fails teaches more than a picture that pleases.",
        "每一步都先问，后看。说出你的预测，锁定，再看结果：一次猜错，比看一幅漂亮的图学到的更多。",
    ),
    "lesson.caption.1": Text(
        "Before you lock: what is given. The answer is covered.",
        "锁定之前：图中只有已知条件，答案是盖住的。",
    ),
    "lesson.caption.2": Text(
        "After you lock: the exact flow, computed for this step.",
        "锁定之后：为这一步精确计算的流。",
    ),
    "lesson.caption.3": Text(
        "Marked “you”: your answer, where the figure has a place for it.",
        "标有“你”的：你的答案（图中能标出时）。",
    ),
    "lesson.board": Text("On the board", "板书"),
    "lesson.board.empty": Text(
        "Each answered step leaves its idea here.", "每答完一步，它的要点会留在这里。"
    ),
    "lesson.convention": Text(
        "The lesson has the article's time throughout: t = 0 is the data, t = 1 the prior.",
        "课程始终采用文章的时间：t = 0 是数据，t = 1 是先验。",
    ),
    "lesson.step": Text("Step", "步骤"),
    "lesson.step.flow": Text("Step {step} of 10", "第 {step} 步，共 10 步"),
    "lesson.step.exit": Text("Exit question", "结课题"),
    "lesson.exit.short": Text("Exit", "结课"),
    "lesson.back": Text("Back", "上一步"),
    "lesson.next": Text("Next", "下一步"),
    "lesson.lock": Text("Lock my answer", "锁定我的答案"),
    "lesson.missing": Text("Answer every question first.", "请先回答所有问题。"),
    "lesson.again": Text("Answer again", "重新作答"),
    "lesson.yours": Text("Your answer: {answer}.", "你的答案：{answer}。"),
    "lesson.right": Text("Yes.", "对。"),
    "lesson.wrong": Text("Not quite.", "不太对。"),
    "lesson.common": Text("Many expect: {text}", "很多人会以为：{text}"),
    "lesson.do": Text("Do it yourself", "动手试试"),
    "lesson.source": Text(
        "Su Jianlin's article, [kexue.fm/archives/9379](https://kexue.fm/archives/9379): {section}",
        "苏剑林的文章 [kexue.fm/archives/9379](https://kexue.fm/archives/9379)：{section}",
    ),
    "lesson.alt": Text("The figure of this step: {text}", "本步的图：{text}"),
    "lesson.alt.covered": Text(
        "The figure of this step; the answer is covered until yours is locked: {text}",
        "本步的图，锁定答案之前结果是盖住的：{text}",
    ),
    "lesson.covered.present": Text("What do you expect?", "你预计会怎样？"),
    "lesson.covered": Text("Lock your answer to see this", "锁定答案后可见"),
    "lesson.done": Text(
        "{right} of {answered} answered questions right.", "答过 {answered} 题，答对 {right} 题。"
    ),
    "error.lesson.answers": Text(
        "“{token}” is no list of answers: for each step up to four numbers, as in 1(1,1.5)6(0,2).",
        "“{token}”不是答案的列表：每一步最多四个数，例如 1(1,1.5)6(0,2)。",
    ),
    "field.lesson_step": Text("The lesson's step", "课程的步骤"),
    "field.lesson_answers": Text("The lesson's answers", "课程的答案"),
    "lesson.axis.t": Text("time t", "时间 t"),
    "lesson.axis.x": Text("position x", "位置 x"),
    "lesson.axis.density": Text("density", "密度"),
    "lesson.axis.target": Text("velocity", "速度"),
    "lesson.axis.share": Text("probability", "概率"),
    "lesson.mark.you": Text("you", "你"),
    "lesson.mark.prior": Text("prior", "先验"),
    "lesson.mark.straight": Text("σ = t", "σ = t"),
    "lesson.mark.quadratic": Text("σ = t²", "σ = t²"),
    "lesson.mark.average": Text("their weighted mean", "它们的加权平均"),
    "lesson.mark.targets": Text("what the network is shown", "网络看到的目标"),
    "lesson.mark.mean": Text("their mean, the best answer", "它们的平均，即最好的回答"),
    "lesson.mark.one": Text("one step", "一步"),
    "lesson.mark.two": Text("two steps", "两步"),
    "lesson.mark.weights": Text("weights of the data points", "数据点的权重"),
    "lesson.mark.posterior": Text("posterior weights at x = 50", "x = 50 处的后验权重"),
    "lesson.mark.exact": Text("exact flow", "精确的流"),
    "lesson.mark.half": Text("t = ½", "t = ½"),
    "lesson.axis.half": Text("position x, t = ½", "位置 x，t = ½"),
    "lesson.axis.end": Text("position x, t = 0", "位置 x，t = 0"),
    "lesson.mark.then": Text("t = 1", "t = 1"),
    "lesson.mark.now": Text("t = 0.1", "t = 0.1"),
    "lesson.1.idea": Text(
        "Mass is carried along, and none is made.", "概率只是被搬运，既不产生，也不消失。"
    ),
    "lesson.1.question": Text(
        "Samples of the uniform prior on [0, 2] flow to 0.5 (weight ½), 1.2 (¼) and 1.7 (¼). "
        "Up to which start do they reach 0.5, and from which start on 1.7? Put the two borders.",
        "[0, 2] 上均匀先验的样本流向 0.5（权重 ½）、1.2（¼）和 1.7（¼）。"
        "起点在哪里以下到达 0.5，在哪里以上到达 1.7？请给出两条分界。",
    ),
    "lesson.1.field.1": Text("Lower border", "下分界"),
    "lesson.1.field.2": Text("Upper border", "上分界"),
    "lesson.1.common": Text(
        "every sample goes to its nearest data point, so 0.85 and 1.45.",
        "每个样本都去最近的数据点，所以是 0.85 和 1.45。",
    ),
    "lesson.1.answer": Text(
        "The borders are at {low} and {high}: half of the prior lies below {low}, and 0.5 has half "
        "of the weight. Trajectories cannot cross, so the order stays and each point receives "
        "exactly its weight. {far} of the samples do not go to their nearest point.",
        "分界在 {low} 和 {high}：先验有一半在 {low} 以下，而 0.5 正好占一半权重。"
        "轨迹不能相交，次序保持不变，每个点恰好得到它的权重。{far} 的样本去的不是最近的点。",
    ),
    "lesson.1.section": Text("the figure of the flow to three points", "三个点的生成轨迹图"),
    "lesson.2.idea": Text(
        "One point must be reached gradually.", "即使只生成一个点，也要逐渐到达。"
    ),
    "lesson.2.question": Text(
        "One data point at 0.5, prior uniform on [0, 2] with density ½. Straight lines, half-way "
        "(t = ½): how high is the density of the samples now?",
        "只有一个数据点 0.5，先验是 [0, 2] 上的均匀分布，密度为 ½。沿直线走到一半（t = ½）："
        "样本此刻的密度有多高？",
    ),
    "lesson.2.field.1": Text("Density at t = ½", "t = ½ 时的密度"),
    "lesson.2.common": Text("still ½: it is still uniform.", "还是 ½，因为仍是均匀分布。"),
    "lesson.2.answer": Text(
        "It is {density}. Half-way the samples fill an interval of half the length, so the same "
        "mass lies twice as dense.",
        "是 {density}。走到一半时，样本占的区间只剩一半长，同样多的概率就密了一倍。",
    ),
    "lesson.2.section": Text("the geometric idea of the Green's function", "格林函数的几何直观"),
    "lesson.3.idea": Text(
        "Choose the trajectories, then differentiate: that is the velocity.",
        "先选轨迹，再求导，就得到速度。",
    ),
    "lesson.3.question": Text(
        "One data point at 0.5. On straight lines at constant speed (σ = t), the velocity at "
        "x = 0.9, t = ½ is (x − 0.5)/t = 0.8. Now the same lines are travelled with σ = t². "
        "What is "
        "the velocity there?",
        "只有一个数据点 0.5。沿直线匀速走（σ = t），在 x = 0.9、t = ½ 处速度为 (x − 0.5)/t = 0.8。"
        "同样的直线，改用 σ = t² 的走法，那里的速度是多少？",
    ),
    "lesson.3.field.1": Text("Velocity with σ = t²", "σ = t² 时的速度"),
    "lesson.3.common": Text("the lines are the same, so 0.8.", "直线没有变，所以还是 0.8。"),
    "lesson.3.answer": Text(
        "It is {velocity}: f = (σ̇/σ)(x − x₀), and σ̇/σ is 2/t for t² where it was 1/t. The "
        "lines in x "
        "are the same; the speed along them is chosen, too.",
        "是 {velocity}：f = (σ̇/σ)(x − x₀)，σ = t² 时 σ̇/σ 是 2/t，而原来是 1/t。"
        "空间中的直线没有变，但沿线的速度也是我们选的。",
    ),
    "lesson.3.section": Text(
        "differentiating the trajectories; the general linear case", "对轨迹求导；一般的线性情形"
    ),
    "lesson.4.idea": Text(
        "Along a trajectory the density grows by the divergence: d/t for straight lines.",
        "沿着轨迹，密度按散度增长：直线情形的散度是 d/t。",
    ),
    "lesson.4.question": Text(
        "In the plane, one data point, straight lines. A parcel of samples moves from t = 1 to "
        "t = 0.1. How many times denser is it then?",
        "在平面上，一个数据点，直线轨迹。一小团样本从 t = 1 走到 t = 0.1，密度变成原来的多少倍？",
    ),
    "lesson.4.field.1": Text("Times denser", "密度的倍数"),
    "lesson.4.common": Text("ten times, as in one dimension.", "十倍，和一维一样。"),
    "lesson.4.answer": Text(
        "{factor} times: both sides of the parcel shrink tenfold. The integral of ∇·f = 2/t from "
        "0.1 to 1 is 2 ln 10, and its exponential is {factor}.",
        "{factor} 倍：两条边都缩到十分之一。∇·f = 2/t 从 0.1 到 1 的积分是 2 ln 10，取指数正是 "
        "{factor}。",
    ),
    "lesson.4.section": Text("the method of characteristics", "特征线法"),
    # 5
    "lesson.5.idea": Text("Any prior will do.", "任何先验都可以。"),
    "lesson.5.question": Text(
        "The uniform prior is replaced by the normal distribution N(0, 1); the data points "
        "stay 0.5 "
        "(½), 1.2 (¼) and 1.7 (¼). What stays the same, and where is the upper border now?",
        "把均匀先验换成正态分布 N(0, 1)，数据点仍是 0.5（½）、1.2（¼）和 1.7（¼）。"
        "什么保持不变？上分界现在在哪里？",
    ),
    "lesson.5.field.1": Text("What stays", "什么不变"),
    "lesson.5.option.1": Text("the shares ½, ¼, ¼", "份额 ½、¼、¼"),
    "lesson.5.option.2": Text("the borders 1.0 and 1.5", "分界 1.0 和 1.5"),
    "lesson.5.option.3": Text("neither of them", "都会变"),
    "lesson.5.field.2": Text("Upper border", "上分界"),
    "lesson.5.common": Text(
        "the borders stay at 1.0 and 1.5, and 0.5 gets most of the mass.",
        "分界仍在 1.0 和 1.5，0.5 会得到大部分概率。",
    ),
    "lesson.5.answer": Text(
        "The shares stay {shares}. The upper border is where three quarters of the prior lie "
        "below: "
        "{gaussian} for the normal, {laplace} for Laplace, {cauchy} for Cauchy. Only the quantiles "
        "of the prior matter.",
        "份额仍是 {shares}。上分界在先验的四分之三分位点：正态 {gaussian}，拉普拉斯 {laplace}，"
        "柯西 {cauchy}。起作用的只是先验的分位数。",
    ),
    "lesson.5.section": Text(
        "the article's point: no dependence on the Gaussian", "文章的要点：不再依赖高斯先验"
    ),
    # 6
    "lesson.6.idea": Text(
        "Superposed, straight lines become curves.", "直线叠加起来，就成了曲线。"
    ),
    "lesson.6.question": Text(
        "At x = 0.9, t = ½ the three points want three velocities: 0.8, −0.6 and −1.6, with "
        "posterior weights ½, ¼, ¼. Which way does generation move the sample, and where does it "
        "end?",
        "在 x = 0.9、t = ½ 处，三个点各要求一个速度：0.8、−0.6 和 −1.6，后验权重为 ½、¼、¼。"
        "生成时样本往哪边走？最后到达哪里？",
    ),
    "lesson.6.field.1": Text("It moves", "移动方向"),
    "lesson.6.option.1": Text("up", "向上"),
    "lesson.6.option.2": Text("down", "向下"),
    "lesson.6.option.3": Text("not at all", "不动"),
    "lesson.6.field.2": Text("It ends at", "到达"),
    "lesson.6.second.1": Text("0.5", "0.5"),
    "lesson.6.second.2": Text("1.2", "1.2"),
    "lesson.6.second.3": Text("1.7", "1.7"),
    "lesson.6.common": Text(
        "0.5 has the most weight, so it moves straight down to 0.5.",
        "0.5 的权重最大，所以径直向下走到 0.5。",
    ),
    "lesson.6.answer": Text(
        "f = ½·0.8 − ¼·0.6 − ¼·1.6 = {velocity}. Generation goes against time, so the sample moves "
        "up at that moment, and yet it ends at {end}: the curve turns. No single point's line does "
        "that.",
        "f = ½·0.8 − ¼·0.6 − ¼·1.6 = {velocity}。生成与时间方向相反，所以此刻样本向上走，"
        "最后却到达 {end}：曲线拐了弯。任何一个点的直线都不会这样。",
    ),
    "lesson.6.section": Text(
        "superposition; the figure of the flow to three points", "叠加；三个点的生成轨迹图"
    ),
    # 7
    "lesson.7.idea": Text(
        "Train on single targets, get the average.", "用单点目标训练，学到的是平均。"
    ),
    "lesson.7.question": Text(
        "A network is trained on fₜ(x|x₀), one data point at a time, by squared error. How small "
        "can its loss become, with unlimited size and time?",
        "网络每次用一个数据点的 fₜ(x|x₀) 作目标，按平方误差训练。网络和时间都不设限，"
        "损失能小到什么程度？",
    ),
    "lesson.7.field.1": Text("Least loss", "最小损失"),
    "lesson.7.option.1": Text("0", "0"),
    "lesson.7.option.2": Text("above 0, and it can be computed", "大于 0，而且可以算出来"),
    "lesson.7.option.3": Text("it depends on the network", "取决于网络"),
    "lesson.7.common": Text("0: it can learn everything.", "0：什么都能学会。"),
    "lesson.7.answer": Text(
        "{floor}, not 0. At one place several data points give different targets; the best answer "
        "is their mean, and the variance around it remains. The mean is exactly the flow's "
        "velocity.",
        "{floor}，而不是 0。同一位置上，不同数据点给出不同的目标；最好的回答是它们的平均，"
        "剩下的正是围绕平均的方差。而这个平均恰好就是流的速度。",
    ),
    "lesson.7.section": Text("the training objective", "训练目标"),
    # 8
    "lesson.8.idea": Text(
        "All schedules are one flow, with another timing and scale.",
        "不同的调度是同一个流，只是时间和尺度不同。",
    ),
    "lesson.8.question": Text(
        "The linear schedule is replaced by the cosine schedule. All curves change. Which samples "
        "end at another data point?",
        "把线性调度换成余弦调度，所有曲线都变了。哪些样本会到达另一个数据点？",
    ),
    "lesson.8.field.1": Text("Other ends", "终点改变的"),
    "lesson.8.option.1": Text("none", "没有"),
    "lesson.8.option.2": Text("those near a border", "分界附近的"),
    "lesson.8.option.3": Text("most of them", "大部分"),
    "lesson.8.common": Text(
        "those near a border: the curves differ, after all.", "分界附近的会变，毕竟曲线不同了。"
    ),
    "lesson.8.answer": Text(
        "None: the largest difference between the ends is {difference}. With u = σ/(α + σ), "
        "x/(α + σ) follows the straight-line flow at time u: another clock and another scale, and "
        "no other map.",
        "没有：终点的最大差别是 {difference}。令 u = σ/(α + σ)，则 x/(α + σ) 在时刻 u "
        "走的就是直线的流："
        "换了钟表和尺度，映射没有换。",
    ),
    "lesson.8.section": Text("the general linear case", "一般的线性情形"),
    # 9
    "lesson.9.idea": Text("Bend one trajectory, tangle all.", "弯一条，乱一片。"),
    "lesson.9.question": Text(
        "The lines are bent: x = (1 − t) x₀ + t x₁ + a t (1 − t) sin 3x₁. What is the largest "
        "a for "
        "which trajectories to one point never cross? And with a = 2: above which t are there no "
        "crossings?",
        "把直线弯一弯：x = (1 − t) x₀ + t x₁ + a t (1 − t) sin 3x₁。到同一点的轨迹互不相交，"
        "a 最大是多少？若 a = 2，t 大于多少时不再相交？",
    ),
    "lesson.9.field.1": Text("Largest a", "最大的 a"),
    "lesson.9.field.2": Text("No crossings above t =", "不再相交：t 大于"),
    "lesson.9.common": Text(
        "about 1, as the bend is as large as the line is long.", "大约 1，那时弯曲和直线一样长。"
    ),
    "lesson.9.answer": Text(
        "a = {a}, and t = {t}. Trajectories cross where ∂x/∂x₁ = t (1 + 3a (1 − t) cos 3x₁) "
        "becomes "
        "negative, and there no velocity exists. A small bend is allowed; more helps nobody.",
        "a = {a}，t = {t}。当 ∂x/∂x₁ = t (1 + 3a (1 − t) cos 3x₁) 变为负数时轨迹相交，"
        "那里也就没有速度可言。小弯可以，再弯对谁都没有好处。",
    ),
    "lesson.9.section": Text("on more complicated trajectories", "关于更复杂的轨迹"),
    # 10
    "lesson.10.idea": Text("Few steps blur the targets.", "步数太少，目标就混在一起。"),
    "lesson.10.question": Text(
        "The flow is followed by Euler's method in a single step from t = 1 to t = 0. Where do the "
        "samples land? And in how many places after two equal steps?",
        "用欧拉法从 t = 1 到 t = 0 只走一步，样本落在哪里？改成相等的两步，会落在几处？",
    ),
    "lesson.10.field.1": Text("One step: all land at", "一步：都落在"),
    "lesson.10.field.2": Text("Two steps: number of places", "两步：落点的个数"),
    "lesson.10.common": Text(
        "at the three data points, only less exactly.", "落在三个数据点上，只是不太准。"
    ),
    "lesson.10.answer": Text(
        "All at {mean}, the mean of the data: at t = 1 nothing is known of where a sample belongs. "
        "After two steps the number of places is {count}, with {shares} of the samples.",
        "都落在 {mean}，即数据的均值：t = 1 时还完全看不出样本该去哪里。"
        "两步之后有 {count} 处，分别有 {shares} 的样本。",
    ),
    "lesson.10.section": Text("generation by solving the ODE", "解 ODE 进行生成"),
    # Exit
    "lesson.11.idea": Text(
        "Under a heavy-tailed prior, far away means undecided.", "重尾先验下，离得远就是还没定。"
    ),
    "lesson.11.question": Text(
        "The prior is the Cauchy distribution. At t = ½ a sample is at x = 50. Which data point is "
        "responsible for it?",
        "先验是柯西分布。t = ½ 时一个样本在 x = 50。哪个数据点对它负责？",
    ),
    "lesson.11.field.1": Text("Responsible", "负责的"),
    "lesson.11.option.1": Text("1.7, the nearest", "1.7，最近的"),
    "lesson.11.option.2": Text("all three equally", "三个一样"),
    "lesson.11.option.3": Text("all three, by their weights", "三个都有，按权重"),
    "lesson.11.common": Text(
        "1.7, as it is nearest; under a Gaussian prior that is so.",
        "1.7，因为它最近；高斯先验下确实如此。",
    ),
    "lesson.11.answer": Text(
        "The posterior weights are {weights}: the weights themselves, almost. Far out a Cauchy "
        "density hardly changes over the distance between the data points. For the normal prior "
        "they would be {gaussian}.",
        "后验权重是 {weights}，几乎就是权重本身。在远处，柯西密度在数据点的间距上几乎不变。"
        "换成正态先验则是 {gaussian}。",
    ),
    "lesson.11.section": Text("any prior, by the method of characteristics", "任意先验与特征线法"),
}
