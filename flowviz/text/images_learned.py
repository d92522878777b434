"""The topic of the Images page in which two networks are trained."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "images.image_topic.learned": Text("Networks", "网络"),
    "field.image_net": Text("Network", "网络"),
    "images.image_net": Text("Network", "网络"),
    "images.image_net.mlp": Text("perceptron (MLP)", "多层感知机（MLP）"),
    "images.image_net.cnn": Text("convolutional (CNN)", "卷积网络（CNN）"),
    "images.learned": Text(
        "Two networks that never saw the same image", "两个从未见过相同图像的网络"
    ),
    "images.learned.about": Text(
        "Networks A and B begin with the same weights. A is trained on {n:,} images, B on {n:,} "
        "others. Then both generate from the **same noise**. With few images each gives back its "
        "own; with many the two agree, although they share none: what they learned is the "
        "distribution, not the images.",
        "网络 A 与 B 的初始权重相同。A 用 {n:,} 幅图像训练，B 用另外 {n:,} 幅。"
        "然后两者从**相同的噪声**出发生成。图像少时，各自还原自己的训练图像；图像多时，"
        "两者虽无一幅共同的图像，结果却一致：学到的是分布，而不是图像。",
    ),
    "images.learned.idle": Text(
        "Train both: in the background, half a minute or less on a free server.",
        "训练两个网络：在后台进行，服务器空闲时不超过半分钟。",
    ),
    "images.train": Text("Train both", "训练两个网络"),
    "images.stop": Text("Stop", "停止"),
    "images.training": Text("Training… {percent}%", "训练中……{percent}%"),
    "images.net": Text("network {name}", "网络 {name}"),
    "images.floor": Text("exact floor of A", "A 的精确下限"),
    "images.axis.step": Text("step", "步数"),
    "images.axis.loss": Text("loss", "损失"),
    "images.losses.alt": Text(
        "Losses of both networks against the step, and the exact floor",
        "两个网络的损失随步数的变化，以及精确下限",
    ),
    "images.row.net": Text("network {name}", "网络 {name}"),
    "images.row.nearest.net": Text("nearest of {name}", "{name} 的最近图像"),
    "images.learned.alt": Text(
        "{draws} images that both networks generate from the same noise, in the middle rows; above "
        "and below the nearest training images of each",
        "中间两行：两个网络从相同噪声生成的 {draws} 幅图像；上下两行：各自最近的训练图像",
    ),
    "images.alike": Text("Correlation of A and B", "A 与 B 的相关"),
    "images.alike.help": Text(
        "Mean correlation of the pixels of {draws} pairs of images from the same noise, about the "
        "mean image; ± one standard error.",
        "{draws} 对由相同噪声生成的图像，减去平均图像后像素的平均相关系数；± 为一个标准误。",
    ),
    "images.memorised.net": Text("Memorised by {name}", "{name} 记住的比例"),
    "images.learned.floor": Text(
        "Network A's loss is {loss}; the exact posterior mean of its images has {floor} ± {error}, "
        "and no network can have less. A network at its floor would have memorised its images: the "
        "{gap} that it is above are what it did not learn by heart.",
        "网络 A 的损失是 {loss}；其图像的精确后验均值的损失是 {floor} ± {error}，"
        "任何网络都不能更低。到达下限的网络就是记住了全部图像：高出的 {gap}，"
        "正是它没有死记的部分。",
    ),
}
