"""A visitor's own images on the Images page, and what is refused of them."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "images.image_topic.own": Text("Your own", "自己的图像"),
    "field.image_own": Text("Your own images", "自己的图像"),
    "images.own": Text("Your own images", "自己的图像"),
    "images.own.about": Text(
        "Now the data is what you draw, at present {n} {n:image|images}. Every sample of the "
        "exact flow (whole image) is one of them; with a smaller window, parts of several are "
        "put together into something that nobody drew.",
        "现在数据就是画出来的图像，目前有 {n} 幅。精确的流（整幅图像）的每个样本都是其中一幅；"
        "窗口变小后，几幅图像的局部会拼成谁也没画过的东西。",
    ),
    "images.own.row": Text("data", "数据"),
    "images.own.alt": Text(
        "The images drawn, and below them what each window generates from {draws} noises",
        "画出的图像，以及下方各窗口由 {draws} 份噪声生成的图像",
    ),
    "images.own.measured": Text("What each window remembers", "各窗口记住了什么"),
    "images.own.measured.about": Text(
        "Of {draws} samples of each window: the share that is memorised, and the mean distance to "
        "the nearest of these images, both with their standard errors.",
        "每个窗口取 {draws} 个样本：记住的比例，以及到最近一幅图像的平均距离，均附标准误差。",
    ),
    "images.own.table.window": Text("window", "窗口"),
    "images.own.table.memorised": Text("memorised", "记住的比例"),
    "images.own.table.distance": Text("distance to the nearest image", "到最近图像的距离"),
    "images.own.strip": Text(
        "Sample {draw} ends on image {number} of these; its posterior weight passes ½ at "
        "t = {time}.",
        "第 {draw} 个样本到达其中第 {number} 幅图像；它的后验权重在 t = {time} 时越过 ½。",
    ),
    "images.own.strip.start": Text(
        "Sample {draw} ends on image {number} of these; its posterior weight is {weight} already "
        "at t = 1.",
        "第 {draw} 个样本到达其中第 {number} 幅图像；在 t = 1 时，它的后验权重就已经是 {weight}。",
    ),
    "images.own.strip.window": Text(
        "Sample {draw}: its pixels come from {sources} {sources:image|images}. The nearest one is "
        "image {number}, at distance {distance}.",
        "第 {draw} 个样本：它的像素来自 {sources} 幅图像。"
        "最近的是第 {number} 幅，距离 {distance}。",
    ),
    "images.own.weights.alt": Text(
        "Posterior weight of the image that sample {draw} ends on, along time",
        "第 {draw} 个样本所到达的图像的后验权重随时间的变化",
    ),
    "images.own.grid.grid": Text("Drawing of 8 × 8 pixels", "8 × 8 像素的画"),
    "images.own.grid.pixel": Text(
        "Row {{row}}, column {{column}}: ink {{level}} of 15",
        "第 {{row}} 行第 {{column}} 列：墨 {{level}}／15",
    ),
    "images.own.grid.ink": Text("Ink", "墨的浓淡"),
    "images.own.grid.undo": Text("Undo the stroke", "撤销一笔"),
    "images.own.grid.clear": Text("Clear", "清空"),
    "images.own.grid.help": Text(
        "Draw with the mouse or a finger; a stroke that begins on this ink erases. By keyboard: "
        "arrows move, the space bar draws or erases, 0 to 9 and a to f set the ink, Ctrl+Z undoes.",
        "用鼠标或手指画；从同样浓淡的墨上起笔则是擦除。键盘：方向键移动，空格键画或擦，"
        "0 到 9、a 到 f 设定浓淡，Ctrl+Z 撤销。",
    ),
    "images.own.undo": Text("Undo", "撤销"),
    "images.own.draw": Text("Type it with characters", "用字符输入"),
    "images.own.draw.help": Text(
        "Eight lines of eight characters: # is ink, + is grey, a dot or a blank is paper.",
        "八行，每行八个字符：# 是墨，+ 是灰，点或空格是纸。",
    ),
    "images.own.add": Text("Add the drawing", "加入这幅画"),
    "images.own.add.first": Text("Replace the example by the drawing", "用这幅画代替示例"),
    "images.own.first": Text(
        "These images are an example: the first of your own take their place. Undo brings the "
        "example back.",
        "这些图像是示例：自己的第一批图像会代替它们。“撤销”可恢复示例。",
    ),
    "images.own.remove": Text("Remove the last", "删除最后一幅"),
    "images.own.example": Text("Back to the example", "恢复示例"),
    "images.own.file": Text("Upload a strip (PNG)", "上传图像条（PNG）"),
    "images.own.file.about": Text(
        "One square image, or up to {limit} side by side. Each is reduced to 8 × 8 pixels; the "
        "corners are taken for paper. All of them are in the link.",
        "一幅方形图像，或并排的至多 {limit} 幅。每幅缩成 8 × 8 像素，四角视为纸。"
        "全部图像都保存在链接里。",
    ),
    "error.images.own": Text(
        "“{token}” holds no images: each is 64 digits from 0 to f, with a dot between two.",
        "“{token}”中没有图像：每幅应为 64 个 0 到 f 的数字，两幅之间用点隔开。",
    ),
    "error.images.many": Text(
        "{n} images are too many: at most {limit} fit into a link.",
        "{n} 幅图像太多：链接中至多容纳 {limit} 幅。",
    ),
    "error.images.ink": Text(
        "“{token}” is not accepted in a drawing: use # for ink, + for grey and a dot or a blank "
        "for paper.",
        "画中不能用“{token}”：请用 # 表示墨，+ 表示灰，点或空格表示纸。",
    ),
    "error.images.large": Text(
        "The drawing has {rows} {rows:line|lines} and up to {columns} {columns:character|"
        "characters} in one: at most {side} of each fit.",
        "这幅画有 {rows} 行，最长一行 {columns} 个字符：行数与每行字符数都至多为 {side}。",
    ),
    "error.images.empty": Text(
        "The drawing is empty: it needs ink somewhere.", "画是空的：至少要有一处有墨。"
    ),
    "error.images.bytes": Text("The file is larger than {limit} MB.", "文件超过 {limit} MB。"),
    "error.images.png": Text(
        "This file could not be read as a PNG image.", "这个文件不能作为 PNG 图像读取。"
    ),
    "error.images.pixels": Text(
        "The image has {width:,} × {height:,} pixels: at most {limit:,} pixels are accepted.",
        "图像有 {width:,} × {height:,} 像素：像素总数至多为 {limit:,}。",
    ),
    "error.images.strip": Text(
        "The image has {width:,} × {height:,} pixels: a strip must be at least {side} pixels high, "
        "and its width a multiple of its height.",
        "图像有 {width:,} × {height:,} 像素：图像条至少高 {side} 像素，宽度须是高度的整数倍。",
    ),
}
