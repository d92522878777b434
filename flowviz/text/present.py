"""Presenting: the button, the keys, the window of the notes."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "present.button": Text("Present", "演示"),
    "present.button.help": Text(
        "The picture alone, in large type, moved by keys.", "只留图，大字显示，用按键操作。"
    ),
    "present.controls": Text("Controls of the presentation", "演示的操作"),
    "present.leave": Text("Leave the presentation", "退出演示"),
    "present.keys": Text("Keys", "按键"),
    "present.close": Text("Close", "关闭"),
    "present.blank": Text("The screen is blank: B brings it back", "屏幕已变黑：按 B 恢复"),
    "present.qr": Text("QR code and short link", "二维码和短链接"),
    "present.back": Text("Step back", "上一步"),
    "present.next": Text("Next step", "下一步"),
    "present.reveal": Text("Show or cover the answer", "显示或盖住答案"),
    # The panel of keys.
    "present.key.step": Text("← →, PgUp PgDn, Space", "← →、PgUp PgDn、空格"),
    "present.does.step": Text("the step before, the next step", "上一步、下一步"),
    "present.key.reveal": Text("R key", "R 键"),
    "present.does.reveal": Text("show or cover the answer", "显示或盖住答案"),
    "present.key.cards": Text("Arrows, PgUp PgDn", "方向键、PgUp PgDn"),
    "present.does.cards": Text("from card to card", "在卡片之间移动"),
    "present.key.open": Text("Enter", "回车"),
    "present.does.open": Text("open the card's scene", "打开卡片的场景"),
    "present.key.play": Text("Space", "空格"),
    "present.does.play": Text("play and pause", "播放、暂停"),
    "present.key.time": Text("← → and PgUp PgDn", "← → 键、PgUp PgDn 键"),
    "present.does.time": Text(
        "move the time; PgDn goes on with the generation", "移动时间；PgDn 顺着生成的方向"
    ),
    "present.key.ends": Text("Home and End", "Home 和 End 键"),
    "present.does.ends": Text("to either end of time", "到时间的两端"),
    "present.key.blank": Text("B key", "B 键"),
    "present.does.blank": Text("blank the screen, and bring it back", "黑屏，再按恢复"),
    "present.key.full": Text("F key", "F 键"),
    "present.does.full": Text("full screen", "全屏"),
    "present.key.qr": Text("Q key", "Q 键"),
    "present.does.qr": Text("QR code and short link of what is shown", "所示内容的二维码和短链接"),
    "present.key.notes": Text("N key", "N 键"),
    "present.does.notes": Text("a window with notes, for you alone", "打开只给你看的讲稿窗口"),
    "present.key.keys": Text("? key", "? 键"),
    "present.does.keys": Text("these keys", "显示这些按键"),
    "present.key.leave": Text("Esc key", "Esc 键"),
    "present.does.leave": Text(
        "close a panel; then leave the presentation", "关闭面板；再按退出演示"
    ),
    # The window of the notes.
    "notes.title": Text("Notes: FlowViz", "讲稿：FlowViz"),
    "notes.waiting": Text(
        "The notes come from the page that is presented. Press “Present” on any page of FlowViz in "
        "this browser, and they appear here.",
        "讲稿来自正在演示的页面。在本浏览器中打开 FlowViz 的任一页面，点“演示”，"
        "讲稿就会出现在这里。",
    ),
    "notes.keys": Text(
        "Arrows, Space, PgUp, PgDn, R, B and Q pressed here act on the presentation.",
        "在这里按方向键、空格、PgUp、PgDn、R、B、Q，都作用于演示窗口。",
    ),
    "notes.question": Text("Question", "问题"),
    "notes.common": Text("The usual wrong answer", "常见的错误回答"),
    "notes.answer": Text("The answer", "答案"),
    "notes.say": Text("Two sentences to say", "要说的两句话"),
    "notes.recited": Text("Recited", "背出来的回答"),
    "notes.understood": Text("Understood", "理解了的回答"),
    "notes.shown": Text("On the screen", "屏幕上"),
    "notes.lead": Text("What it shows", "这一页讲什么"),
    "notes.point": Text("Where to point", "指给大家看"),
    "notes.revealed": Text("the answer is shown", "答案已显示"),
    "notes.covered": Text("the answer is covered", "答案还盖着"),
    # Where to point, on pages with a flow.
    "notes.fan.point": Text(
        "Follow one line with the finger from the right edge to its data point: it bends, and it "
        "never crosses another. Then drag a data point, and ask which lines change their colour.",
        "用手指沿一条线从右边走到它的数据点：它会弯，但从不与别的线相交。"
        "然后拖动一个数据点，问大家哪些线会变色。",
    ),
    "notes.plane.point": Text(
        "Let it play, and stop half-way: the particles have begun to part. Ask where a grey place "
        "between two colours will go, before it plays on.",
        "播放到一半停下：粒子已开始分流。继续之前，先问大家：两种颜色之间的那处会流向哪里。",
    ),
    "notes.green.point": Text(
        "Drag the query point along the bold line: its end at the prior stays the same. That is "
        "what is differentiated to obtain the velocity.",
        "沿粗线拖动查询点：它在先验一端的位置不变。正是对这个关系求导，才得到速度。",
    ),
    "notes.learn.point": Text(
        "Compare the two flows near the borders between colours: there the network is furthest "
        "off. Its loss ends at the floor, and that is no failure.",
        "比较两个流在颜色分界附近的差别：网络在那里错得最多。损失停在下限，这并不是失败。",
    ),
    "notes.solvers.point": Text(
        "Point at the first dots after the prior: there the steps leave the exact lines. Ask what "
        "twice as many steps would buy.",
        "指着离开先验后的头几个点：步子就是在那里偏离精确轨迹的。问大家：步数加倍能换来什么。",
    ),
    "notes.couplings.point": Text(
        "Switch between independent pairs and optimal transport, and let the class count the "
        "crossings. Then show one Euler step under each: where pairs cross, it ends at their mean.",
        "在独立配对与最优传输之间切换，让大家数一数交叉。然后各走一步欧拉："
        "配对相交的地方，它只能停在平均处。",
    ),
    "notes.images.point": Text(
        "Cover the lower rows and ask which image is new. Then follow one column downwards: the "
        "smaller the window, the less of the training image is left.",
        "盖住下面几行，先问大家哪幅是新的。然后沿一列往下看：窗口越小，训练图像剩下的就越少。",
    ),
    "notes.gallery.point": Text(
        "Let the class choose a card, and ask what they expect before it opens.",
        "让大家挑一张卡片，打开之前先问：你预计会看到什么？",
    ),
}
