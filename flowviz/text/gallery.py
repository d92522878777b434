"""The gallery: what is worth seeing in each scene, one sentence each."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "nav.gallery": Text("Gallery", "画廊"),
    "gallery.title": Text("Gallery: one thing worth seeing in each", "画廊：每幅图都有一处看点"),
    "gallery.lead": Text(
        "Every card opens exactly what it shows, and then it is yours to change. From a first "
        "look to research, top to bottom.",
        "点开任意一张卡片，看到的就是图中的场景，之后可以随意改动。自上而下，由浅入深。",
    ),
    "gallery.surprise": Text("Surprise me", "随便看看"),
    "gallery.group.first": Text("A first look", "初见"),
    "gallery.group.plane": Text("In two dimensions", "在平面上"),
    "gallery.group.priors": Text("Where samples start: priors", "从哪里出发：先验"),
    "gallery.group.paths": Text("How they travel: paths and schedules", "怎么走：路径与调度"),
    "gallery.group.single": Text("Take one point apart: Green's function", "拆开单个点：格林函数"),
    "gallery.group.learn": Text("What a network can learn", "网络能学到什么"),
    "gallery.group.guidance": Text("Towards one class", "走向一类"),
    "gallery.group.solvers": Text("How few steps are enough", "几步才够"),
    "gallery.group.images": Text("Remembering and inventing: images", "记住与创造：图像"),
    "gallery.group.more": Text("Everything else there is to choose", "其余可选的先验、路径和调度"),
    # ------------------------------------------------------------------------------ a first look
    "gallery.article": Text("The article's figure", "原文的图"),
    "gallery.article.about": Text(
        "One data point alone would give straight lines; three together bend them.",
        "单独一个数据点只会给出直线；三个点放在一起，直线就弯了。",
    ),
    "gallery.one_point": Text("One data point", "只有一个数据点"),
    "gallery.one_point.about": Text(
        "With nothing to average, every trajectory is a straight line.",
        "没有可以平均的对象，每条轨迹都是直线。",
    ),
    "gallery.two_points": Text("A line that divides", "一条分界线"),
    "gallery.two_points.about": Text(
        "Two equal points share the prior exactly in the middle: start above, end above.",
        "两个等权的点恰好从正中平分先验：从上半边出发，就到上面的点。",
    ),
    "gallery.nine_to_one": Text("Nine to one", "九比一"),
    "gallery.nine_to_one.about": Text(
        "The lower point has nine times the weight, and nine tenths of the prior flow into it.",
        "下面的点权重是上面的九倍，先验的十分之九就流向它。",
    ),
    "gallery.outside": Text("Data beyond the prior", "先验之外的数据"),
    "gallery.outside.about": Text(
        "The prior has no samples where the data are; once past t = {a} the two flows no longer "
        "overlap, and every line is straight.",
        "数据所在之处先验没有样本；过了 t = {a}，两股流不再重叠，每条线都是直的。",
    ),
    "gallery.near_and_far": Text("Neighbours part late", "离得近，分得晚"),
    "gallery.near_and_far.about": Text(
        "The far point has its own flow from t = {b}; the two neighbours share theirs until "
        "t = {a}, just before the data.",
        "远处的点从 t = {b} 起就有了自己的流；两个近邻要到 t = {a}，快到数据时才分开。",
    ),
    "gallery.average": Text("An average of two", "两个速度的平均"),
    "gallery.average.about": Text(
        "At the marked point only two data points compete, with ⅔ and ⅓: the velocity there is "
        "the average of their straight lines with just these weights.",
        "在标出的位置只有两个数据点在争，占比为 ⅔ 和 ⅓：那里的速度，"
        "就是两条直线的速度按这两个权重的平均。",
    ),
    # ------------------------------------------------------------------------------ in the plane
    "gallery.four_points": Text("To each its share", "各得其份"),
    "gallery.four_points.about": Text(
        "The point with twice the weight receives two fifths of all particles, the others one "
        "fifth each.",
        "权重加倍的点分得五分之二的粒子，其余各得五分之一。",
    ),
    "gallery.eight_sectors": Text("Eight equal sectors", "八个相等的扇形"),
    "gallery.eight_sectors.about": Text(
        "Eight equal points on a circle cut the plane like a cake: where a sample starts is where "
        "it goes.",
        "圆周上八个等权的点像切蛋糕一样分开平面：从哪一块出发，就到哪个点。",
    ),
    "gallery.two_moons": Text("Moons before points", "先有月牙，后有点"),
    "gallery.two_moons.about": Text(
        "At t = {a} the density has two summits, one for each moon; at t = {b} each of the 32 data "
        "points has its own.",
        "t = {a} 时密度有两个峰，每个月牙一个；到 t = {b}，32 个数据点各有一个峰。",
    ),
    "gallery.checkerboard": Text("Squares before points", "先有方格，后有点"),
    "gallery.checkerboard.about": Text(
        "At t = {a} the density has eight summits, one for each square; at t = {b} it has 72, one "
        "for each data point.",
        "t = {a} 时密度有八个峰，每个方格一个；到 t = {b} 有 72 个，每个数据点一个。",
    ),
    "gallery.pinwheel": Text("Five arms", "五条旋臂"),
    "gallery.pinwheel.about": Text(
        "At t = {a} the 40 data points still look like five: the density has one summit for each "
        "arm.",
        "t = {a} 时，40 个数据点看上去还只是五个：密度在每条旋臂上只有一个峰。",
    ),
    "gallery.flower": Text("Five hundred points", "五百个点"),
    "gallery.flower.about": Text(
        "All of them are in the link, in fewer than a thousand characters.",
        "它们全都写在链接里，总共不到一千个字符。",
    ),
    # ------------------------------------------------------------------------------ priors
    "gallery.heavy_tails": Text("Heavy tails", "重尾"),
    "gallery.heavy_tails.about": Text(
        "One sample in sixteen starts more than ten scales away, far outside this picture, and "
        "still arrives.",
        "每十六个样本就有一个从十倍尺度之外出发，远在图外，却照样到达。",
    ),
    "gallery.gravity": Text("Gravity", "引力"),
    "gallery.gravity.about": Text(
        "With one degree of freedom the flow is the gravity of the data points: begun at T = 40, "
        "the first would receive 0.5078 of the samples, not its half.",
        "自由度为 1 时，流就是各数据点的引力：若从 T = 40 出发，第一个点分到 0.5078，而不是一半。",
    ),
    "gallery.infinite_density": Text("Infinite at both ends", "两端无穷大"),
    "gallery.infinite_density.about": Text(
        "The prior's density has no bound at its ends; the flow is exact all the same.",
        "先验的密度在两端趋于无穷，流依然精确。",
    ),
    "gallery.two_bells": Text("Two bells", "两个钟形"),
    "gallery.two_bells.about": Text(
        "Each bell flows to its own data point; fewer than one sample in two thousand starts in "
        "the gap between them.",
        "每个钟形流向各自的数据点；从两者之间空隙出发的样本，两千个里还不到一个。",
    ),
    "gallery.from_data_to_data": Text("From data to data", "从数据到数据"),
    "gallery.from_data_to_data.about": Text(
        "The prior is made of four samples, and two of them flow into each data point.",
        "先验由四个样本构成，每个数据点接收其中两个。",
    ),
    "gallery.ring": Text("A ring with a hole", "中空的圆环"),
    "gallery.ring.about": Text(
        "Practically nothing starts in the middle, and yet the point there receives its fifth.",
        "几乎没有样本从中间出发，那里的点却照样分得五分之一。",
    ),
    "gallery.disk": Text("Broken lines", "折线"),
    "gallery.disk.about": Text(
        "Under a flat prior, here a disk, trajectories are straight between kinks: they turn only "
        "where they enter or leave a data point's disk.",
        "先验平坦时（这里是圆盘），轨迹在折点之间都是直的：只在进出某个数据点的圆盘时转向。",
    ),
    # ------------------------------------------------------------------------------ paths
    "gallery.another_schedule": Text("Another schedule", "换一个调度"),
    "gallery.another_schedule.about": Text(
        "Cosine bends every line, and still each sample reaches the same data point as with the "
        "linear schedule.",
        "余弦调度让每条线都弯了，但每个样本到达的数据点与线性调度时相同。",
    ),
    "gallery.late_data": Text("The data come late", "数据姗姗来迟"),
    "gallery.late_data.about": Text(
        "Variance preserving: at t = {a} the data point enters with a factor of only 0.28; with "
        "the linear schedule it is 0.5.",
        "方差保持：t = {a} 时，数据点的系数只有 0.28，而线性调度已到 0.5。",
    ),
    "gallery.waves": Text("Waves on the way", "途中起浪"),
    "gallery.waves.about": Text(
        "On a line trajectories cannot cross: whatever the family, the same start reaches the same "
        "data point.",
        "在一条线上，轨迹不能相交：无论选哪一族，同一个起点总到同一个数据点。",
    ),
    "gallery.typed": Text("A family somebody typed", "自己写的一族轨迹"),
    "gallery.typed.about": Text(
        "One formula, not even linear in the sample: its velocity and density follow, exactly.",
        "只写了一个公式，对样本还不是线性的；速度和密度都随之精确得出。",
    ),
    "gallery.swirl": Text("A swirl changes the ends", "漩涡改变归宿"),
    "gallery.swirl.about": Text(
        "In the plane the family matters: with one turn, nine samples in ten reach another data "
        "point than along straight lines.",
        "在平面上，选哪一族就有区别了：转上一圈，十个样本里有九个到达的数据点与走直线时不同。",
    ),
    # ------------------------------------------------------------------------------ one data point
    "gallery.green": Text("Density in one line", "一行算出密度"),
    "gallery.green.about": Text(
        "The bold line starts at 1.5: the prior's density there, 0.5, times the determinant, 2.5, "
        "is the density at the query point, 1.25.",
        "粗线从 1.5 出发：那里的先验密度 0.5，乘以行列式 2.5，就是查询点的密度 1.25。",
    ),
    "gallery.green_gravity": Text("No direction preferred", "没有特殊方向"),
    "gallery.green_gravity.about": Text(
        "If space and time have no preferred direction, the flow of one point is that of gravity: "
        "the derivation is below the picture.",
        "如果时空中没有特殊方向，单个点的流就是引力：推导在图的下方。",
    ),
    "gallery.green_swirl": Text("A turn costs nothing", "旋转不花代价"),
    "gallery.green_swirl.about": Text(
        "The lines swirl, but a rotation has determinant 1: the divergence is that of straight "
        "lines.",
        "线在打转，但旋转的行列式是 1：散度与直线时相同。",
    ),
    "gallery.fold": Text("A family that folds", "会折叠的一族"),
    "gallery.fold.about": Text(
        "Not every formula will do: here trajectories cross, so one position has several "
        "velocities.",
        "并非每个公式都行：这里的轨迹相交，一个位置就有了几个速度。",
    ),
    # ------------------------------------------------------------------------------ learning
    "gallery.floor": Text("A loss that stays", "降不到零的损失"),
    "gallery.floor.about": Text(
        "Press Train: even a perfect network keeps a loss of 0.30, because pairs disagree where "
        "lines cross.",
        "按“训练”：再完美的网络也会剩下 0.30 的损失，因为在直线相交之处，各个配对的速度不一致。",
    ),
    "gallery.no_floor": Text("Without a floor", "没有下限"),
    "gallery.no_floor.about": Text(
        "With the exact velocity as its target the least possible loss is 0: all that is left is "
        "the network's own error.",
        "以精确速度为目标，损失的下限就是 0：剩下的全是网络自己的误差。",
    ),
    # ------------------------------------------------------------------------------ solvers
    "gallery.one_step": Text("One step is too few", "一步太少"),
    "gallery.one_step.about": Text(
        "A single Euler step takes every sample to the same place: the mean of the data, 0.975.",
        "欧拉法只走一步，所有样本都到同一处：数据的均值 0.975。",
    ),
    "gallery.four_steps": Text("Four steps", "四步"),
    "gallery.four_steps.about": Text(
        "Four Euler steps: 14 of 20 samples end between the data points, and 3 near the wrong one.",
        "四步欧拉：20 个样本中有 14 个停在数据点之间，3 个离错误的数据点更近。",
    ),
    "gallery.karras": Text("Small steps near the data", "越接近数据，步长越小"),
    "gallery.karras.about": Text(
        "Eight Heun steps on the Karras grid: all 20 samples arrive, and the last step closes the "
        "gap exactly.",
        "用 Karras 网格走八步 Heun：20 个样本全部到达，最后一步恰好补上余下的距离。",
    ),
    "gallery.crossing_pairs": Text("Pairs that cross", "相交的配对"),
    "gallery.crossing_pairs.about": Text(
        "Independent pairs cost 0.591, eleven times as much as the best ones, and one Euler step "
        "ends at their mean.",
        "独立配对的成本是 0.591，为最优配对的十一倍；一步欧拉只到它们的均值。",
    ),
    "gallery.best_pairs": Text("One step is enough", "一步就够"),
    "gallery.best_pairs.about": Text(
        "Optimal transport pairs each data point with a cell: lines never cross, and one Euler "
        "step takes every sample to its data point.",
        "最优传输给每个数据点配一个胞腔：线互不相交，一步欧拉就把每个样本带到它的数据点。",
    ),
    "gallery.adaptive": Text("Steps that fit themselves", "自己调节的步长"),
    "gallery.adaptive.about": Text(
        "DoPri5 chooses its own steps: two digits of accuracy cost 61 evaluations, and every "
        "sample arrives.",
        "DoPri5 自己选择步长：两位精度用了 61 次求值，每个样本都到达。",
    ),
    "gallery.ddim": Text("DDIM is Euler", "DDIM 就是欧拉"),
    "gallery.ddim.about": Text(
        "Along the linear schedule both take the same steps: compare with the card “Four steps”.",
        "在线性调度下，两者的每一步都相同：可与“四步”那张对照。",
    ),
    # ------------------------------------------------------------------------------ guidance
    "gallery.guided": Text("Guidance starves a point", "引导饿死了一个点"),
    "gallery.guided.about": Text(
        "Guided towards class a with scale 2, the inner point of the class keeps 19% of the "
        "samples; without guidance it had half.",
        "以强度 2 引导至 a 类，该类靠内的点只剩 19% 的样本；不加引导时它有一半。",
    ),
    "gallery.guided_plane": Text("Away from the other class", "远离另一类"),
    "gallery.guided_plane.about": Text(
        "With scale 4 fewer than 1 in 20 samples reach the point of the class that is next to the "
        "other class; it has a third of the class.",
        "强度为 4 时，靠近另一类的那个点只得到不足二十分之一的样本，而它占本类的三分之一。",
    ),
    # ------------------------------------------------------------------------------ images
    "gallery.digits": Text("The exact flow remembers", "精确的流只会记忆"),
    "gallery.digits.about": Text(
        "In 64 dimensions every one of 16 samples ends on one of 500 handwritten digits.",
        "64 维中，16 个样本个个都到达 500 幅手写数字中的一幅。",
    ),
    "gallery.mosaics": Text("What is seen in part is made anew", "看到局部，才会创造"),
    "gallery.mosaics.about": Text(
        "The smaller the window around each pixel, the fewer of the samples are training images: "
        "from all of them down to none.",
        "每个像素周围的窗口越小，样本中的训练图像越少：从全部直到一幅也没有。",
    ),
    "gallery.icons": Text("Six icons, and what becomes of them", "六个图标会变成什么"),
    "gallery.icons.about": Text(
        "With the whole image in view the flow gives back the six icons; with 3 × 3 pixels it "
        "puts their parts together.",
        "看到整幅图像时，流还原这六个图标；只看 3 × 3 像素时，它把图标的局部拼在一起。",
    ),
}
