"""The lesson's notes for the lecturer: two sentences to say, two kinds of answers to tell apart."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "lesson.1.say": Text(
        "Nothing is made on the way and nothing is lost: each data point receives as much of the "
        "prior as its weight says. As the lines keep their order, the borders can be counted off "
        "from below.",
        "一路上既不产生也不消失：每个数据点从先验得到的，正好是它的权重。"
        "线保持次序，所以分界可以从下往上数出来。",
    ),
    "lesson.1.recited": Text(
        "“Because the shares are the weights”, and no reason why the lower half goes to 0.5.",
        "“因为份额就是权重”，却说不出为什么下面一半去 0.5。",
    ),
    "lesson.1.understood": Text(
        "The lines cannot cross, so the samples arrive in the order in which they started; then "
        "the weights fix the borders.",
        "线不能相交，样本到达的次序就是出发的次序；于是权重定下了分界。",
    ),
    "lesson.2.say": Text(
        "All of the mass must pass through less and less room. So the density grows as 1/t, and "
        "only at the data is it a point.",
        "全部概率要从越来越窄的地方经过。所以密度按 1/t 增长，到了数据那里才成为一个点。",
    ),
    "lesson.2.recited": Text("“It is p₁/t”, from the formula.", "“套公式，是 p₁/t”。"),
    "lesson.2.understood": Text(
        "Half of the length and the same mass: twice the density. The total has to stay 1.",
        "长度减半，概率不变，密度加倍：总量必须保持为 1。",
    ),
    "lesson.3.say": Text(
        "The velocity is no second choice: whoever chooses the trajectories has chosen it. The "
        "same lines with another timing are another family.",
        "速度不是另外选的：选了轨迹，就选了速度。同样的直线，换一种走法，就是另一族轨迹。",
    ),
    "lesson.3.recited": Text("“The factor is 2”, as the exponent says.", "“指数是 2，所以乘 2”。"),
    "lesson.3.understood": Text(
        "Hold x₁, differentiate x₀ + σ (x₁ − x₀) by t, and put x back in: the ratio σ̇/σ is left.",
        "固定 x₁，把 x₀ + σ (x₁ − x₀) 对 t 求导，再换回 x：剩下的就是 σ̇/σ。",
    ),
    "lesson.4.say": Text(
        "The divergence says how fast a small parcel shrinks. Each dimension shrinks by itself, so "
        "the exponents add.",
        "散度说的是一小团缩得有多快。每个维度各缩各的，所以指数相加。",
    ),
    "lesson.4.recited": Text("“t to the power −d”.", "“t 的 −d 次方”。"),
    "lesson.4.understood": Text(
        "Both sides of the parcel shrink in the same ratio, its area by the square of it, and the "
        "mass in it stays.",
        "小团的两条边按同一比例缩小，面积按它的平方缩小，其中的概率不变。",
    ),
    "lesson.5.say": Text(
        "Nothing in the derivation used the Gaussian. Another prior moves the borders, and never "
        "the shares.",
        "推导中没有一处用到高斯分布。换一个先验，动的是分界，而不是份额。",
    ),
    "lesson.5.recited": Text(
        "“Any prior will do”, as the board says.", "“任何先验都行”，照板书念。"
    ),
    "lesson.5.understood": Text(
        "The border is the quantile of the prior at three quarters; with a heavier tail it lies "
        "elsewhere, and the mass below it is the same.",
        "分界是先验的四分之三分位点；尾巴更重时它的位置不同，它以下的概率不变。",
    ),
    "lesson.6.say": Text(
        "Each data point pulls along its own straight line, and the flow follows the average. The "
        "weights of that average change on the way, and so the path bends.",
        "每个数据点都沿自己的直线牵引，流走的是平均。平均的权重一路在变，所以路线是弯的。",
    ),
    "lesson.6.recited": Text(
        "“The average of straight lines is a curve”.", "“直线平均起来是曲线”。"
    ),
    "lesson.6.understood": Text(
        "The sum is negative here, so generation moves up; later the posterior of 0.5 wins, as "
        "order and mass demand, and the path turns down.",
        "此处的和是负的，所以生成向上；后来 0.5 的后验权重占上风（次序和概率都要求如此），"
        "路线转而向下。",
    ),
    "lesson.7.say": Text(
        "A loss that stays above 0 is no failure of the network. What cannot be learned away is "
        "the variance of the targets, and the best answer is their mean.",
        "损失降不到 0，并不是网络失败。学不掉的是目标的方差，最好的回答是它们的平均。",
    ),
    "lesson.7.recited": Text(
        "“There is a floor”, without saying what it is made of.",
        "“有一个下限”，却说不出它由什么构成。",
    ),
    "lesson.7.understood": Text(
        "The same x and t occur with several data points; squared error is least at the mean, and "
        "the mean is the flow's velocity.",
        "同一个 x、t 会配上不同的数据点；平方误差在平均处最小，而平均就是流的速度。",
    ),
    "lesson.8.say": Text(
        "A schedule sets the clock and the scale of the picture. Which sample goes where was never "
        "its business.",
        "调度决定的是图的钟表和尺度。哪个样本去哪里，从来不归它管。",
    ),
    "lesson.8.recited": Text("“The ends are the same”.", "“终点相同”。"),
    "lesson.8.understood": Text(
        "Divide by α + σ and read the time as u: every curve lies on one of the straight-line "
        "flow.",
        "除以 α + σ，时间读作 u：每条曲线都落在直线的流的某一条上。",
    ),
    "lesson.9.say": Text(
        "A velocity needs one trajectory through each place. Bend them too much, and two of them "
        "want different things at the same place.",
        "要有速度，每一处就只能有一条轨迹经过。弯得太厉害，两条轨迹就在同一处各走各的。",
    ),
    "lesson.9.recited": Text("“The derivative must be positive”.", "“导数必须为正”。"),
    "lesson.9.understood": Text(
        "Where the derivative by x₁ changes its sign, neighbours change places: they have crossed, "
        "and x and t no longer say which one it is.",
        "对 x₁ 的导数变号之处，相邻的轨迹交换了位置：它们相交了，由 x 和 t 再也认不出是哪一条。",
    ),
    "lesson.10.say": Text(
        "At the prior no sample has decided, so one step takes all of them to the mean. Every "
        "further step lets them decide a little later.",
        "在先验处，样本都还没有定下去向，所以一步就把它们全带到均值。每多一步，就能晚一点再定。",
    ),
    "lesson.10.recited": Text("“Euler's method is inexact”.", "“欧拉法不精确”。"),
    "lesson.10.understood": Text(
        "At t = 1 the posterior weights are the weights themselves, whatever x is: so the velocity "
        "points at the same place for everyone.",
        "t = 1 时，无论 x 是多少，后验权重都等于权重本身：所以所有样本的速度都指向同一处。",
    ),
    "lesson.11.say": Text(
        "Under a Gaussian prior distance decides; under a heavy-tailed one it does not. Which of "
        "the two you have is seen far out.",
        "高斯先验下，距离说了算；重尾先验下则不然。是哪一种，要到远处才看得出来。",
    ),
    "lesson.11.recited": Text("“Because of the heavy tails”.", "“因为尾巴重”。"),
    "lesson.11.understood": Text(
        "The ratio of two densities decides; far out the Cauchy ratio tends to 1, and the ratio of "
        "two Gaussians grows without bound.",
        "决定权在两个密度之比；在远处，柯西之比趋于 1，高斯之比则无限增大。",
    ),
}
