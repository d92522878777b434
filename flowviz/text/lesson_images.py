"""The lesson's second part, on images: five steps, and the lecturer's notes to them."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "lesson.part": Text("Part", "部分"),
    "lesson.part.flow": Text("A flow in ten predictions", "十次预测弄懂流"),
    "lesson.part.images": Text("Remembering and inventing", "记住与创造"),
    "lesson.step.images": Text("Images, step {step} of 5", "图像，第 {step} 步，共 5 步"),
    "lesson.next.images": Text("Second part: remembering and inventing", "第二部分：记住与创造"),
    "lesson.source.paper": Text("Source: {paper}", "出处：{paper}"),
    "images.lesson": Text("Predict it first: the lesson on images", "先预测，再看：关于图像的课程"),
    "lesson.axis.variance": Text("share that is variance", "方差所占的比例"),
    "lesson.row.noise": Text("noise", "噪声"),
    "lesson.row.training": Text("nearest of {n}", "{n} 幅中最近的"),
    "lesson.row.model": Text("{name}, {n} images", "{name}，{n} 幅"),
    "lesson.mark.own": Text("exact, own", "精确，自己的"),
    "lesson.mark.whole": Text("exact, new", "精确，新的"),
    "lesson.mark.three": Text("3 × 3, new", "3 × 3，新的"),
    # 12
    "lesson.12.idea": Text("The exact flow invents nothing.", "精确的流只会还原，不会创造。"),
    "lesson.12.question": Text(
        "500 handwritten digits of 8 × 8 pixels are 500 data points with 64 coordinates. From 48 "
        "samples of a Gaussian prior the exact flow generates 48 images. How many of them are not "
        "among the 500?",
        "500 幅 8 × 8 像素的手写数字，就是 500 个有 64 个坐标的数据点。"
        "从高斯先验的 48 个样本出发，精确的流生成 48 幅图像。其中有几幅不在这 500 幅之中？",
    ),
    "lesson.12.field.1": Text("New images", "新图像的幅数"),
    "lesson.12.common": Text(
        "nearly all of them: the noise is new, and so are the images.",
        "几乎全部：噪声是新的，图像也就是新的。",
    ),
    "lesson.12.answer": Text(
        "{new} of {draws} images are new; {copies} are training images, pixel by pixel. The data "
        "is nothing but {n} points, and every trajectory ends on one of them; the noise only "
        "chooses which, each with probability 1/{n}. Whatever is new in the images of a trained "
        "model comes from its not being exact.",
        "{draws} 幅中有 {new} 幅是新的；{copies} 幅就是训练图像，逐个像素都相同。"
        "数据就只有这 {n} 个点，"
        "每条轨迹都到达其中之一；噪声只决定到达哪一个，每个的概率都是 1/{n}。"
        "训练出来的模型若生成了新图像，那正是因为它不精确。",
    ),
    "lesson.12.section": Text(
        "X. Gu et al., [On Memorization in Diffusion Models](https://arxiv.org/abs/2310.02664), "
        "2023",
        "X. Gu 等，[On Memorization in Diffusion Models](https://arxiv.org/abs/2310.02664)，2023",
    ),
    "lesson.12.say": Text(
        "The flow carries probability and makes none, so all of it ends where the data is. A model "
        "with new images must differ from it somewhere, and the next steps ask where.",
        "流只搬运概率，不产生概率，所以全部概率都落在数据上。"
        "能生成新图像的模型必定在某处与它不同，后面几步就问：不同在哪里。",
    ),
    "lesson.12.recited": Text(
        "“It overfits”, as if more images would cure it.", "“它过拟合了”，好像多给些图像就能治好。"
    ),
    "lesson.12.understood": Text(
        "As t → 0 one posterior weight becomes 1 and all others 0, for any number of images: so "
        "the end is a data point.",
        "t → 0 时一个后验权重变为 1，其余全变为 0，无论有多少幅图像：所以终点就是一个数据点。",
    ),
    # 13
    "lesson.13.idea": Text(
        "The class is decided first; more data delays only the image.",
        "先定类别，后定图像；数据增多，推迟的只是图像。",
    ),
    "lesson.13.question": Text(
        "From noise (t = 1) to a digit (t = 0): at one time the posterior weight of its class "
        "passes ½, at another that of the image itself. There are 1600 training images instead of "
        "200. Which of the two times changes by more than 0.05? And at which t is the class "
        "decided, with 1600?",
        "从噪声（t = 1）到一个数字（t = 0）：在某一时刻，它的类别的后验权重超过 ½；"
        "在另一时刻，这幅图像本身的后验权重超过 ½。训练图像从 200 幅增加到 1600 幅，"
        "哪个时刻的变化大于 0.05？有 1600 幅时，类别在 t 为多少时确定？",
    ),
    "lesson.13.field.1": Text("Changes", "改变的时刻"),
    "lesson.13.option.1": Text("both", "两个都变"),
    "lesson.13.option.2": Text("only that of the class", "只有类别的"),
    "lesson.13.option.3": Text("only that of the image", "只有图像的"),
    "lesson.13.option.4": Text("neither", "都不变"),
    "lesson.13.field.2": Text("Class decided at t =", "类别确定于 t ="),
    "lesson.13.common": Text(
        "both, and the class only at about t = 0.2, when one can read the digit.",
        "两个都变；而且类别要到 t = 0.2 左右、看得出是什么数字时才确定。",
    ),
    "lesson.13.answer": Text(
        "With {few} images the class is decided at t = {class_few} and the image at "
        "t = {image_few}; with {many}, at {class_many} and {image_many}. The class is decided "
        "while nearly everything is noise: where this is as large as the data along its widest "
        "direction, in theory at {theory}. But telling more images apart needs less noise.",
        "有 {few} 幅时，类别在 t = {class_few} 确定，图像在 t = {image_few} 确定；"
        "有 {many} 幅时，则在 {class_many} 和 {image_many}。类别确定时几乎还全是噪声："
        "沿数据变化最大的方向，噪声恰好与数据一样大，理论值为 {theory}。"
        "而要分辨更多的图像，噪声就得更小。",
    ),
    "lesson.13.section": Text(
        "G. Biroli et al., [Dynamical Regimes of Diffusion Models]"
        "(https://arxiv.org/abs/2402.18491), 2024",
        "G. Biroli 等，[Dynamical Regimes of Diffusion Models]"
        "(https://arxiv.org/abs/2402.18491)，2024",
    ),
    "lesson.13.say": Text(
        "Far from the data only the coarsest difference shows through the noise, and that is the "
        "class. One image among many is told from the others by details, and these show only later "
        "in generation.",
        "离数据远时，透过噪声能看到的只有最粗的差别，也就是类别。"
        "要把一幅图像和其他许多幅区分开，靠的是细节，而细节在生成过程中出现得更晚。",
    ),
    "lesson.13.recited": Text(
        "“Speciation, then collapse”, and no reason for either time.",
        "“先分化，再坍缩”，却说不出两个时刻由什么决定。",
    ),
    "lesson.13.understood": Text(
        "The class is decided where the noise equals the data's widest spread, which does not "
        "depend on N; the image where the noise still tells N images apart, which does.",
        "噪声等于数据最宽的散布时，类别就确定了，这与 N 无关；"
        "噪声刚好还能区分 N 幅图像时，图像才确定，这与 N 有关。",
    ),
    # 14
    "lesson.14.idea": Text(
        "Near the data, a model that sees less does better.", "离数据近时，看得少的模型反而更好。"
    ),
    "lesson.14.question": Text(
        "Noise is added to new digits, and two models remove it: the exact posterior mean of 500 "
        "training images, and a model that computes each pixel from the 3 × 3 pixels around it "
        "alone. Which has the smaller error on new digits at t = 0.6, with much noise? And at "
        "t = 0.2, with little?",
        "给新的数字图像加噪，由两个模型去除：一个是 500 幅训练图像的精确后验均值；"
        "另一个只由周围 3 × 3 个像素算出每个像素。"
        "对新图像，噪声大的 t = 0.6 时谁的误差小？噪声小的 t = 0.2 时呢？",
    ),
    "lesson.14.field.1": Text("Smaller error at t = 0.6", "t = 0.6 时误差较小的"),
    "lesson.14.field.2": Text("Smaller error at t = 0.2", "t = 0.2 时误差较小的"),
    "lesson.14.option.1": Text("the exact posterior mean", "精确的后验均值"),
    "lesson.14.option.2": Text("the 3 × 3 model", "3 × 3 的模型"),
    "lesson.14.common": Text(
        "the exact one both times: it sees everything.", "两次都是精确的：它什么都看得到。"
    ),
    "lesson.14.answer": Text(
        "At t = 0.6 the exact one, {exact_late} against {small_late}; at t = 0.2 the 3 × 3 model, "
        "{small_early} against {exact_early}. With little noise the exact one puts all weight on "
        "one training image: right for its own images (error {own}), and wrong for a new one. "
        "Patches of 3 × 3 pixels occur in new images, too.",
        "t = 0.6 时是精确的，{exact_late} 对 {small_late}；t = 0.2 时是 3 × 3 的模型，"
        "{small_early} 对 {exact_early}。噪声小时，精确的后验均值把全部权重压在一幅训练图像上："
        "对自己的图像是对的（误差 {own}），对新图像就错了。"
        "而 3 × 3 的小块在新图像里也会出现。",
    ),
    "lesson.14.section": Text(
        "M. Kamb and S. Ganguli, [An Analytic Theory of Creativity in Convolutional Diffusion "
        "Models](https://arxiv.org/abs/2412.20292), 2025",
        "M. Kamb 与 S. Ganguli，[An Analytic Theory of Creativity in Convolutional Diffusion "
        "Models](https://arxiv.org/abs/2412.20292)，2025",
    ),
    "lesson.14.say": Text(
        "Exact means exact for the images that one has. For a new one it is the best guess as long "
        "as the noise hides the details, and the worst once they show.",
        "精确，是对手里的图像而言。对一幅新图像，噪声还遮住细节时它是最好的猜测，"
        "细节显露之后则是最差的。",
    ),
    "lesson.14.recited": Text("“The exact model overfits”.", "“精确的模型过拟合”。"),
    "lesson.14.understood": Text(
        "At small t the exact model answers with one of its own images, whatever it is shown; a "
        "small window puts parts together, and new digits are made of the same parts.",
        "t 小时，无论看到什么，精确的模型都用自己的某一幅图像来回答；"
        "小窗口则拼合局部，而新的数字也由同样的局部组成。",
    ),
    # 15
    "lesson.15.idea": Text(
        "With enough images, models that share none generate the same.",
        "图像足够多时，没有共同图像的模型也会生成同样的结果。",
    ),
    "lesson.15.question": Text(
        "Models A and B compute each pixel from 3 × 3 pixels. Each has training images of its own, "
        "none in common, and both start from the same noise. Are their images alike (a correlation "
        "above ¾) with 20 training images each? And with 848 each?",
        "模型 A 与 B 都只由 3 × 3 个像素算出每个像素。两者各有训练图像，没有一幅相同，"
        "又从相同的噪声出发。各有 20 幅训练图像时，它们生成的图像相似吗（相关系数大于 ¾）？"
        "各有 848 幅时呢？",
    ),
    "lesson.15.field.1": Text("20 images each", "各 20 幅"),
    "lesson.15.field.2": Text("848 images each", "各 848 幅"),
    "lesson.15.option.1": Text("alike", "相似"),
    "lesson.15.option.2": Text("not alike", "不相似"),
    "lesson.15.common": Text(
        "not alike, with 848 either: they have no image in common.",
        "都不相似，848 幅时也一样：它们没有共同的图像。",
    ),
    "lesson.15.answer": Text(
        "The correlation is {few} with 20 images each and {many} with {n}. Many images say nearly "
        "the same about the distribution as {n} others; few do not. The exact flow stays at "
        "{exact} with {n} each, because it ends on its own images. Networks do as the 3 × 3 "
        "models: “Do it yourself” trains two.",
        "各 20 幅时相关系数为 {few}，各 {n} 幅时为 {many}。{n} 幅图像所反映的分布，"
        "与另外 {n} 幅几乎一样；图像少时则不然。"
        "精确的流各用 {n} 幅时仍只有 {exact}，因为它总是到达自己的图像。"
        "网络的表现与 3 × 3 的模型相同：“动手试试”可以训练两个。",
    ),
    "lesson.15.section": Text(
        "Z. Kadkhodaie et al., [Generalization in Diffusion Models "
        "Arises from Geometry-Adaptive Harmonic Representations]"
        "(https://arxiv.org/abs/2310.02557), 2024",
        "Z. Kadkhodaie 等，[Generalization in Diffusion Models "
        "Arises from Geometry-Adaptive Harmonic Representations]"
        "(https://arxiv.org/abs/2310.02557)，2024",
    ),
    "lesson.15.say": Text(
        "Whether a model has learned or memorised is seen by giving it other images and the same "
        "noise. What stays came from the distribution, and what changes came from the images.",
        "模型是学会了还是记住了，换一批图像、用同样的噪声就能看出来。"
        "不变的来自分布，改变的来自图像。",
    ),
    "lesson.15.recited": Text("“More data is better”.", "“数据越多越好”。"),
    "lesson.15.understood": Text(
        "Two large sets of images have nearly the same patches, equally often; then the models are "
        "nearly the same, and so is the noise.",
        "两大批图像含有的小块几乎相同，频率也几乎一样；于是两个模型几乎相同，而噪声本来就相同。",
    ),
    # 16
    "lesson.16.idea": Text(
        "In many dimensions the target hardly varies near the data.",
        "维数高时，在数据附近训练目标几乎不变。",
    ),
    "lesson.16.question": Text(
        "The variance of the target fₜ(x|x₀) at a position is the floor of the loss. The curve is "
        "its share of the target's mean square for two moons in the plane. How large is the share "
        "at t = 0.3 for 500 digits with 64 coordinates?",
        "目标 fₜ(x|x₀) 在同一位置的方差就是损失的下限。"
        "曲线是平面上的双月牙：方差占目标均方的比例。"
        "换成 500 幅有 64 个坐标的数字图像，t = 0.3 时这个比例有多大？",
    ),
    "lesson.16.field.1": Text("Share at t = 0.3", "t = 0.3 时的比例"),
    "lesson.16.option.1": Text("larger", "更大"),
    "lesson.16.option.2": Text("smaller, but not by ten times", "更小，但不到十倍"),
    "lesson.16.option.3": Text("at least ten times smaller", "至少小十倍"),
    "lesson.16.common": Text(
        "larger: with 64 coordinates there is more to average over.",
        "更大：有 64 个坐标，要平均的东西更多。",
    ),
    "lesson.16.answer": Text(
        "{images} for {n} digits, {moons} for two moons. In 64 dimensions noise of this size tells "
        "all images apart: one has nearly all the posterior weight, and its velocity is the mean. "
        "So what a network gets wrong there is not the noise of its targets.",
        "{n} 幅数字图像是 {images}，双月牙是 {moons}。在 64 维中，这么大的噪声足以分辨所有图像："
        "一幅几乎占有全部后验权重，它的速度就是平均。所以网络在那里的误差并不是目标的噪声。",
    ),
    "lesson.16.section": Text(
        "Q. Bertrand et al., [On the Closed-Form of Flow Matching]"
        "(https://arxiv.org/abs/2506.03719), 2025",
        "Q. Bertrand 等，[On the Closed-Form of Flow Matching]"
        "(https://arxiv.org/abs/2506.03719)，2025",
    ),
    "lesson.16.say": Text(
        "In the plane many data points may have led to one position, in 64 dimensions hardly more "
        "than one. So random targets are not what makes a network invent.",
        "在平面上，许多数据点都可能通向同一位置；在 64 维中，几乎只有一个。"
        "所以让网络有所创造的，并不是目标的随机性。",
    ),
    "lesson.16.recited": Text("“High dimensions are sparse”.", "“高维空间很稀疏”。"),
    "lesson.16.understood": Text(
        "Squared distances between images add up over 64 coordinates, while the noise between two "
        "of them acts along one direction: the posterior weights are nearly 0 and 1, and there is "
        "nothing to average.",
        "图像之间的距离平方由 64 个坐标累加而成，而区分两幅图像的噪声只在一个方向上起作用："
        "后验权重几乎非 0 即 1，没有什么可平均的。",
    ),
}
