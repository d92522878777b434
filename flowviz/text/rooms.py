"""The class room: the teacher's side, the students' side, and what is refused."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # The teacher.
    "rooms.title": Text("Class room", "课堂"),
    "rooms.open": Text("Open a room", "开设课堂"),
    "rooms.open.help": Text(
        "Students join with a phone and follow this page, or answer its question. No accounts, "
        "no names; the room is deleted after a day.",
        "学生用手机加入，跟随本页或回答其中的问题。不需要账号，不记姓名；课堂保留一天后删除。",
    ),
    "rooms.code": Text("Room", "课堂"),
    "rooms.address": Text("Join at {address}", "加入地址：{address}"),
    "rooms.qr": Text("QR code to join the room {name}", "加入课堂 {name} 的二维码"),
    "rooms.students": Text("Students", "学生"),
    "rooms.follow": Text("Follow me", "跟随我"),
    "rooms.free": Text("Yours now", "自由探索"),
    "rooms.follow.help": Text(
        "Follow me: every scene that this page shows is shown to all who have not taken their own. "
        "Yours now: everyone keeps the scene and changes it freely.",
        "“跟随我”：本页的每个场景都会显示给尚未自己改动的学生。"
        "“自由探索”：每个人保留当前场景，自由改动。",
    ),
    "rooms.answered.flow": Text(
        "{n} {n:answer|answers} to step {step}", "第 {step} 步：已收到 {n} 份答案"
    ),
    "rooms.answered.images": Text(
        "{n} {n:answer|answers} to step {step} on images", "图像第 {step} 步：已收到 {n} 份答案"
    ),
    "rooms.answered.exit": Text(
        "{n} {n:answer|answers} to the exit question", "结课题：已收到 {n} 份答案"
    ),
    "rooms.answered.exercise": Text(
        "{n} {n:answer|answers} to the question", "本题已收到 {n} 份答案"
    ),
    "rooms.ask": Text("Question for the class", "向全班提问"),
    "rooms.ask.help": Text(
        "The question is about the scene as it is now; for a point, about the inspected one. The "
        "picture is covered here and on the telephones until the answer is shown.",
        "问题针对当前场景；问到一点时，就是正在查看的点。公布答案之前，这里和手机上的图都会遮住。",
    ),
    "rooms.ask.start": Text("Ask the class", "提问"),
    "rooms.ask.reveal": Text("Show the answer", "公布答案"),
    "rooms.ask.again": Text("Ask again", "重新提问"),
    "rooms.ask.end": Text("End the question", "结束提问"),
    "rooms.show": Text("Show the class's answers", "显示全班的答案"),
    "rooms.close": Text("Close the room", "关闭课堂"),
    "rooms.lost": Text("The room is closed.", "课堂已关闭。"),
    "rooms.class.n": Text("class, n = {n}", "全班，n = {n}"),
    "rooms.outside": Text("outside the axis: {{n}}", "坐标轴范围之外：{{n}}"),
    # The student.
    "rooms.join": Text("Join a room", "加入课堂"),
    "rooms.join.label": Text("The room's word and number", "课堂的单词和数字"),
    "rooms.join.unknown": Text(
        "There is no room of that name now. It is a word and a number, as river-427.",
        "现在没有这个课堂。课堂名由一个单词和一个数字组成，例如 river-427。",
    ),
    "rooms.said.room": Text("Room {name}", "课堂 {name}"),
    "rooms.said.lock": Text("Lock my answer", "锁定我的答案"),
    "rooms.said.locked": Text("Locked: {{answer}}", "已锁定：{{answer}}"),
    "rooms.said.change": Text("Change my answer", "修改我的答案"),
    "rooms.said.missing": Text("Answer every question first.", "请先回答所有问题。"),
    "rooms.said.yours": Text("Your answer: {{answer}}", "你的答案：{{answer}}"),
    "rooms.said.none": Text("No answer from you.", "你没有作答。"),
    "rooms.said.following": Text(
        "You see the teacher's scene; the next one comes by itself.",
        "你看到的是老师的场景，下一个场景会自动出现。",
    ),
    "rooms.said.take": Text("Take my own", "我自己来"),
    "rooms.said.own": Text(
        "This scene is your own; the teacher's does not replace it.",
        "这是你自己的场景，不会被老师的场景替换。",
    ),
    "rooms.said.return": Text("Follow the teacher", "跟随老师"),
    "rooms.said.free": Text("Yours now: change what you like.", "自由探索：可以随意改动。"),
    "rooms.said.elsewhere": Text("The teacher's page ↗", "老师的页面 ↗"),
    "rooms.said.closed": Text(
        "The room is closed; this page goes on working.", "课堂已关闭，本页仍可继续使用。"
    ),
    "rooms.said.offline": Text("No connection; trying again…", "连接中断，正在重试……"),
    # Refused.
    "error.room.unknown": Text(
        "There is no such room, or it is closed.", "没有这个课堂，或课堂已关闭。"
    ),
    "error.room.key": Text(
        "Only the teacher of this room may do that.", "只有本课堂的老师可以这样做。"
    ),
    "error.room.state": Text(
        "A room's state is a step of the lesson, a page, the link of its scene, and two yes or no.",
        "课堂的状态由课程步骤、页面、场景链接和两个是非值组成。",
    ),
    "error.room.message": Text(
        "This message is not understood; reload the page.", "无法识别这条消息，请刷新页面。"
    ),
    "error.room.answer": Text(
        "The answer does not fit the question: a number for each field, or one of its options.",
        "答案与问题不符：每一项应填一个数，或选择其中一个选项。",
    ),
    "error.room.closed": Text("This question takes no more answers.", "这个问题已停止收集答案。"),
    "error.room.full": Text("The room is full.", "课堂人数已满。"),
    "error.room.many": Text(
        "Too many rooms are open now. Try again in a minute.",
        "现在开设的课堂太多，请一分钟后再试。",
    ),
    "error.room.store": Text(
        "Rooms cannot be kept at the moment; everything else works.",
        "目前无法保存课堂，其他功能不受影响。",
    ),
    "error.room.busy": Text(
        "The server is busy. Try again in a moment.", "服务器正忙，请稍后再试。"
    ),
}
